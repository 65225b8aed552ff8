// The local server beside a real one: the area kinds.

import { kinds } from './cases/kinds.ts';
import { describeArea } from './run-area.ts';

describeArea(kinds);
