// A program that runs a test cluster with one Deployment's worth of pods, to be killed by a test. Argument: its home.

import { pods } from '../../api/resources.ts';
import { buildTestPod, startTestCluster, waitForPod } from './test-cluster.ts';

const home = process.argv[2] ?? '';
const cluster = await startTestCluster({ home });
const stubborn = ['/bin/sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'];
await cluster.client.create(pods, buildTestPod('always', { command: ['/bin/sleep', '1000'] }));
await cluster.client.create(pods, buildTestPod('stubborn', { command: stubborn }));
const never = { restartPolicy: 'Never' } as const;
await cluster.client.create(
  pods,
  buildTestPod('never', { command: ['/bin/sleep', '1000'] }, never),
);
const ids: string[] = [];
for (const name of ['always', 'stubborn', 'never']) {
  const pod = await waitForPod(cluster.client, name, (one) => one.status?.phase === 'Running');
  ids.push(pod.status?.containerStatuses?.[0]?.containerID ?? '');
}
console.log(JSON.stringify({ ids, reaper: cluster.kubelet.reaperPid }));
