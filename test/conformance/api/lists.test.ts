// The local server beside a real one: the area lists.

import { lists } from './cases/lists.ts';
import { describeArea } from './run-area.ts';

describeArea(lists);
