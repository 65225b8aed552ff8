// The local server beside a real one: the area objects.

import { objects } from './cases/objects.ts';
import { describeArea } from './run-area.ts';

describeArea(objects);
