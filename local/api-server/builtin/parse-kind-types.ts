// Reads the compact notation in which the fields of Kubernetes' built-in kinds are written down.

/** One field: `ports:ContainerPort[]~containerPort` is a list that merges by containerPort. */
export interface FieldType {
  readonly name: string;
  /** A type's name, or a scalar: string, int, long, bool, number, bytes, Time, Quantity, IntOrString and the like. */
  readonly type: string;
  readonly shape: 'one' | 'list' | 'map';
  /** Strategic merge patches match items by it; empty for a list of scalars that merges as a set. */
  readonly mergeKey?: string;
  /** `!`: a patch says which of the object's keys stay. */
  readonly retainsKeys: boolean;
}

export type ObjectType = ReadonlyMap<string, FieldType>;
export type KindTypes = ReadonlyMap<string, ObjectType>;

/** A line that begins with a space goes on with the type above it. */
export function parseKindTypes(text: string): KindTypes {
  const types = new Map<string, Map<string, FieldType>>();
  let fields = new Map<string, FieldType>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const words = line.trim().split(' ');
    if (!line.startsWith(' ')) {
      fields = new Map();
      types.set(words.shift() ?? '', fields);
    }
    for (const word of words) {
      const field = parseField(word);
      fields.set(field.name, field);
    }
  }
  return types;
}

function parseField(word: string): FieldType {
  const match = /^([^:]+):(\w+)(\[\]|\{\})?(?:~(\w*))?(!)?$/.exec(word);
  if (match === null) throw new Error(`not a field of a kind: ${word}`);
  const [, name = '', type = '', dimension, mergeKey, retains] = match;
  return {
    name,
    type,
    shape: dimension === '[]' ? 'list' : dimension === '{}' ? 'map' : 'one',
    ...(mergeKey !== undefined && { mergeKey }),
    retainsKeys: retains !== undefined,
  };
}
