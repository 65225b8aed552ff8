// Makes what every cluster has from the start, if the storage doesn't have it yet.

import { randomUUID } from 'node:crypto';
import type { AnyObject } from './any-object.ts';
import { commitCreate } from './commit-object.ts';
import type { ServerParts } from './server-parts.ts';
import { timestamp } from './timestamp.ts';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease', 'rouse-system'];
const kubernetesIp = '10.96.0.1';

export function bootstrapObjects(parts: ServerParts, port: number): void {
  for (const name of namespaces) {
    ensure(parts, '/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  }
  ensure(parts, '/services', {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      type: 'ClusterIP',
      clusterIP: kubernetesIp,
      clusterIPs: [kubernetesIp],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
    },
    status: { loadBalancer: {} },
  });
}

function ensure(parts: ServerParts, key: string, object: AnyObject): void {
  const { name, namespace = '' } = object.metadata;
  if (parts.storage.get(key, namespace, name) !== undefined) return;
  object.metadata.uid = randomUUID();
  object.metadata.creationTimestamp = timestamp(parts.clock.now());
  commitCreate(parts, key, object);
}
