// The pod that loads a Revision's code once, to see whether it can be loaded, and never serves.

import type { Pod } from '../../api/kubernetes.ts';
import { labels, managedByRouse } from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';
import { buildRevisionOwner } from './build-deployment.ts';
import { buildPodTemplate, type PodSettings } from './build-pod-template.ts';

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
    spec: { ...template.spec, restartPolicy: 'Never', terminationGracePeriodSeconds: 0 },
  };
}
