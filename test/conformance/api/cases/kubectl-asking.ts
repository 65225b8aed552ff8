// What a user asks a cluster with kubectl without changing it: diff, events, logs, versions, and who may do what.

import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceCase } from '../conformance-case.ts';
import { buildConfigMap, buildDeployment } from './build-objects.ts';
import { runAll } from './run-all.ts';

/** It is on every node of a kubeadm cluster of the recorded version, and says its name and ends. */
export const speakingImage = 'registry.k8s.io/coredns/coredns:v1.14.2';
/** The first word of it, which every build says. */
const firstWord = '--limit-bytes=8';

const yaml = (name: string, data: object): string => JSON.stringify(buildConfigMap(name, { data }));

/** Long enough ago that the minutes don't tip over while a case runs. */
const minutesAgo = (minutes: number): string =>
  `${new Date(Date.now() - minutes * 60_000).toISOString().slice(0, -5)}Z`;

async function createEvents(api: CaseApi): Promise<void> {
  const about = (kind: string, name: string) => ({
    kind,
    name,
    namespace: api.ns,
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
  });
  const post = (name: string, event: object) =>
    api.quietly('POST', `${api.core}/events`, { body: { metadata: { name }, ...event } });
  await post('first', {
    involvedObject: about('Pod', 'web'),
    reason: 'Pulled',
    message: 'pulled it',
    type: 'Normal',
    source: { component: 'kubelet' },
    count: 1,
    firstTimestamp: minutesAgo(190),
    lastTimestamp: minutesAgo(190),
  });
  await post('second', {
    involvedObject: about('Pod', 'web'),
    reason: 'BackOff',
    message: 'failed',
    type: 'Warning',
    source: { component: 'kubelet' },
    count: 7,
    firstTimestamp: minutesAgo(180),
    lastTimestamp: minutesAgo(130),
  });
  await api.quietly('POST', `/apis/events.k8s.io/v1/namespaces/${api.ns}/events`, {
    body: {
      metadata: { name: 'third' },
      regarding: about('Deployment', 'web'),
      reason: 'Scaled',
      action: 'Scaling',
      note: 'made larger',
      type: 'Normal',
      reportingController: 'example.com/scaler',
      reportingInstance: 'scaler-1',
      eventTime: minutesAgo(70).replace('Z', '.000000Z'),
    },
  });
}

export const asking: readonly ConformanceCase[] = [
  conformanceCase(
    'diff',
    async (api) => {
      await api.kubectl('diff -f -', yaml('one', { a: '1' }));
      await api.kubectl('apply -f -', yaml('one', { a: '1' }));
      await api.kubectl('diff -f -', yaml('one', { a: '1' }));
      await api.kubectl('diff -f -', yaml('one', { a: '2', b: '3' }));
      await api.kubectl('diff --server-side -f -', yaml('one', { a: '2' }));
      await api.kubectl('diff --server-side --force-conflicts -f -', yaml('one', { a: '2' }));
      await api.kubectl('diff -f -', yaml('Bad', { a: '2' }));
      await api.kubectl('diff -f -', JSON.stringify({ apiVersion: 'v9', kind: 'ConfigMap' }));
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one' } };
      await api.quietly('POST', `${api.core}/secrets`, {
        body: { ...secret, data: { a: 'Yg==' } },
      });
      await api.kubectl('diff -f -', JSON.stringify({ ...secret, data: { a: 'Yw==' } }));
      const web = buildDeployment('web', { paused: true });
      await api.kubectl('apply -f -', JSON.stringify(web));
      await api.kubectl('diff -f -', JSON.stringify(buildDeployment('web', { paused: true })));
      await api.kubectl(
        'diff -f -',
        JSON.stringify(buildDeployment('web', { paused: true, minReadySeconds: 5 })),
      );
    },
    { isOrdered: false },
  ),
  conformanceCase('events', async (api) => {
    await api.kubectl('events');
    await createEvents(api);
    await runAll(api, [
      'events',
      'events --no-headers',
      'events --types=Warning',
      'events --types=Normal,Warning',
      'events --types=nonsense',
      'events --for pod/web',
      'events --for deployment/web',
      'events --for pod/absent',
      'events --for nonsense/web',
      'events -o name',
      'events -o yaml',
      'get events',
      'get events -o wide',
      'get ev --field-selector type=Warning',
      'get events --field-selector involvedObject.kind=Deployment -o name',
      'get events --sort-by=.metadata.name',
      'get events.v1.events.k8s.io',
      'get events.v1.events.k8s.io -o name',
      'get events.v1.events.k8s.io first -o yaml',
      'get events.v1.events.k8s.io --field-selector regarding.kind=Pod -o name',
      'describe event third',
      'explain event.reason',
      'delete events.v1.events.k8s.io first',
      'delete events --all',
      'events',
    ]);
  }),
  conformanceCase(
    'logs of a pod that has ended',
    async (api) => {
      const main = { name: 'main', image: speakingImage, args: ['-version'] };
      const spec = { restartPolicy: 'Never', containers: [main, { ...main, name: 'side' }] };
      const metadata = { name: 'said', labels: { app: 'said' } };
      await api.quietly('POST', `${api.core}/pods`, { body: { metadata, spec } });
      await api.until(`${api.core}/pods/said`, (reply) =>
        JSON.stringify(reply.body).includes('"phase":"Succeeded"'),
      );
      await runAll(api, [
        `logs said -c main ${firstWord}`,
        `logs pod/said -c main ${firstWord}`,
        `logs said ${firstWord}`,
        `logs said --all-containers --prefix ${firstWord}`,
        `logs -l app=said --all-containers ${firstWord}`,
        `logs -l app=said -c side --prefix ${firstWord}`,
        `logs said -c main --follow ${firstWord}`,
        'logs said -c main --tail=0',
        'logs said -c main --since-time=2120-01-01T00:00:00Z',
        'logs said -c main --since=1h --since-time=2020-01-01T00:00:00Z',
        'logs said -c main --previous',
        'logs said -c other',
        'logs said -c main --tail=-2',
        'logs -l app=nobody',
        'logs deploy/absent',
        'logs cm/one',
        'logs',
      ]);
    },
    { isOrdered: false },
  ),
  conformanceCase('versions and addresses', async (api) => {
    await runAll(api, [
      'version',
      'version --client -o yaml',
      'version -o json',
      'version --output=nonsense',
      'get --raw /version',
      'cluster-info',
      'get --raw /readyz',
      'get --raw /livez/ping',
    ]);
  }),
  conformanceCase('auth', async (api) => {
    await runAll(api, [
      'auth whoami',
      'auth whoami -o json',
      'auth can-i get pods',
      'auth can-i get pods -q',
      'auth can-i get pods/log',
      'auth can-i get pods one',
      'auth can-i get pod/one',
      'auth can-i create deployments.apps',
      'auth can-i update deployments.apps --subresource=scale',
      'auth can-i get nodes',
      'auth can-i get /healthz',
      'auth can-i nonsense pods',
      'auth can-i get nonsense',
      'auth can-i get',
      'auth can-i --list',
      'auth can-i get pods --as=nobody',
    ]);
  }),
];
