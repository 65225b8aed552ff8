// The local server beside a real one: the area workloads.

import { workloads } from './cases/workloads.ts';
import { describeArea } from './run-area.ts';

describeArea(workloads);
