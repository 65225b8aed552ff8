// Takes a path of the Kubernetes API apart into the words RBAC uses: group, resource, namespace, name, subresource.

export interface ApiPath {
  /** Empty for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  /** `undefined` for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** `undefined` for a path that names no resource, such as /version. */
export function parseApiPath(path: string): ApiPath | undefined {
  const [root, ...rest] = path.split('/').filter((part) => part !== '');
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'apis' ? (rest.shift() ?? '') : '';
  rest.shift(); // The version.
  // The collection of namespaces itself has the same beginning as what lies in one.
  const isInNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [, namespace] = isInNamespace ? rest.splice(0, 2) : [];
  const [plural, name, subresource] = rest;
  return plural === undefined ? undefined : { group, plural, namespace, name, subresource };
}
