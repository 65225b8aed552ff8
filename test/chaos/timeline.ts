// What happened when, for the report of a failure.

export class Timeline {
  readonly #startedMs = performance.now();
  readonly #lines: { readonly atMs: number; readonly text: string }[] = [];

  add(text: string, atMs = performance.now()): void {
    this.#lines.push({ atMs, text });
  }

  /** In seconds from the start, in the order of time. */
  print(): string {
    return this.#lines
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(
        ({ atMs, text }) => `${((atMs - this.#startedMs) / 1000).toFixed(3).padStart(8)} ${text}`,
      )
      .join('\n');
  }
}
