// Lines that say what is being done and for how long, so that nobody wonders at minute five.

const tickMs = 15_000;

export function say(line: string): void {
  console.log(line);
}

/** Says what starts, that it still goes on, and how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const seconds = () => ((performance.now() - startedMs) / 1000).toFixed(1);
  say(`${what} ...`);
  const ticker = setInterval(() => say(`  ... ${what}: ${seconds()} s`), tickMs);
  try {
    const result = await work();
    say(`  done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}
