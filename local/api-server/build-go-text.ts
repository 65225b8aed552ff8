// A value as Go prints it, which is how Kubernetes' errors show what they were given.

/** For example `map[spec:map[replicas:three]]`. */
export function buildGoText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(buildGoText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return `map[${fields.map(([key, one]) => `${key}:${buildGoText(one)}`).join(' ')}]`;
}
