// The local server beside a real one: the area apply.

import { apply } from './cases/apply.ts';
import { describeArea } from './run-area.ts';

describeArea(apply);
