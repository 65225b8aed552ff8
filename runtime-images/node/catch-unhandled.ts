// What happens to errors that user code leaves unhandled: they fail their own request, and the pod lives.

import { describeThrown, logLine } from './log-lines.ts';
import { exitCodes } from './contract-names.ts';

/** Node's own state is broken: no answer of this process can be trusted any more. */
const corruptCodes = new Set(['ERR_INTERNAL_ASSERTION']);

/** `failCurrent` answers the request in whose context the error arose; false when there is none. */
export function catchUnhandled(failCurrent: (error: unknown) => boolean): void {
  const handle = (kind: string, error: unknown): void => {
    if (corruptCodes.has(String((error as { code?: unknown } | null)?.code))) {
      logLine('error', 'the process is corrupt and ends', describeThrown(error));
      process.exit(exitCodes.corrupt);
    }
    // The asynchronous context survives into these events, so the error finds its request.
    if (!failCurrent(error)) logLine('error', kind, describeThrown(error));
  };
  process.on('uncaughtException', (error) => handle('uncaught exception', error));
  process.on('unhandledRejection', (error) => handle('unhandled rejection', error));
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    // A bundle has no package.json to add "type" to, so this advice could not be followed.
    if ((warning as { code?: string }).code === 'MODULE_TYPELESS_PACKAGE_JSON') return;
    logLine('warn', `${warning.name}: ${warning.message}`);
  });
}
