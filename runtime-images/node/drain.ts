// How the pod goes away: a lame-duck time in which it still serves, then what is in flight, then exit 0.

export interface DrainPorts {
  /** /ready says draining, answers close their connections. */
  readonly startDraining: () => void;
  /** Stops listening; resolves when nothing is in flight. */
  readonly finish: () => Promise<void>;
  readonly exit: (code: number) => void;
  readonly nowMs: () => number;
}

export class Drain {
  readonly #ports: DrainPorts;
  readonly #lameDuckMs: number;
  #startedAtMs: number | undefined;
  #isLeaving = false;

  constructor(ports: DrainPorts, options: { lameDuckMs: number }) {
    this.#ports = ports;
    this.#lameDuckMs = options.lameDuckMs;
  }

  /** Asked for by POST /drain: the process stays until it is told to end. */
  start(): void {
    if (this.#startedAtMs !== undefined) return;
    this.#startedAtMs = this.#ports.nowMs();
    this.#ports.startDraining();
  }

  /**
   * SIGTERM. The lame-duck time covers callers that have not yet heard that this pod goes; it counts from the
   * drain's start. `busyMsMax`: how long requests in flight may still take after it. `isEmpty`: there is no function,
   * so nobody can be calling.
   */
  leave(options: { busyMsMax: number; isEmpty: boolean }): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.start();
    if (options.isEmpty) {
      this.#ports.exit(0);
      return;
    }
    const goneMs = this.#ports.nowMs() - (this.#startedAtMs as number);
    setTimeout(
      () => {
        setTimeout(() => this.#ports.exit(0), options.busyMsMax);
        void this.#ports.finish().then(() => this.#ports.exit(0));
      },
      Math.max(0, this.#lameDuckMs - goneMs),
    );
  }
}
