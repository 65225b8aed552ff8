// A Node function's process: listens on both ports at once, loads what it is sent, and leaves when told.

import { ClaimMark } from './claim-mark.ts';
import { captureConsole, logLine, setLogOrigin } from './log-lines.ts';
import { catchUnhandled } from './catch-unhandled.ts';
import { createControlServer } from './control-server.ts';
import { Drain } from './drain.ts';
import { exitCodes, timeoutGraceMs } from './contract-names.ts';
import { finishWaitUntil } from './signature-fetch.ts';
import { FunctionServer } from './function-server.ts';
import { listen } from './listen.ts';
import { loadFunction } from './load-function.ts';
import { PodState, type PodPorts } from './pod-state.ts';
import { readSettings } from './read-settings.ts';
import { rehearseSoon } from './rehearse.ts';
import type { Settings } from './read-settings.ts';
import { removeWrittenFiles } from './write-files.ts';
import { SignatureVerifier } from './verify-signature.ts';

function start(settings: Settings): void {
  const functions = new FunctionServer();
  const verifier = new SignatureVerifier({
    podUid: settings.podUid,
    publicKey: settings.controlPublicKey,
  });
  let timeoutMs = 0;
  const pod = new PodState({
    ...buildMarkPorts(settings),
    load: (bundle) => {
      setLogOrigin(bundle);
      captureConsole();
      return loadFunction(bundle, settings);
    },
    onLoaded: (bundle, loaded) => {
      timeoutMs = bundle.timeoutMs;
      functions.serve({ ...loaded, timeoutMs, concurrencyLimit: bundle.concurrencyLimit });
    },
  });
  const drain = new Drain(
    {
      startDraining: () => {
        pod.startDraining();
        functions.startDraining();
      },
      finish: () => functions.finish().then(finishWaitUntil),
      exit: (code) => process.exit(code),
      nowMs: () => performance.now(),
    },
    settings,
  );
  const control = createControlServer({
    verifier,
    specialize: (bundle) => pod.specialize(bundle),
    state: () => pod.answer(),
    stats: () => functions.stats(),
    drain: () => drain.start(),
  });

  const leave = (): void => {
    const isEmpty = pod.phase === 'waiting' || pod.phase === 'failed';
    drain.leave({ busyMsMax: timeoutMs + timeoutGraceMs, isEmpty });
  };
  // Process 1 has no default action for signals: without a handler SIGTERM would do nothing.
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  process.on('exit', (code) => {
    const { inFlight } = functions.stats();
    if (inFlight > 0)
      logLine('error', `the process ends (${code}) with ${inFlight} requests in flight`);
    removeWrittenFiles();
  });
  catchUnhandled((error) => functions.failCurrent(error));
  for (const [server, port] of [
    [control, settings.controlPort],
    [functions.server, settings.port],
  ] as const) {
    listen(server, { port, host: settings.listenHost }, (error) =>
      stopStart(`cannot listen on port ${port}: ${error.message}`),
    );
  }
  // Done while the first request is still on its way: 4 ms that it would otherwise wait for.
  setImmediate(() => prepare(verifier));
  if (settings.isParked) {
    rehearseSoon({ ...settings, control, isWaiting: () => pod.phase === 'waiting' });
  }
}

function buildMarkPorts(settings: Settings): Pick<PodPorts, 'mark' | 'writeMark'> {
  // A pod that was made for one Function is sent no other.
  if (!settings.isParked) return { mark: undefined, writeMark: () => undefined };
  const claim = new ClaimMark(settings.markDirectory, settings.podUid);
  try {
    return { mark: claim.read(), writeMark: (bundle) => claim.write(bundle) };
  } catch (error) {
    stopStart((error as Error).message);
  }
}

function prepare(verifier: SignatureVerifier): void {
  try {
    verifier.prepare();
  } catch (error) {
    stopStart((error as Error).message);
  }
}

function stopStart(message: string): never {
  logLine('error', message);
  process.exit(exitCodes.cannotStart);
}

let settings: Settings;
try {
  settings = readSettings(process.env);
} catch (error) {
  stopStart((error as Error).message);
}
start(settings);
