// The local server beside a real one: the area watches.

import { watches } from './cases/watches.ts';
import { describeArea } from './run-area.ts';

describeArea(watches);
