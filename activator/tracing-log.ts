// What OpenTelemetry's SDK complains about, as a few lines of our own log however often it does.

import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';

/** A collector that is away would be news with every batch. */
const linesPerMinuteMax = 5;
const minuteMs = 60_000;
const textLengthMax = 1_000;

/** Spans are lost, and nothing else, so it never says more than `warn`. */
export class TracingLog {
  readonly #clock: Clock;
  readonly #log: Log;
  #minuteEndsAtMs = 0;
  #lines = 0;
  #skipped = 0;

  constructor(ports: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = ports.clock;
    this.#log = ports.log;
  }

  error(...what: unknown[]): void {
    this.warn(...what);
  }

  warn(...what: unknown[]): void {
    const nowMs = this.#clock.now();
    if (nowMs >= this.#minuteEndsAtMs) {
      this.#minuteEndsAtMs = nowMs + minuteMs;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > linesPerMinuteMax) {
      this.#skipped += 1;
      return;
    }
    const why = what.map(textOf).join(' ').slice(0, textLengthMax);
    const skipped = this.#skipped > 0 ? { skipped: this.#skipped } : {};
    this.#skipped = 0;
    this.#log.warn({ why, ...skipped }, 'tracing: spans may be lost');
  }

  info(): void {}
  debug(): void {}
  verbose(): void {}
}

function textOf(part: unknown): string {
  // Of several addresses that all refused, Node's error has a code and no message.
  if (part instanceof Error) {
    return part.message || (part as NodeJS.ErrnoException).code || part.name;
  }
  return typeof part === 'string' ? part : (JSON.stringify(part) ?? String(part));
}
