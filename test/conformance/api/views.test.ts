// The local server beside a real one: the area views.

import { views } from './cases/views.ts';
import { describeArea } from './run-area.ts';

describeArea(views);
