// Reads the Accept header: which form of an answer the caller prefers among those this server has.

const protobufType = 'application/vnd.kubernetes.protobuf';

export type AcceptedForm = 'json' | 'table' | 'metadata' | 'metadata-list';

/**
 * In the caller's order; `undefined` when nothing it accepts can be made. Empty or missing means JSON, and so does
 * protobuf, which is read but never written here.
 */
export function parseAccept(accept: string): AcceptedForm | undefined {
  if (accept.trim() === '') return 'json';
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((one) => one.trim());
    const isJson = ['application/json', '*/*', protobufType].includes(type.toLowerCase());
    if (!isJson) continue;
    const values = new Map(parameters.map((one) => splitOnce(one)));
    const as = values.get('as');
    if (as === undefined) return 'json';
    // v1beta1 has the same shape as v1.
    const isKnown = ['v1', 'v1beta1', undefined].includes(values.get('v'));
    if (!isKnown) continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata') return 'metadata';
    if (as === 'PartialObjectMetadataList') return 'metadata-list';
  }
  return undefined;
}

function splitOnce(parameter: string): [string, string] {
  const at = parameter.indexOf('=');
  return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)];
}
