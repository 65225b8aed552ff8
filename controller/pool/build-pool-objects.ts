// What a warm pool consists of: a PodTemplate, and the parked pods made by it: restricted, and holding no function.

import { poolTimeoutSecondsMax } from '../../api/derive-poolable.ts';
import type { Runtime } from '../../api/function.ts';
import type { Pod, PodTemplate, PodTemplateObject } from '../../api/kubernetes.ts';
import { annotations, labels, managedByRouse, poolName, refillGate } from '../../api/names.ts';
import { templateDigestAnnotation } from '../function/build-deployment.ts';
import { buildPoolPodTemplate, type PodSettings } from '../function/build-pod-template.ts';
import { templateHashLabel } from './build-adoption-patch.ts';

export interface PoolRef {
  readonly namespace: string;
  readonly runtime: Runtime;
}

/** Characters of the digest that stand in the label. */
const hashLength = 10;

/** The caller has checked that the runtime is installed. */
export function buildParkedTemplate(runtime: Runtime, settings: PodSettings): PodTemplate {
  const { spec } = buildPoolPodTemplate(runtime, poolTimeoutSecondsMax, settings);
  return { metadata: { labels: buildLabels(runtime) }, spec };
}

/** `digest`: of the template, sha256 in hex. */
export function buildPoolTemplate(
  { namespace, runtime }: PoolRef,
  size: number,
  { template, digest }: { readonly template: PodTemplate; readonly digest: string },
): PodTemplateObject {
  return {
    apiVersion: 'v1',
    kind: 'PodTemplate',
    metadata: {
      name: poolName(runtime),
      namespace,
      labels: buildLabels(runtime),
      annotations: buildNotes(size, digest),
    },
    template,
  };
}

/** The same as a merge patch, over the version that it was decided on: for another size, image or key. */
export function buildPoolTemplatePatch(
  wanted: PodTemplateObject,
  found: PodTemplateObject,
): object {
  const { annotations: notes } = wanted.metadata;
  const { resourceVersion } = found.metadata;
  const isSame = digestIn(wanted) === digestIn(found);
  return {
    metadata: { resourceVersion, annotations: notes },
    ...(!isSame && { template: wanted.template }),
  };
}

/** `isHeld`: it waits until others have started. */
export function buildParkedPod(
  wanted: PodTemplateObject,
  ownerUid: string,
  { isHeld }: { readonly isHeld: boolean },
): Pod {
  const { name, namespace = '' } = wanted.metadata;
  const { metadata, spec } = wanted.template;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${name}-`,
      namespace,
      // A ReplicaSet tells its pods from those of other templates by this label. An adoption puts its own there.
      labels: { ...metadata?.labels, [templateHashLabel]: hashIn(wanted) },
      // A controller, else `kubectl drain` would not touch the pod. When the PodTemplate goes, its pods go.
      ownerReferences: [
        { apiVersion: 'v1', kind: 'PodTemplate', name, uid: ownerUid, controller: true },
      ],
    },
    spec: { ...spec, ...(isHeld && { schedulingGates: [{ name: refillGate }] }) },
  };
}

/** Of a pool's PodTemplate; the label of the pods that were made by it. */
export function hashIn(template: PodTemplateObject): string {
  return digestIn(template).slice(0, hashLength);
}

/** Of a parked pod. */
export function hashOf({ metadata }: Pod): string | undefined {
  return metadata.labels?.[templateHashLabel];
}

/** How many parked pods a pool's PodTemplate says are wanted. */
export function sizeIn({ metadata }: PodTemplateObject): number {
  return Number(metadata.annotations?.[annotations.poolSize] ?? 0);
}

export function digestIn({ metadata }: PodTemplateObject): string {
  return metadata.annotations?.[templateDigestAnnotation] ?? '';
}

function buildLabels(runtime: Runtime): Record<string, string> {
  return { [labels.pool]: runtime, [labels.managedBy]: managedByRouse };
}

function buildNotes(size: number, digest: string): Record<string, string> {
  return { [templateDigestAnnotation]: digest, [annotations.poolSize]: String(size) };
}
