// The pod that loads a Revision's code once, to see whether it can be loaded, and never serves.

import type { Container, Pod } from '../../api/kubernetes.ts';
import { env as envNames, labels, managedByRouse } from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { buildRevisionOwner } from './build-deployment.ts';
import { buildPodTemplate, type PodSettings } from './build-pod-template.ts';

/** Where the user asks for nothing: it loads once, and may stand there for some seconds more. */
const proofRequests = { cpu: '10m', memory: '16Mi' } as const;

/** Whether its proof pod takes next to nothing from its node. */
export function holdsLittle(revision: Revision): boolean {
  return revision.spec.resources === undefined;
}

export function buildProofPod(revision: Revision, settings: PodSettings): Pod {
  const { name, namespace } = revision.metadata;
  const template = buildPodTemplate(revision, settings);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${name}-proof-`,
      ...(namespace !== undefined && { namespace }),
      // Never `labels.revision`: the Revision's ReplicaSet would adopt it, and the activator would send it requests.
      labels: {
        ...revision.spec.podTemplate?.labels,
        [labels.function]: revision.spec.functionName,
        [labels.proof]: name,
        [labels.managedBy]: managedByRouse,
      },
      ...(template.metadata?.annotations && { annotations: template.metadata.annotations }),
      ownerReferences: [buildRevisionOwner(revision)],
    },
    spec: {
      ...template.spec,
      containers: template.spec.containers.map((one) => buildProofContainer(one, revision)),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
    },
  };
}

/**
 * The same for two Revisions of plain images whose proof pods differ in nothing but the names in their environment.
 * `undefined` where code is loaded: it is the code that is proved there.
 */
export function buildProofIdentity(revision: Revision, settings: PodSettings): object | undefined {
  if (revision.spec.image === undefined) return undefined;
  const { spec } = buildProofPod(revision, settings);
  const { namespace } = revision.metadata;
  const { labels: own, annotations } = revision.spec.podTemplate ?? {};
  const containers = spec.containers.map((one) => ({
    ...one,
    env: one.env?.filter(({ name }) => !ownNames.has(name)),
  }));
  return { namespace, labels: own, annotations, spec: { ...spec, containers } };
}

const ownNames: ReadonlySet<string> = new Set([envNames.function, envNames.revision]);

/** Who proves knocks: the kubelet asking too would cost more requests and an Event. */
function buildProofContainer(served: Container, revision: Revision): Container {
  const container = { ...served };
  delete container.readinessProbe;
  // What the user asks for is proved too: that there is room for it.
  if (holdsLittle(revision)) container.resources = { requests: proofRequests };
  return container;
}
