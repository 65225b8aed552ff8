// Protobuf bodies become the JSON kubectl meant.

import { describe, expect, it } from '@jest/globals';
import {
  decodeProtobuf,
  UnknownKindError,
} from '../../../../local/api-server/protobuf/decode-protobuf.ts';

// What `kubectl create configmap a --from-literal=x=y` of 1.32 sends.
const configMap = Buffer.from(
  '6b3873000a0f0a02763112' +
    '09436f6e6669674d6170121b0a110a0161120' +
    '01a0022002a00320038004200' +
    '12060a01781201791a002200',
  'hex',
);

describe('decodeProtobuf', () => {
  it('reads a ConfigMap, leaving empty fields out', async () => {
    expect(await decodeProtobuf(configMap)).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { x: 'y' },
    });
  });

  it('refuses bytes that end too early', async () => {
    await expect(decodeProtobuf(configMap.subarray(0, 35))).rejects.toThrow('ends too early');
  });

  it('says so when the kind is unknown', async () => {
    const other = Buffer.from(configMap);
    other.write('Konfig', configMap.indexOf('Config'));
    await expect(decodeProtobuf(other)).rejects.toThrow(UnknownKindError);
  });

  it('refuses text', async () => {
    await expect(decodeProtobuf(Buffer.from('{}'))).rejects.toThrow('expected prefix k8s');
  });
});
