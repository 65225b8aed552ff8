// Waits for a condition with a deadline, so that no test has to sleep and hope.

export interface WaitOptions {
  /** What is waited for, as it reads in "waited 5000 ms for …". */
  readonly what: string;
  /** Default 10_000. */
  readonly deadlineMs?: number;
  /** Between two looks, default 20, at most 50. */
  readonly stepMs?: number;
}

const deadlineMsDefault = 10_000;
const stepMsDefault = 20;
const stepMsMax = 50;

/** Asks until the answer is neither `undefined` nor `false`; an error of `ask` counts as "not yet". */
export async function waitFor<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  options: WaitOptions,
): Promise<T> {
  const deadlineMs = options.deadlineMs ?? deadlineMsDefault;
  const stepMs = Math.min(options.stepMs ?? stepMsDefault, stepMsMax);
  const startedMs = performance.now();
  let lastError: unknown;
  do {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await new Promise((resolve) => setTimeout(resolve, stepMs));
  } while (performance.now() - startedMs < deadlineMs);
  throw new Error(`waited ${deadlineMs} ms for ${options.what}`, { cause: lastError });
}
