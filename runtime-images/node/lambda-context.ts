// The context object that a Lambda handler gets as its second argument.

import type { Invocation } from './invocation.ts';

export interface LambdaContextOrigin {
  readonly functionName: string;
  readonly revision: string;
  readonly namespace: string;
}

type Done = (error?: unknown, result?: unknown) => void;

export class LambdaContext {
  readonly functionName: string;
  /** The Revision's name: what a published version is on Lambda. */
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly identity = undefined;
  readonly clientContext = undefined;
  /** Has no effect: the answer goes out as soon as there is one. */
  callbackWaitsForEmptyEventLoop = true;
  readonly #invocation: Invocation;
  readonly #done: Done;
  #isDoneByContext = false;

  constructor(invocation: Invocation, origin: LambdaContextOrigin, done: Done) {
    this.#invocation = invocation;
    this.#done = done;
    this.functionName = origin.functionName;
    this.functionVersion = origin.revision;
    this.invokedFunctionArn = `arn:rouse:lambda:${origin.namespace}:000000000000:function:${origin.functionName}`;
    this.awsRequestId = invocation.id;
    this.logGroupName = `/rouse/${origin.namespace}/${origin.functionName}`;
    this.logStreamName = origin.revision;
    // Handlers take it out of the context and call it alone.
    this.getRemainingTimeInMillis = this.getRemainingTimeInMillis.bind(this);
  }

  getRemainingTimeInMillis(): number {
    return this.#invocation.remainingMs();
  }

  /** A string, as on Lambda: the container's memory limit, or the machine's memory. */
  get memoryLimitInMB(): string {
    const bytes = process.constrainedMemory() || process.getBuiltinModule('node:os').totalmem();
    const total = Math.min(bytes, process.getBuiltinModule('node:os').totalmem());
    return String(Math.round(total / (1024 * 1024)));
  }

  /** Rouse's own: fires when the caller leaves or the time is up. */
  get signal(): AbortSignal {
    return this.#invocation.signal;
  }

  /** Whether the handler has taken one of the three below, and so will end by calling it. */
  get isDoneByContext(): boolean {
    return this.#isDoneByContext;
  }

  get done(): Done {
    this.#isDoneByContext = true;
    return this.#done;
  }

  get succeed(): (result?: unknown) => void {
    this.#isDoneByContext = true;
    return (result) => this.#done(undefined, result);
  }

  get fail(): (error?: unknown) => void {
    this.#isDoneByContext = true;
    return (error) => this.#done(error ?? new Error('context.fail was called'));
  }
}
