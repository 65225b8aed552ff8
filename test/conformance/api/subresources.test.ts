// The local server beside a real one: the area subresources.

import { subresources } from './cases/subresources.ts';
import { describeArea } from './run-area.ts';

describeArea(subresources);
