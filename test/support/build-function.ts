// Functions and Revisions as the API server would hand them out, for tests of pure code.

import { functionDefaults, type FunctionSpec, type RouseFunction } from '../../api/function.ts';
import type { Condition } from '../../api/kubernetes.ts';
import { groupVersion } from '../../api/names.ts';
import { revisionName, type Revision } from '../../api/revision.ts';

export function buildTestFunction(
  spec: Partial<FunctionSpec> = {},
  status?: RouseFunction['status'],
): RouseFunction {
  const { concurrency, scaling, traffic } = functionDefaults;
  return {
    apiVersion: groupVersion,
    kind: 'Function',
    metadata: { name: 'hello', namespace: 'shop', uid: 'function-uid', generation: 1 },
    spec: {
      runtime: 'node',
      source: { inline: 'code' },
      signature: 'auto',
      timeoutSeconds: 60,
      concurrency: { ...concurrency },
      scaling: { ...scaling },
      traffic: traffic.map((one) => ({ ...one })),
      ...spec,
    },
    ...(status && { status }),
  };
}

/** `ready` becomes its condition Ready; left out, there is none yet. */
export function buildTestRevision(
  number: number,
  ready?: Partial<Condition> & Pick<Condition, 'status'>,
  spec: Partial<Revision['spec']> = {},
): Revision {
  const { source: _, scaling: __, traffic: ___, ...template } = buildTestFunction().spec;
  const name = revisionName('hello', number);
  const owner = { apiVersion: groupVersion, kind: 'Function', name: 'hello', uid: 'function-uid' };
  return {
    apiVersion: groupVersion,
    kind: 'Revision',
    metadata: { name, namespace: 'shop', uid: `${name}-uid`, ownerReferences: [owner] },
    spec: {
      functionName: 'hello',
      number,
      ...template,
      codeDigest: 'c',
      templateDigest: `template-${number}`,
      ...spec,
    },
    ...(ready && { status: { conditions: [{ type: 'Ready', ...ready }] } }),
  };
}
