// Reads which Function a path of the form /function/NAMESPACE/NAME/rest names.

import { isDnsLabel, type FunctionName } from './parse-host.ts';

export interface FunctionPath extends FunctionName {
  /** /function/NAMESPACE/NAME: what was taken off. */
  readonly prefix: string;
  /** What the function sees: starts with a slash and keeps the query. */
  readonly rest: string;
}

const start = '/function/';

/** `target` is the request's path with its query. `undefined` when it has another form. */
export function parseFunctionPath(target: string): FunctionPath | undefined {
  if (!target.startsWith(start)) return undefined;
  const query = target.indexOf('?');
  const end = query < 0 ? target.length : query;
  const middle = target.indexOf('/', start.length);
  if (middle < 0 || middle > end) return undefined;
  const slash = target.indexOf('/', middle + 1);
  const nameEnd = slash < 0 || slash > end ? end : slash;
  const namespace = target.slice(start.length, middle);
  const name = target.slice(middle + 1, nameEnd);
  if (!isDnsLabel(namespace) || !isDnsLabel(name)) return undefined;
  const rest = target.slice(nameEnd);
  return {
    namespace,
    name,
    prefix: target.slice(0, nameEnd),
    rest: rest.startsWith('/') ? rest : `/${rest}`,
  };
}
