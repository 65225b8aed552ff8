// Says when a refused caller should come again, from how fast requests are being served now.

export const retryAfterSecondsMax = 60;

/**
 * Seconds until the requests that wait now will have been served at the observed rate: 1..60. With
 * nothing served yet the rate is unknown, and a cold start is over in about a second.
 */
export function buildRetryAfter(waiting: number, servedPerSecond: number): number {
  if (servedPerSecond <= 0) return 1;
  const seconds = Math.ceil(waiting / servedPerSecond);
  return Math.min(retryAfterSecondsMax, Math.max(1, seconds));
}
