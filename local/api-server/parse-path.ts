// Takes the path of a request apart: which group, version, collection, namespace, object and subresource it names.

export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** Absent for cluster-scoped collections and for lists over all namespaces. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/**
 * Understands /api/v1/... and /apis/GROUP/VERSION/...; `undefined` for anything else. Segments arrive decoded; one that
 * can't be decoded, is empty or holds a slash makes the whole path unknown.
 */
export function parsePath(path: string): ResourcePath | undefined {
  const segments = decodeSegments(path);
  if (segments === undefined) return undefined;
  if (segments[0] === 'api' && segments.length >= 3) {
    return parseResource('', segments[1] ?? '', segments.slice(2));
  }
  if (segments[0] === 'apis' && segments.length >= 4) {
    return parseResource(segments[1] ?? '', segments[2] ?? '', segments.slice(3));
  }
  return undefined;
}

function decodeSegments(path: string): string[] | undefined {
  const segments: string[] = [];
  for (const raw of path.replace(/^\//, '').replace(/\/$/, '').split('/')) {
    const segment = decodeSegment(raw);
    if (segment === undefined || segment === '' || segment.includes('/')) return undefined;
    segments.push(segment);
  }
  return segments;
}

function decodeSegment(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return undefined;
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function parseResource(group: string, version: string, rest: string[]): ResourcePath | undefined {
  // namespaces/NAME[/status|finalize] is an object itself; anything longer is inside of the namespace.
  const isInside = rest[0] === 'namespaces' && rest.length >= 3 && !isOfNamespace(group, rest);
  const [namespace, tail] = isInside ? [rest[1], rest.slice(2)] : [undefined, rest];
  const [plural, name, ...more] = tail;
  if (plural === undefined || more.length > 1) return undefined;
  return { group, version, plural, namespace, name, subresource: more[0] };
}

function isOfNamespace(group: string, rest: string[]): boolean {
  return group === '' && rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}
