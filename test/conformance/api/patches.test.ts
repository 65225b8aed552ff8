// The local server beside a real one: the area patches.

import { patches } from './cases/patches.ts';
import { describeArea } from './run-area.ts';

describeArea(patches);
