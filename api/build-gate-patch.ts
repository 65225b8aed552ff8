// A pod's scheduling gates: where one is, and the JSON patch that lifts it.

import type { PodSpec } from './kubernetes.ts';

/** Index of the gate of this name among the pod's; -1 without it. */
export function findGate(spec: Pick<PodSpec, 'schedulingGates'>, gate: string): number {
  return spec.schedulingGates?.findIndex((one) => one.name === gate) ?? -1;
}

/** Refused where the pod is another one, or its gates are not what they were. */
export function buildGatePatch(uid: string | undefined, index: number, gate: string): object[] {
  const path = `/spec/schedulingGates/${index}`;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path, value: { name: gate } },
    { op: 'remove', path },
  ];
}
