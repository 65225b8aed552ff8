// Marks an object of ours so that `helm install rouse charts/rouse -n rouse-system` takes it as its own.

import type { KubeObject } from '../api/kubernetes.ts';
import { system } from '../api/names.ts';

const releaseName = 'rouse';

/** Helm refuses objects that are there without these; a release of another name needs --take-ownership. */
export function buildHelmOwned<T extends KubeObject>(object: T): T {
  const { metadata } = object;
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        ...metadata.annotations,
        'meta.helm.sh/release-name': releaseName,
        'meta.helm.sh/release-namespace': system.namespaceDefault,
      },
    },
  };
}
