// Reads Kubernetes' simple JSON paths (.status.conditions[?(@.type=="Ready")].status) with a real JSONPath library.

import { compile } from 'json-p3';

type Query = { query(value: never): { values(): unknown[] } };

const compiled = new Map<string, Query | undefined>();
/** Paths come from CRDs, which anyone may make. */
const compiledMax = 2000;

/** The first value the path selects; `undefined` for none and for a path that is not one. */
export function readJsonPath(path: string, object: unknown): unknown {
  const query = compilePath(path);
  try {
    return query?.query(object as never).values()[0];
  } catch {
    return undefined;
  }
}

/** Whether a CRD may have it as a column's jsonPath. */
export function isJsonPath(path: string): boolean {
  return compilePath(path) !== undefined;
}

function compilePath(path: string): Query | undefined {
  if (compiled.has(path)) return compiled.get(path);
  if (compiled.size >= compiledMax) compiled.clear();
  let query: Query | undefined;
  try {
    query = compile(toStandardPath(path));
  } catch {
    query = undefined;
  }
  compiled.set(path, query);
  return query;
}

/** Kubernetes leaves out the `$` and writes a dot inside a name as `\.`. */
export function toStandardPath(path: string): string {
  const inner = path.trim().replace(/^\{(.*)\}$/, '$1');
  const names = inner.replaceAll(
    /\.((?:[^.[\]\\'"()]|\\.)*\\\.(?:[^.[\]\\'"()]|\\.)*)/g,
    (_all, name: string) => `['${name.replaceAll(/\\(.)/g, '$1').replaceAll("'", "\\'")}']`,
  );
  // A name with a dash is fine in Kubernetes' dialect, not in the standard one.
  const quoted = names.replaceAll(/\.([A-Za-z_][\w]*-[\w-]*)(?=[.[]|$)/g, "['$1']");
  return quoted.startsWith('$')
    ? quoted
    : `$${quoted.startsWith('.') || quoted.startsWith('[') ? '' : '.'}${quoted}`;
}
