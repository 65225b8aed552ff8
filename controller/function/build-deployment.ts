// The Deployment of a Revision: same name, asleep at first.

import { derivePoolable } from '../../api/derive-poolable.ts';
import type { Deployment, OwnerReference, PodTemplate } from '../../api/kubernetes.ts';
import { claimGate, groupVersion, labels, managedByRouse } from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { buildPodTemplate, type PodSettings } from './build-pod-template.ts';

/** Digest of the pod template as built: tells that an upgrade of the platform wants other pods. */
export const templateDigestAnnotation = 'rouse.dev/template-digest';

/**
 * The largest there is, which Kubernetes takes as none: the Function's own conditions say what keeps a pod from
 * running, and Kubernetes then writes no condition Progressing, up to two requests at every start.
 */
export const noProgressDeadline = 2_147_483_647;

export function buildDeployment(revision: Revision, settings: PodSettings): Deployment {
  const { name, namespace } = revision.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      labels: {
        [labels.function]: revision.spec.functionName,
        [labels.revision]: name,
        [labels.managedBy]: managedByRouse,
      },
      ownerReferences: [buildRevisionOwner(revision)],
    },
    spec: {
      // Starts at zero: only the autoscaler and a wake raise replicas, so nobody fights over the field.
      replicas: 0,
      revisionHistoryLimit: 1,
      progressDeadlineSeconds: noProgressDeadline,
      selector: { matchLabels: { [labels.revision]: name } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: withGate(revision, buildPodTemplate(revision, settings), settings),
    },
  };
}

/** Whether a parked pod may become one of this Revision's. */
export function mayComeFromPool(revision: Revision, settings: PodSettings): boolean {
  return settings.poolMax > 0 && derivePoolable(revision.spec).isPoolable;
}

/** Held back, a new pod costs the node nothing until it is known that no parked one takes its place. */
function withGate(revision: Revision, template: PodTemplate, settings: PodSettings): PodTemplate {
  if (!mayComeFromPool(revision, settings)) return template;
  return { ...template, spec: { ...template.spec, schedulingGates: [{ name: claimGate }] } };
}

/**
 * A JSON patch that replaces the whole pod template: a merge patch would keep every field that the new one has not.
 * What others have annotated stays.
 */
export function buildTemplatePatch(wanted: Deployment, found: Deployment): object[] {
  const digest = wanted.metadata.annotations?.[templateDigestAnnotation];
  const path = `/metadata/annotations/${templateDigestAnnotation.replace('/', '~1')}`;
  const hasAnnotations = found.metadata.annotations !== undefined;
  return [
    ...(hasAnnotations ? [] : [{ op: 'add', path: '/metadata/annotations', value: {} }]),
    { op: 'add', path, value: digest },
    { op: 'replace', path: '/spec/template', value: wanted.spec.template },
  ];
}

export function buildRevisionOwner(revision: Revision): OwnerReference {
  return {
    apiVersion: groupVersion,
    kind: 'Revision',
    name: revision.metadata.name,
    uid: revision.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
