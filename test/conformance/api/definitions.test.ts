// The local server beside a real one: the area definitions.

import { definitionsArea } from './cases/definitions.ts';
import { describeArea } from './run-area.ts';

describeArea(definitionsArea);
