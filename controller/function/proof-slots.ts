// How many pods prove at the same moment: a slot is held while a pod starts or loads, not while it waits for a node.

/** Gives a slot back; more than once does nothing. */
export type Release = () => void;

export class ProofSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** In the order of asking. The caller sees to it that it doesn't ask for ever. */
  async take(): Promise<Release> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
  }
}
