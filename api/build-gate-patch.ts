// The JSON patch that lifts a pod's gate: refused where the pod is another one, or its gates are not what they were.

import { claimGate } from './names.ts';

/** `index`: of the gate among the pod's scheduling gates. */
export function buildGatePatch(
  uid: string | undefined,
  index: number,
  gate: string = claimGate,
): object[] {
  const path = `/spec/schedulingGates/${index}`;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path, value: { name: gate } },
    { op: 'remove', path },
  ];
}
