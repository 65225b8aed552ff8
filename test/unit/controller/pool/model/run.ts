// Runs the model checker at a size of one's own: functions, activators, parked pods, faults, and states at most.
import { checkProtocol } from './check-protocol.ts';
import { realPlanners } from './planners.ts';
const [functions = 1, activators = 1, parked = 1, faults = 1, statesMax = 2_000_000] = process.argv
  .slice(2)
  .map(Number);
const startedMs = Date.now();
const result = checkProtocol(realPlanners, { functions, activators, parked, faults, statesMax });
process.stdout.write(`${Date.now() - startedMs} ms ${JSON.stringify(result, null, 1)}\n`);
