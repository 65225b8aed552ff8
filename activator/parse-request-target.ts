// Reads the target of a request line: a path, or a whole address as a proxy gets it.

import { isAuthority } from './parse-host.ts';

export interface RequestTarget {
  /** The authority of an absolute target; it then counts, not the Host header. */
  readonly host: string | undefined;
  /** Starts with a slash and keeps the query. */
  readonly path: string;
}

/**
 * Long enough for a signed URL with a token in it; longer ones are almost always an accident or an
 * attack.
 */
export const targetLengthMax = 16 * 1024;
const absolute = /^https?:\/\/([^/?]+)/i;

/** `undefined` when it is too long or neither a path nor an http address. */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  // A fragment is never sent; the next reader may cut it off, or not.
  if (target.length > targetLengthMax || target.includes('#')) return undefined;
  if (target.startsWith('/')) return { host: undefined, path: target };
  const match = absolute.exec(target);
  if (match === null) return undefined;
  const authority = match[1] ?? '';
  const rest = target.slice(match[0].length);
  // A user name before the host, for one, would make two readers see two hosts.
  if (!isAuthority(authority)) return undefined;
  return { host: authority, path: rest.startsWith('/') ? rest : `/${rest}` };
}
