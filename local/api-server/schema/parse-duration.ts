// Reads a duration as Go writes it, for example 1h30m or 250ms.

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
};

/** Nanoseconds, or `undefined`. Kubernetes' format also allows one space before the unit, and days. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+) ?(?:ns|us|µs|ms|s|m|h|d))+$/.exec(text);
  if (match === null) return text === '0' ? 0 : undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d*)?|\.\d+) ?(ns|us|µs|ms|s|m|h|d)/g)) {
    sum += Number(count) * (unitNanoseconds[unit ?? ''] ?? 0);
  }
  return match[1] === '-' ? -sum : sum;
}
