// Objects of built-in kinds that are refused, and in which words.

import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceCase } from '../conformance-case.ts';
import { buildDeployment, buildPod } from './build-objects.ts';

export type Sent = readonly [path: string, name: string, body: object];
export const template = (app: string, more: object = {}) => ({
  metadata: { labels: { app } },
  spec: { containers: [{ name: 'main', image: 'x' }], ...more },
});
export const selector = { matchLabels: { app: 'a' } };
export const job = { template: template('a', { restartPolicy: 'Never' }) };

/** Only tried: nothing is kept, no controller sees it. */
export async function tryEach(api: CaseApi, sent: readonly Sent[]): Promise<void> {
  for (const [path, name, body] of sent) {
    const at = path.startsWith('v1/')
      ? `/api/v1/namespaces/${api.ns}/${path.slice(3)}`
      : `/apis/${path.replace(/\/([a-z]+)$/, `/namespaces/${api.ns}/$1`)}`;
    const { metadata = {}, ...rest } = body as { metadata?: object };
    await api.post(
      `${at}?dryRun=All`,
      { metadata: { name: 'a', ...metadata }, ...rest },
      { label: `${path} ${name}` },
    );
  }
}

export const pod = (name: string, spec: object): Sent => {
  const built = buildPod('a', {}) as { spec: object };
  return ['v1/pods', name, { spec: { ...built.spec, ...spec } }];
};
export const container = (name: string, more: object): Sent =>
  pod(name, { containers: [{ name: 'main', image: 'x', ...more }] });
export const service = (name: string, spec: object): Sent => ['v1/services', name, { spec }];
export const deployment = (name: string, spec: Record<string, unknown>): Sent => {
  const built = buildDeployment('a', spec) as { spec: object };
  return ['apps/v1/deployments', name, { spec: { ...built.spec, ...spec } }];
};

export const refusedKinds: readonly ConformanceCase[] = [
  conformanceCase('refuses bad pods', (api) =>
    tryEach(api, [
      ['v1/pods', 'no spec', {}],
      pod('no containers', { containers: [] }),
      container('no name', { name: '' }),
      container('a bad name', { name: 'Bad_Name' }),
      container('no image', { image: '' }),
      container('an image with a space', { image: ' x' }),
      pod('the same name twice', {
        containers: [
          { name: 'a', image: 'x' },
          { name: 'a', image: 'x' },
        ],
      }),
      container('a port out of range', { ports: [{ containerPort: 70000 }] }),
      container('a port twice', {
        ports: [
          { containerPort: 80, name: 'a' },
          { containerPort: 80, name: 'a' },
        ],
      }),
      container('a bad port name', {
        ports: [{ containerPort: 80, name: 'much-too-long-name' }],
      }),
      container('a bad protocol', { ports: [{ containerPort: 80, protocol: 'XTP' }] }),
      container('a bad pull policy', { imagePullPolicy: 'Sometimes' }),
      container('env without a name', { env: [{ value: 'x' }] }),
      container('env with both', {
        env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
      }),
      container('env from a bad field', {
        env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'spec.nothing' } } }],
      }),
      container('a probe without an action', { readinessProbe: {} }),
      container('a probe with two actions', {
        readinessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } },
      }),
      container('a negative probe', {
        readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: -1 },
      }),
      container('a probe that succeeds twice', {
        livenessProbe: { tcpSocket: { port: 1 }, successThreshold: 2 },
      }),
      container('requests above limits', {
        resources: { requests: { cpu: '2' }, limits: { cpu: '1' } },
      }),
      container('a bad quantity', { resources: { requests: { cpu: 'lots' } } }),
      container('a negative quantity', { resources: { requests: { cpu: '-1' } } }),
      container('an unknown resource', { resources: { requests: { nonsense: '1' } } }),
      container('a mount without a volume', { volumeMounts: [{ name: 'x', mountPath: '/x' }] }),
      pod('a mount twice', {
        volumes: [{ name: 'v', emptyDir: {} }],
        containers: [
          {
            name: 'main',
            image: 'x',
            volumeMounts: [
              { name: 'v', mountPath: '/x' },
              { name: 'v', mountPath: '/x' },
            ],
          },
        ],
      }),
      pod('a volume twice', {
        volumes: [
          { name: 'v', emptyDir: {} },
          { name: 'v', emptyDir: {} },
        ],
      }),
      pod('a volume of two kinds', {
        volumes: [{ name: 'v', emptyDir: {}, configMap: { name: 'x' } }],
      }),
      pod('a bad restart policy', { restartPolicy: 'Perhaps' }),
      pod('a bad dns policy', { dnsPolicy: 'Perhaps' }),
      pod('a negative grace period', { terminationGracePeriodSeconds: -5 }),
      pod('a deadline of 0', { activeDeadlineSeconds: 0 }),
      pod('a bad service account', { serviceAccountName: 'Bad_' }),
      pod('an unknown service account', { serviceAccountName: 'absent' }),
      pod('a bad node selector', { nodeSelector: { 'bad key': 'x' } }),
      pod('a bad toleration', { tolerations: [{ key: 'a', operator: 'Maybe' }] }),
      pod('a node and a gate', { nodeName: 'x', schedulingGates: [{ name: 'example.com/a' }] }),
      pod('a gate twice', { schedulingGates: [{ name: 'a' }, { name: 'a' }] }),
      pod('a bad host name', { hostname: 'Bad_' }),
      pod("host port other than the container's", {
        hostNetwork: true,
        containers: [{ name: 'main', image: 'x', ports: [{ containerPort: 80, hostPort: 81 }] }],
      }),
      container('a security context that contradicts itself', {
        securityContext: { privileged: true, allowPrivilegeEscalation: false },
      }),
      pod('an unknown priority class', { priorityClassName: 'nothing' }),
      pod('an unknown runtime class', { runtimeClassName: 'nothing' }),
    ]),
  ),
  conformanceCase('refuses bad workloads', (api) =>
    tryEach(api, [
      ['apps/v1/deployments', 'no spec', {}],
      ['apps/v1/deployments', 'no selector', { spec: { template: template('a') } }],
      deployment('a selector that does not match', { selector: { matchLabels: { app: 'b' } } }),
      deployment('an empty selector', { selector: {} }),
      deployment('a bad operator', {
        selector: { matchExpressions: [{ key: 'app', operator: 'Near', values: ['a'] }] },
      }),
      deployment('no values', {
        selector: {
          matchLabels: { app: 'a' },
          matchExpressions: [{ key: 'app', operator: 'In' }],
        },
      }),
      deployment('a bad strategy', { strategy: { type: 'Magic' } }),
      deployment('recreate with rolling parameters', {
        strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } },
      }),
      deployment('nothing may move', {
        strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      }),
      deployment('a bad percentage', {
        strategy: { rollingUpdate: { maxSurge: '1x', maxUnavailable: '200%' } },
      }),
      deployment('a short deadline', { minReadySeconds: 20, progressDeadlineSeconds: 10 }),
      deployment('negative numbers', {
        replicas: -1,
        revisionHistoryLimit: -1,
        minReadySeconds: -1,
      }),
      deployment('pods that end', { template: template('a', { restartPolicy: 'Never' }) }),
      ['apps/v1/replicasets', 'no template', { spec: { selector } }],
      [
        'apps/v1/statefulsets',
        'bad policies',
        {
          spec: {
            selector,
            template: template('a'),
            podManagementPolicy: 'x',
            updateStrategy: { type: 'x' },
          },
        },
      ],
      [
        'apps/v1/daemonsets',
        'a bad strategy',
        { spec: { selector, template: template('a'), updateStrategy: { type: 'x' } } },
      ],
      ['batch/v1/jobs', 'no restart policy', { spec: { template: template('a') } }],
      [
        'batch/v1/jobs',
        'negative numbers',
        { spec: { ...job, parallelism: -1, completions: -1, backoffLimit: -1 } },
      ],
      ['batch/v1/jobs', 'a selector', { spec: { ...job, selector } }],
      ['batch/v1/jobs', 'a bad completion mode', { spec: { ...job, completionMode: 'x' } }],
      [
        'batch/v1/cronjobs',
        'a bad schedule',
        { spec: { schedule: 'x', jobTemplate: { spec: job } } },
      ],
      [
        'batch/v1/cronjobs',
        'a bad policy',
        { spec: { schedule: '* * * * *', concurrencyPolicy: 'x', jobTemplate: { spec: job } } },
      ],
    ]),
  ),
  conformanceCase('refuses bad services and data', (api) =>
    tryEach(api, [
      service('no ports', {}),
      service('port 0', { ports: [{ port: 0 }] }),
      service('a port twice', {
        ports: [
          { port: 80, name: 'a' },
          { port: 80, name: 'b' },
        ],
      }),
      service('ports without names', { ports: [{ port: 80 }, { port: 81 }] }),
      service('a bad type', { type: 'Magic', ports: [{ port: 80 }] }),
      service('a bad cluster ip', { clusterIP: 'x', ports: [{ port: 80 }] }),
      service('a bad selector', { selector: { 'bad key': 'x' }, ports: [{ port: 80 }] }),
      service('a bad affinity', { sessionAffinity: 'x', ports: [{ port: 80 }] }),
      service('a node port out of range', {
        type: 'NodePort',
        ports: [{ port: 80, nodePort: 80 }],
      }),
      service('a node port on a cluster ip', { ports: [{ port: 80, nodePort: 30997 }] }),
      service('external name without one', { type: 'ExternalName' }),
      service('a bad protocol', { ports: [{ port: 80, protocol: 'x' }] }),
      service('a bad target port', { ports: [{ port: 80, targetPort: 'Bad_' }] }),
      service('a bad policy', {
        type: 'NodePort',
        externalTrafficPolicy: 'x',
        ports: [{ port: 80 }],
      }),
      ['v1/configmaps', 'a bad key', { data: { 'bad key': 'x' } }],
      ['v1/configmaps', 'a key twice', { data: { a: 'x' }, binaryData: { a: 'ZA==' } }],
      ['v1/configmaps', 'bad base64', { binaryData: { a: '!' } }],
      ['v1/configmaps', 'too large', { data: { a: 'x'.repeat(1_048_577) } }],
      ['v1/secrets', 'bad base64', { data: { a: '!' } }],
      ['v1/secrets', 'a bad key', { stringData: { 'bad key': 'x' } }],
      ['v1/secrets', 'tls without its keys', { type: 'kubernetes.io/tls', data: {} }],
      [
        'v1/secrets',
        'docker config that is none',
        { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': 'x' } },
      ],
      ['v1/secrets', 'a token without an account', { type: 'kubernetes.io/service-account-token' }],
      ['v1/events', 'another namespace', { involvedObject: { namespace: 'other' } }],
      ['events.k8s.io/v1/events', 'nothing', {}],
      [
        'events.k8s.io/v1/events',
        'a bad type',
        {
          eventTime: '2020-01-01T00:00:00.123456Z',
          reportingController: 'c',
          reportingInstance: 'i',
          action: 'A',
          reason: 'R',
          type: 'x',
          regarding: { namespace: api.ns },
        },
      ],
      [
        'coordination.k8s.io/v1/leases',
        'negative numbers',
        { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
      ],
      ['coordination.k8s.io/v1/leases', 'a bad time', { spec: { renewTime: 'x' } }],
      ['discovery.k8s.io/v1/endpointslices', 'nothing', {}],
      [
        'discovery.k8s.io/v1/endpointslices',
        'a bad address',
        { addressType: 'IPv4', endpoints: [{ addresses: ['x'] }] },
      ],
      ['discovery.k8s.io/v1/endpointslices', 'a bad type', { addressType: 'x', endpoints: [] }],
      [
        'policy/v1/poddisruptionbudgets',
        'both',
        { spec: { minAvailable: 1, maxUnavailable: 1, selector } },
      ],
      [
        'policy/v1/poddisruptionbudgets',
        'a bad percentage',
        { spec: { minAvailable: '200%', selector } },
      ],
      ['autoscaling/v2/horizontalpodautoscalers', 'nothing', { spec: {} }],
      [
        'autoscaling/v2/horizontalpodautoscalers',
        'min above max',
        {
          spec: {
            minReplicas: 5,
            maxReplicas: 3,
            scaleTargetRef: { kind: 'Deployment', name: 'x' },
          },
        },
      ],
      ['autoscaling/v1/horizontalpodautoscalers', 'nothing', { spec: {} }],
      ['networking.k8s.io/v1/ingresses', 'nothing', { spec: {} }],
      [
        'networking.k8s.io/v1/ingresses',
        'a bad host',
        {
          spec: {
            rules: [
              { host: 'Bad_', http: { paths: [{ path: 'x', pathType: 'Prefix', backend: {} }] } },
            ],
          },
        },
      ],
      [
        'networking.k8s.io/v1/networkpolicies',
        'a bad port',
        {
          spec: {
            podSelector: {},
            ingress: [{ ports: [{ port: 70000, protocol: 'x' }], from: [{}] }],
          },
        },
      ],
      [
        'rbac.authorization.k8s.io/v1/roles',
        'no verbs',
        { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      ],
      ['rbac.authorization.k8s.io/v1/roles', 'no resources', { rules: [{ verbs: ['get'] }] }],
      [
        'rbac.authorization.k8s.io/v1/rolebindings',
        'no role',
        { subjects: [{ kind: 'User', name: 'u' }] },
      ],
      [
        'rbac.authorization.k8s.io/v1/rolebindings',
        'a bad kind',
        {
          roleRef: { kind: 'x', name: 'x', apiGroup: 'rbac.authorization.k8s.io' },
          subjects: [{ kind: 'x', name: '' }],
        },
      ],
    ]),
  ),
];
