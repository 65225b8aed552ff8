// Reads a Kubernetes quantity such as 100m, 1.5Gi or 2e3.

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount in units of one (cores, bytes); `undefined` when it isn't a quantity. */
export function parseQuantity(text: string | number): number | undefined {
  const match = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/.exec(
    String(text),
  );
  if (match === null) return undefined;
  const [, amount, suffix = ''] = match;
  if (/^[eE][+-]?\d/.test(suffix)) return Number(`${amount}${suffix}`);
  return Number(amount) * (suffixes[suffix] ?? 1);
}
