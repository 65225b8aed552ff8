// The local server beside a real one: the area protocol.

import { protocol } from './cases/protocol.ts';
import { describeArea } from './run-area.ts';

describeArea(protocol);
