// Reads the compact notation in which merge-rules.ts says how fields of the built-in kinds merge.

export interface FieldRule {
  /** `always`: also there without being set; `unless-zero`: left out when zero; undefined: left out when not set. */
  readonly presence: 'always' | 'unless-zero' | undefined;
  /** What a missing key of a list item counts as. */
  readonly keyDefault: string | undefined;
  /** A map, or an object, that is one piece. */
  readonly isAtomic: boolean;
  /** Of a list whose items have owners: its keys, none for a set. Undefined: the list is one piece. */
  readonly keys: readonly string[] | undefined;
}

export interface TypeRules {
  /** Objects of this type are one piece. */
  readonly isAtomic: boolean;
  readonly fields: ReadonlyMap<string, FieldRule>;
}

/** A line that begins with a space goes on with the type above it. */
export function parseMergeRules(text: string): ReadonlyMap<string, TypeRules> {
  const types = new Map<string, TypeRules>();
  for (const line of text.trim().replaceAll('\n ', ' ').split('\n')) {
    const [name = '', ...words] = line.split(' ');
    const fields = words.filter((word) => word !== '!').map(parseField);
    types.set(name, { isAtomic: words[0] === '!', fields: new Map(fields) });
  }
  return types;
}

function parseField(word: string): [string, FieldRule] {
  const match = /^([^+?=!~]+)([+?])?(?:=([^~!]+))?(!)?(?:~([\w,]*))?$/.exec(word);
  if (match === null) throw new Error(`not a rule of a field: ${word}`);
  const [, name = '', sign, keyDefault, atomic, keys] = match;
  return [
    name,
    {
      presence: sign === '+' ? 'always' : sign === '?' ? 'unless-zero' : undefined,
      keyDefault,
      isAtomic: atomic !== undefined,
      keys: keys === undefined ? undefined : keys.split(',').filter((key) => key !== ''),
    },
  ];
}
