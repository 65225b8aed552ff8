// Lets has() look behind an index, as cel-go does: cel-js takes only names joined by dots.

const hasCall = /(?<![\w.])has\s*\(/g;
/** `a.b.c`, also `a.?b`. */
const plainPath = /^\s*\w+(\s*\.\s*\??\s*\w+)*\s*$/;
const lastField = /^(.*)\.\s*(\w+)\s*$/s;

/** `has(self.list[0].x)` becomes `(self.list[0]).?x.hasValue()`, which says the same; all else stays as it is. */
export function rewriteHas(rule: string): string {
  const starts = [...maskStrings(rule).matchAll(hasCall)].map((match) => match.index);
  // From the end, so that an inner one is rewritten before the one around it, and places before it stay right.
  return starts.reverse().reduce(rewriteAt, rule);
}

function rewriteAt(text: string, start: number): string {
  const masked = maskStrings(text);
  const open = masked.indexOf('(', start);
  const close = findClose(masked, open);
  if (close === undefined) return text;
  const argument = masked.slice(open + 1, close);
  const field = plainPath.test(argument) ? null : lastField.exec(argument);
  if (field === null) return text;
  const [, before = '', name = ''] = field;
  const target = text.slice(open + 1, open + 1 + before.length);
  return `${text.slice(0, start)}(${target}).?${name}.hasValue()${text.slice(close + 1)}`;
}

function findClose(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    else if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** Strings blotted out, so that what they hold is not taken for CEL; every place stays where it was. */
function maskStrings(text: string): string {
  return text.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, (one) => '_'.repeat(one.length));
}
