// The OpenAPI v2 document in protobuf: just enough for kubectl 1.27 and 1.28 to see that the server checks fields.

interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
}

/**
 * Those kubectls ask for nothing else before they apply. For each kind it has the path of its PATCH with the parameters
 * kubectl looks for; definitions are left to OpenAPI v3. Numbers are the fields of gnostic's OpenAPIv2.proto.
 */
export function buildOpenApiV2(resources: readonly Resource[]): Uint8Array {
  const info = [...text(1, 'Rouse'), ...text(2, 'unversioned')];
  const paths = resources.flatMap((one) => message(2, buildPath(one)));
  return Uint8Array.from([...text(1, '2.0'), ...message(2, info), ...message(8, paths)]);
}

function buildPath({ group, version, plural, kind }: Resource): number[] {
  const groupPath = group === '' ? `api/${version}` : `apis/${group}/${version}`;
  const extension = `group: "${group}"\nkind: ${kind}\nversion: ${version}\n`;
  const patch = [
    ...['dryRun', 'fieldManager', 'fieldValidation'].flatMap(buildParameter),
    ...message(13, [
      ...text(1, 'x-kubernetes-group-version-kind'),
      ...message(2, text(2, extension)),
    ]),
  ];
  return [...text(1, `/${groupPath}/${plural}/{name}`), ...message(2, message(8, patch))];
}

function buildParameter(name: string): number[] {
  const query = [...text(2, 'query'), ...text(4, name), ...text(6, 'string')];
  return message(8, message(1, message(2, message(3, query))));
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, bytes: number[]): number[] {
  return [...varint(field * 8 + 2), ...varint(bytes.length), ...bytes];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
