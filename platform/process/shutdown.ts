// How a process is told to end: SIGTERM, SIGINT, or the loss of the parent that started it.

import type { Log } from './log.ts';

/**
 * Calls `stop` once, at the first sign; a second SIGINT or SIGTERM, or `graceMs` without an end, exits with 1.
 * The process exits 0 when `stop` has resolved.
 */
export function onShutdown(options: {
  readonly log: Log;
  readonly graceMs: number;
  readonly stop: (why: string) => Promise<void>;
}): void {
  const { log, graceMs, stop } = options;
  let stopping = false;
  const begin = (why: string): void => {
    if (stopping) {
      if (why !== 'disconnect') process.exit(1);
      return;
    }
    stopping = true;
    setTimeout(() => {
      log.error({ graceMs }, 'did not stop in time');
      process.exit(1);
    }, graceMs).unref();
    stop(why).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => begin('SIGTERM'));
  process.on('SIGINT', () => begin('SIGINT'));
  // Only children started with an IPC channel have a parent whose loss shows here.
  process.on('disconnect', () => begin('disconnect'));
}

/** Tells whoever started this process that it serves; `detail` must survive JSON. */
export function announceReady(log: Log, detail: Record<string, unknown>): void {
  log.info(detail, 'ready');
  process.send?.({ type: 'ready', ...detail });
}
