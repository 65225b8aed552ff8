// The Accept header picks among the object, a Table and bare metadata.

import { describe, expect, it } from '@jest/globals';
import { parseAccept } from '../../../../local/api-server/parse-accept.ts';

describe('parseAccept', () => {
  it.each([
    ['', 'json'],
    ['*/*', 'json'],
    ['application/json', 'json'],
    ['application/vnd.kubernetes.protobuf,application/json', 'json'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'table'],
    ['application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1', 'metadata-list'],
    ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'metadata'],
    ['text/html', undefined],
  ])('%s gives %s', (accept, form) => {
    expect(parseAccept(accept)).toBe(form);
  });
});
