// Finds the handler among what a module exports.

import type { HandlerReference } from './parse-handler.ts';

const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
const namesShownMax = 10;

export interface FoundHandler {
  /** A function, or an object with a `fetch` function, an app, a server. */
  readonly value: unknown;
  /** Name it was found under; `default` for the module's own. */
  readonly name: string;
}

/** A string is a sentence that says what the module exports instead. */
export function pickHandler(
  module: unknown,
  reference: HandlerReference,
  file: string,
): FoundHandler | string {
  const found = reference.isExplicit ? pickNamed(module, reference) : pickUsual(module);
  if (found !== undefined) return found;
  const wanted = reference.exportPath.join('.');
  const what = wanted === '' ? 'has no default export' : `exports no '${wanted}'`;
  const names = exportNames(module);
  if (names.includes(wanted)) {
    return `${file} exports '${wanted}', but it is no function; export a function of that name`;
  }
  const shown =
    names.slice(0, namesShownMax).join(', ') + (names.length > namesShownMax ? ', ...' : '');
  const instead = names.length === 0 ? 'it exports nothing' : `it exports: ${shown}`;
  return `${file} ${what}; ${instead}. Set spec.handler to FILE.EXPORT`;
}

/** Whether a value can serve requests at all. */
export function isCallable(value: unknown): boolean {
  if (typeof value === 'function') return true;
  if (typeof value !== 'object' || value === null) return false;
  const object = value as Record<string, unknown>;
  const servers = ['fetch', 'callback', 'routing', 'emit', 'handle'];
  return servers.some((name) => typeof object[name] === 'function');
}

function pickNamed(module: unknown, reference: HandlerReference): FoundHandler | undefined {
  if (reference.exportPath.length === 0) {
    const own = defaultExport(module);
    return isCallable(own) ? { value: own, name: 'default' } : methodExports(module);
  }
  let value: unknown = module;
  for (const name of reference.exportPath) value = read(value, name);
  // `export default {handler}` and module.exports by a transpiler both mean the same name.
  if (!isCallable(value)) {
    value = defaultExport(module);
    for (const name of reference.exportPath) value = read(value, name);
  }
  const name = reference.exportPath.at(-1) as string;
  return isCallable(value) ? { value, name } : undefined;
}

function pickUsual(module: unknown): FoundHandler | undefined {
  const own = defaultExport(module);
  if (typeof read(own, 'fetch') === 'function') return { value: own, name: 'default' };
  for (const value of [read(module, 'handler'), read(own, 'handler')]) {
    if (isCallable(value)) return { value, name: 'handler' };
  }
  if (isCallable(own)) return { value: own, name: 'default' };
  const methods = methodExports(module);
  if (methods !== undefined) return methods;
  const named = exportNames(module).filter((name) => typeof read(module, name) === 'function');
  const only = named.length === 1 ? (named[0] as string) : undefined;
  return only === undefined ? undefined : { value: read(module, only), name: only };
}

/** `export function GET(request)`: one function per method, as Vercel and Next have it. */
function methodExports(module: unknown): FoundHandler | undefined {
  const found = httpMethods.filter((method) => typeof read(module, method) === 'function');
  if (found.length === 0) return undefined;
  const methods: Record<string, unknown> = {};
  for (const method of found) methods[method] = read(module, method);
  return { value: { methods, fetch: undefined }, name: 'methods' };
}

/** module.exports itself counts as the default export of a CommonJS file. */
function defaultExport(module: unknown): unknown {
  const isEsm = read(module, '__esModule') === true || isNamespace(module);
  return isEsm ? read(module, 'default') : module;
}

function isNamespace(module: unknown): boolean {
  return (
    typeof module === 'object' &&
    module !== null &&
    (module as Record<symbol, unknown>)[Symbol.toStringTag] === 'Module'
  );
}

function exportNames(module: unknown): string[] {
  if ((typeof module !== 'object' && typeof module !== 'function') || module === null) return [];
  return Object.keys(module).filter((name) => name !== '__esModule' && name !== 'module.exports');
}

function read(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    return undefined;
  return (value as Record<string, unknown>)[name];
}
