// Reads a regular expression of Go (RE2), as CRDs hold them, as a JavaScript one.

const cache = new Map<string, RegExp | undefined>();
const cachedPatternsMax = 2000;

/** `undefined` when JavaScript has no such expression. Flags at the front, \A and \z are understood. */
export function parseGoRegExp(pattern: string): RegExp | undefined {
  if (cache.has(pattern)) return cache.get(pattern);
  if (cache.size >= cachedPatternsMax) cache.clear();
  const regExp = translate(pattern);
  cache.set(pattern, regExp);
  return regExp;
}

function translate(pattern: string): RegExp | undefined {
  const head = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = head?.[1] ?? '';
  const source = pattern
    .slice(head?.[0].length ?? 0)
    .replaceAll(/\(\?P</g, '(?<')
    .replaceAll(/\\([Az])/g, (_all, letter: string) => (letter === 'A' ? '^' : '$(?![\\s\\S])'));
  // The u flag is what \p{L} needs, but it refuses escapes that Go allows, such as \_: so both are tried.
  for (const more of ['u', '']) {
    try {
      return new RegExp(source, flags + more);
    } catch {
      // The next one, or none.
    }
  }
  return undefined;
}
