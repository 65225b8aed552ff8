// Tracing as the data path sees it; what does it is loaded only where it is asked for.

import type { Clock } from '../platform/process/clock.ts';
import type { Log } from '../platform/process/log.ts';
import type { Exchange } from './exchange.ts';
import type { TracingSettings } from './tracing-settings.ts';

export interface Tracing {
  /** As soon as the request is here. */
  begin(exchange: Exchange): RequestTrace;
  /** Sends what is still held, for as long as `timeoutMs`; never rejects. */
  stop(timeoutMs: number): Promise<void>;
}

/** One request's spans. */
export interface RequestTrace {
  /**
   * It goes out to `exchange.endpoint` now. Gives the headers, name and value in turn, that take the place of the
   * caller's `traceHeaders`; `undefined` leaves those as they are.
   */
  startAttempt(): readonly string[] | undefined;
  /** Nobody's code has seen it there, and it goes elsewhere. */
  endAttempt(errorType: string): void;
  /** It is over; what became of it is in the exchange. */
  end(atMs: number): void;
}

export interface TracingPorts {
  readonly identity: string;
  /** That of the exchanges' times. */
  readonly clock: Clock;
  readonly log: Log;
}

export async function startTracing(
  settings: TracingSettings | undefined,
  ports: TracingPorts,
): Promise<Tracing | undefined> {
  if (settings === undefined) return undefined;
  const { SpanTracing } = await import('./span-tracing.ts');
  return new SpanTracing(settings, ports);
}
