// The three methods of Reflect that @peculiar/x509's own dependency insists on, and nothing more of that old proposal.

type Metadata = Map<unknown, unknown>;
type WithMetadata = typeof Reflect & {
  defineMetadata?: (key: unknown, value: unknown, target: object) => void;
  getOwnMetadata?: (key: unknown, target: object) => unknown;
  getMetadata?: (key: unknown, target: object) => unknown;
};

const kept = new WeakMap<object, Metadata>();
const reflect = Reflect as WithMetadata;

reflect.defineMetadata ??= (key, value, target) => {
  const metadata = kept.get(target) ?? new Map<unknown, unknown>();
  kept.set(target, metadata.set(key, value));
};
reflect.getOwnMetadata ??= (key, target) => kept.get(target)?.get(key);
reflect.getMetadata ??= (key, target) => {
  for (let one: object | null = target; one !== null; one = Reflect.getPrototypeOf(one)) {
    if (kept.get(one)?.has(key) === true) return kept.get(one)?.get(key);
  }
  return undefined;
};
