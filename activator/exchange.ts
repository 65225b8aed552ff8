// One request on its way through the chain, and all that its steps leave for each other.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { RouseError } from '../api/errors.ts';
import type { WakeTimeline } from './derive-phases.ts';
import type { Endpoint } from './endpoint.ts';
import type { RevisionState } from './revision-state.ts';
import type { RequestTrace } from './tracing.ts';

export type StepName = 'route' | 'admit' | 'wake' | 'forward' | 'record';

/** A step ends with exactly one of `proceed`, `goTo`, `fail` and `finish`, at once or later. */
export interface Step {
  readonly name: StepName;
  run(exchange: Exchange): void;
}

/** A WebSocket or other upgrade: the caller's socket, and what came on it already. */
export interface Upgrade {
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface ExchangeStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly arrivedAtMs: number;
  /** When it stops waiting for a pod. */
  readonly deadlineAtMs: number;
  readonly host: string;
  readonly path: string;
  readonly upgrade?: Upgrade | undefined;
  /** The caller waits for 100 Continue before it sends the body. */
  readonly expectsContinue?: boolean;
}

/** On a connection: the exchange that came last, until its answer is written out. */
const lastExchange = Symbol('last exchange');
type Connection = Duplex & { [lastExchange]?: Exchange | undefined };

/** Whose answer is not written out yet; what comes on the connection now belongs to its body, or comes after it. */
export function findOpenExchange(connection: Duplex): Exchange | undefined {
  return (connection as Connection)[lastExchange];
}

export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly arrivedAtMs: number;
  readonly deadlineAtMs: number;
  readonly host: string;
  readonly upgrade: Upgrade | undefined;
  readonly expectsContinue: boolean;

  /** What the function will see; set anew by routing when a prefix is taken off. */
  path: string;
  prefix: string | undefined;
  namespace = '';
  functionName = '';
  revision: RevisionState | undefined;
  endpoint: Endpoint | undefined;
  /** The wake it waited for, if it did. */
  wake: WakeTimeline | undefined;
  /** Its spans, where requests are traced. */
  trace: RequestTrace | undefined;
  /** Pods it was sent to, counting those that could not be reached. */
  attempts = 0;
  isCounted = false;
  grantedAtMs = 0;
  firstByteAtMs = 0;
  /** Of the answer: the function's or our own; 499 when the caller went away first. */
  status = 0;
  failure: RouseError | undefined;
  isClientGone = false;
  isOver = false;
  /** What the present step does when the caller goes away; it must end the exchange. */
  onClientGone: (() => void) | undefined;

  #steps: readonly Step[] = [];
  #at = -1;
  readonly #connection: Connection;

  constructor(start: ExchangeStart) {
    this.#connection = start.request.socket;
    this.#connection[lastExchange] = this;
    this.request = start.request;
    this.response = start.response;
    this.requestId = start.requestId;
    this.arrivedAtMs = start.arrivedAtMs;
    this.deadlineAtMs = start.deadlineAtMs;
    this.host = start.host;
    this.path = start.path;
    this.upgrade = start.upgrade;
    this.expectsContinue = start.expectsContinue ?? false;
  }

  run(steps: readonly Step[]): void {
    this.#steps = steps;
    // The answer's `close` comes after every end, good or bad; only before ours it means that the
    // caller went away.
    this.response.once('close', () => this.#onClose());
    this.proceed();
  }

  /** The caller went away, or sends what is no HTTP any more: nobody is left to answer to. */
  leave(): void {
    if (this.isOver || this.isClientGone) return;
    this.isClientGone = true;
    const act = this.onClientGone;
    this.onClientGone = undefined;
    if (act === undefined) this.finish(499);
    else act();
  }

  #onClose(): void {
    const connection = this.#connection;
    // An idle connection must not keep all this in memory.
    if (connection[lastExchange] === this) connection[lastExchange] = undefined;
    this.leave();
  }

  proceed(): void {
    this.onClientGone = undefined;
    this.#at += 1;
    this.#steps[this.#at]?.run(this);
  }

  goTo(name: StepName): void {
    this.#at = this.#steps.findIndex((step) => step.name === name) - 1;
    this.proceed();
  }

  /** Ends it with one of the platform's own answers, which the record step writes. */
  fail(error: RouseError): void {
    this.failure = error;
    this.finish(0);
  }

  /** Ends it; `status` is what the caller got. */
  finish(status: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.status = status;
    this.goTo('record');
  }
}
