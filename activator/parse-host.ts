// Reads which Function a Host header names.

/** Namespace and name of a Function, as found in an address. */
export interface FunctionName {
  readonly namespace: string;
  readonly name: string;
}

/** A DNS name has at most 253 characters; a port adds six. */
export const hostLengthMax = 260;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** A registered name, an IPv4 address, or IPv6 in brackets; then a port, maybe without digits. Or nothing at all. */
const authority = /^(?:(?:[\w.~%!$&'()*+,;=-]+|\[[\da-f:.]{2,45}\])(?::\d{0,5})?)?$/i;
const serviceSuffixes = ['.svc.cluster.local', '.svc'];

/** Whether a text can be the name of a Function or a namespace. */
export function isDnsLabel(text: string): boolean {
  return label.test(text);
}

/** Whether a Host header or the host of an absolute target has the form that every reader reads in one way. */
export function isAuthority(text: string): boolean {
  return text.length <= hostLengthMax && authority.test(text);
}

/**
 * NAME.NAMESPACE.DOMAIN, NAME.NAMESPACE.svc[.cluster.local] or NAME.NAMESPACE, each with or without
 * a port. Case and one trailing dot don't matter. `undefined` for anything else.
 */
export function parseHost(host: string, domain: string): FunctionName | undefined {
  if (host.length === 0 || host.length > hostLengthMax || host.startsWith('[')) return undefined;
  const rest = stripSuffix(stripPort(host.toLowerCase()), domain);
  const dot = rest.indexOf('.');
  if (dot < 1) return undefined;
  const name = rest.slice(0, dot);
  const namespace = rest.slice(dot + 1);
  return isDnsLabel(name) && isDnsLabel(namespace) ? { namespace, name } : undefined;
}

function stripPort(host: string): string {
  const colon = host.indexOf(':');
  const name = colon < 0 ? host : host.slice(0, colon);
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function stripSuffix(name: string, domain: string): string {
  if (domain !== '' && name.endsWith(`.${domain}`)) return name.slice(0, -domain.length - 1);
  const suffix = serviceSuffixes.find((one) => name.endsWith(one));
  return suffix === undefined ? name : name.slice(0, -suffix.length);
}
