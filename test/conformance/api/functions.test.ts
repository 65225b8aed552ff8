// The local server beside a real one: the area functions.

import { functions } from './cases/functions.ts';
import { describeArea } from './run-area.ts';

describeArea(functions);
