// A program that serves one cold request, traced or not as its environment says, and prints what the pod got.

import { monotonicClock } from '../../activator/activator.ts';
import { readSettings } from '../../activator/settings.ts';
import { startTracing } from '../../activator/tracing.ts';
import { createLog } from '../../platform/process/log.ts';
import { Harness } from '../integration/activator/harness.ts';

const { tracing: settings, identity } = readSettings(process.env);
const log = createLog({ component: 'test', level: 'silent' });
const tracing = await startTracing(settings, { identity, clock: monotonicClock, log });
const harness = await new Harness({}, tracing).start();
harness.addFunction();
harness.wakesWith({
  handler: (request, response) => response.end(request.headers.traceparent ?? 'none'),
});
console.log((await harness.call()).body);
await harness.stop();
await tracing?.stop(30_000);
