// How long to wait before Redis is tried again.

const delayMsFirst = 100;
/** So long at most does an outage outlast its cause. */
const delayMsMax = 5_000;

/** Doubles from 100 ms to 5 s; `random`, 0 to 1, takes away up to half, or all programs would come at one moment. */
export function pickRetryDelay(attempt: number, random: number): number {
  const exponent = Math.min(Math.max(attempt, 1) - 1, 30);
  const delayMs = Math.min(delayMsFirst * 2 ** exponent, delayMsMax);
  return Math.round(delayMs * (1 - random / 2));
}
