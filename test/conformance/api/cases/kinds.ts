// Built-in kinds: what a server fills in, and what it refuses in which words.

import { conformanceCase } from '../conformance-case.ts';
import type { ConformanceArea } from '../conformance-case.ts';
import {
  container,
  deployment,
  job,
  pod,
  refusedKinds,
  selector,
  service,
  template,
  tryEach,
} from './kind-refusals.ts';

export const kinds: ConformanceArea = {
  name: 'kinds',
  cases: [
    conformanceCase('fills defaults in', (api) =>
      tryEach(api, [
        pod('plain', {}),
        container('everything', {
          ports: [{ containerPort: 80 }],
          readinessProbe: { httpGet: { path: '/', port: 80 } },
          livenessProbe: { exec: { command: ['x'] } },
          startupProbe: { grpc: { port: 5 } },
          env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          resources: { limits: { cpu: '1', memory: '1Gi' } },
        }),
        pod('volumes', {
          volumes: [
            { name: 'a', emptyDir: {} },
            { name: 'b', configMap: { name: 'x' } },
            { name: 'c', secret: { secretName: 'x' } },
            { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 'x' } }] } },
            { name: 'e', hostPath: { path: '/x' } },
            {
              name: 'f',
              downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.labels' } }] },
            },
          ],
        }),
        pod('host network', {
          hostNetwork: true,
          containers: [{ name: 'main', image: 'x', ports: [{ containerPort: 80 }] }],
        }),
        container('no tag', { image: 'nginx:latest' }),
        service('cluster ip', { ports: [{ port: 80 }] }),
        service('headless', { clusterIP: 'None', selector: { a: 'b' } }),
        service('node port', { type: 'NodePort', ports: [{ port: 80, nodePort: 30999 }] }),
        service('load balancer', { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30998 }] }),
        service('external name', { type: 'ExternalName', externalName: 'example.com' }),
        service('sticky', {
          sessionAffinity: 'ClientIP',
          ports: [{ port: 80, targetPort: 'http' }],
        }),
        ['v1/configmaps', 'plain', { data: { a: 'b' }, binaryData: { c: 'ZA==' } }],
        ['v1/secrets', 'plain', { stringData: { a: 'b' }, data: { c: 'ZA==' } }],
        ['v1/serviceaccounts', 'plain', { automountServiceAccountToken: false }],
        [
          'v1/events',
          'plain',
          {
            involvedObject: { kind: 'Pod', name: 'x', namespace: api.ns },
            message: 'm',
            reason: 'r',
            type: 'Normal',
          },
        ],
        [
          'v1/endpoints',
          'plain',
          { subsets: [{ addresses: [{ ip: '9.9.9.9' }], ports: [{ port: 5 }] }] },
        ],
        [
          'v1/limitranges',
          'plain',
          {
            spec: {
              limits: [{ type: 'Container', max: { cpu: '2' }, default: { memory: '1Gi' } }],
            },
          },
        ],
        ['v1/resourcequotas', 'plain', { spec: { hard: { pods: '5', 'requests.cpu': 2 } } }],
        [
          'v1/persistentvolumeclaims',
          'plain',
          {
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: '1Gi' } },
              storageClassName: '',
            },
          },
        ],
        ['v1/replicationcontrollers', 'plain', { spec: { template: template('a') } }],
        deployment('plain', {}),
        deployment('recreate', { strategy: { type: 'Recreate' } }),
        ['apps/v1/replicasets', 'plain', { spec: { selector, template: template('a') } }],
        [
          'apps/v1/statefulsets',
          'plain',
          {
            spec: {
              selector,
              template: template('a'),
              serviceName: 'x',
              volumeClaimTemplates: [
                {
                  metadata: { name: 'v' },
                  spec: {
                    accessModes: ['ReadWriteOnce'],
                    resources: { requests: { storage: '1Gi' } },
                  },
                },
              ],
            },
          },
        ],
        ['apps/v1/daemonsets', 'plain', { spec: { selector, template: template('a') } }],
        ['apps/v1/controllerrevisions', 'plain', { revision: 1, data: { a: 1 } }],
        ['batch/v1/jobs', 'plain', { spec: job }],
        [
          'batch/v1/cronjobs',
          'plain',
          { spec: { schedule: '* * * * *', jobTemplate: { spec: job } } },
        ],
        [
          'autoscaling/v1/horizontalpodautoscalers',
          'plain',
          {
            spec: {
              scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
              maxReplicas: 3,
            },
          },
        ],
        [
          'autoscaling/v1/horizontalpodautoscalers',
          'with a target',
          {
            spec: {
              scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
              maxReplicas: 3,
              targetCPUUtilizationPercentage: 50,
            },
          },
        ],
        [
          'autoscaling/v2/horizontalpodautoscalers',
          'plain',
          {
            spec: {
              scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' },
              maxReplicas: 3,
            },
          },
        ],
        [
          'autoscaling/v2/horizontalpodautoscalers',
          'behaviour',
          {
            spec: {
              scaleTargetRef: { kind: 'Deployment', name: 'x' },
              maxReplicas: 3,
              behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
              metrics: [
                {
                  type: 'Resource',
                  resource: {
                    name: 'memory',
                    target: { type: 'Utilization', averageUtilization: 60 },
                  },
                },
              ],
            },
          },
        ],
        [
          'coordination.k8s.io/v1/leases',
          'plain',
          {
            spec: {
              holderIdentity: 'me',
              leaseDurationSeconds: 15,
              renewTime: '2020-01-01T00:00:00.123456Z',
            },
          },
        ],
        [
          'discovery.k8s.io/v1/endpointslices',
          'plain',
          { addressType: 'IPv4', endpoints: [{ addresses: ['9.9.9.9'] }], ports: [{ port: 80 }] },
        ],
        [
          'events.k8s.io/v1/events',
          'plain',
          {
            eventTime: '2020-01-01T00:00:00.123456Z',
            reportingController: 'c',
            reportingInstance: 'i',
            action: 'A',
            reason: 'R',
            type: 'Normal',
            regarding: { kind: 'Pod', name: 'x', namespace: api.ns },
          },
        ],
        [
          'networking.k8s.io/v1/ingresses',
          'plain',
          {
            spec: {
              rules: [
                {
                  host: 'a.example.com',
                  http: {
                    paths: [
                      {
                        path: '/',
                        pathType: 'Prefix',
                        backend: { service: { name: 'x', port: { number: 80 } } },
                      },
                    ],
                  },
                },
              ],
            },
          },
        ],
        [
          'networking.k8s.io/v1/networkpolicies',
          'plain',
          { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } },
        ],
        [
          'networking.k8s.io/v1/networkpolicies',
          'egress',
          { spec: { podSelector: {}, egress: [{}] } },
        ],
        ['policy/v1/poddisruptionbudgets', 'plain', { spec: { minAvailable: 1, selector } }],
        [
          'rbac.authorization.k8s.io/v1/roles',
          'plain',
          { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
        ],
        [
          'rbac.authorization.k8s.io/v1/rolebindings',
          'plain',
          {
            roleRef: { kind: 'Role', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
            subjects: [
              { kind: 'ServiceAccount', name: 'default', namespace: api.ns },
              { kind: 'User', name: 'u' },
            ],
          },
        ],
      ]),
    ),
    ...refusedKinds,
    conformanceCase('shares events between their two groups', async (api) => {
      const metadata = { name: 'one' };
      await api.post(`${api.core}/events`, {
        metadata,
        involvedObject: { kind: 'Pod', name: 'x', namespace: api.ns },
        message: 'm',
        reason: 'r',
        type: 'Normal',
        source: { component: 'c' },
        count: 2,
        firstTimestamp: '2020-01-01T00:00:00Z',
        lastTimestamp: '2020-01-02T00:00:00Z',
      });
      const path = `/apis/events.k8s.io/v1/namespaces/${api.ns}/events`;
      await api.get(`${path}/one`);
      await api.post(path, {
        metadata: { name: 'two' },
        eventTime: '2020-01-01T00:00:00.123456Z',
        reportingController: 'c',
        reportingInstance: 'i',
        action: 'A',
        reason: 'R',
        note: 'n',
        type: 'Warning',
        regarding: { kind: 'Pod', name: 'x', namespace: api.ns },
      });
      await api.get(`${api.core}/events/two`);
      await api.patch(`${path}/two`, 'merge', { note: 'changed' });
      await api.patch(`${path}/two`, 'merge', {
        series: { count: 2, lastObservedTime: '2020-01-01T00:00:01.000000Z' },
      });
      await api.get(`${api.core}/events?fieldSelector=involvedObject.name%3Dx,reason%3DR`);
      await api.get(`${path}?fieldSelector=regarding.name%3Dx`);
    }),
  ],
};
