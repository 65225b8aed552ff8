// Pods as processes: environment, ports, images, exit codes, restarts and the way they end.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../api/kubernetes.ts';
import { configMaps, pods, secrets } from '../../../api/resources.ts';
import {
  buildTestPod,
  isAlive,
  pidOf,
  readAllLog,
  sleeper,
  startTestCluster,
  waitForPod,
  waitUntilGone,
  type TestCluster,
} from '../../support/test-cluster.ts';
import { waitFor } from '../../support/wait-for.ts';

const statusOf = (pod: Pod) => pod.status?.containerStatuses?.[0];
const shell = (script: string): string[] => ['/bin/sh', '-c', script];
const isRunning = (pod: Pod): boolean => pod.status?.phase === 'Running';

describe('Kubelet', () => {
  let cluster: TestCluster;
  const create = (pod: Pod) => cluster.client.create(pods, pod);

  beforeAll(async () => {
    cluster = await startTestCluster();
    const metadata = { name: 'env', namespace: 'default' };
    await cluster.client.create(secrets, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata },
      data: { password: Buffer.from('s3cret').toString('base64') },
    });
    await cluster.client.create(configMaps, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata },
      data: { COLOUR: 'blue', SIZE: 'large' },
    });
  });

  afterAll(() => cluster.remove());

  it('gives a process what the pod says and nothing of its own environment', async () => {
    process.env['ROUSE_TEST_LEAK'] = 'leaked';
    const container = {
      command: shell('env | sort'),
      env: [
        { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'env', key: 'password' } } },
        { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'env', key: 'COLOUR' } } },
        { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
        { name: 'BOTH', value: '$(POD)/$(COLOUR)/$(NOPE)/$$(POD)' },
        { name: 'GONE', valueFrom: { secretKeyRef: { name: 'no', key: 'no', optional: true } } },
      ],
      envFrom: [{ prefix: 'MAP_', configMapRef: { name: 'env' } }],
      resources: { limits: { cpu: '250m' } },
      ports: [
        { name: 'http', containerPort: 8080 },
        { name: 'control', containerPort: 8081 },
      ],
    };
    await create(buildTestPod('environment', container, { restartPolicy: 'Never' }));
    const pod = await waitForPod(
      cluster.client,
      'environment',
      (one) => one.status?.phase === 'Succeeded',
    );
    const lines = (await readAllLog(cluster, 'environment')).trim().split('\n');
    const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    expect(env).toMatchObject({
      PASSWORD: 's3cret',
      COLOUR: 'blue',
      POD: 'environment',
      IP: '127.0.0.1',
      CPU: '250',
      BOTH: 'environment/blue/$(NOPE)/$(POD)',
      MAP_SIZE: 'large',
    });
    const [http, control] = pod.spec.containers[0]?.ports ?? [];
    expect(env['PORT']).toBe(String(http?.hostPort));
    expect(env['ROUSE_CONTROL_PORT']).toBe(String(control?.hostPort));
    expect(http?.hostPort).not.toBe(control?.hostPort);
    expect(env).not.toHaveProperty('ROUSE_TEST_LEAK');
    expect(env).not.toHaveProperty('GONE');
    expect(env['HOME']).toContain(pod.metadata.uid);
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  });

  it('waits for a Secret that is missing, says so, and starts when it comes', async () => {
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: 'later', key: 'a' } } }];
    await create(buildTestPod('waiting', { command: sleeper, env }));
    const waiting = await waitForPod(
      cluster.client,
      'waiting',
      (one) => statusOf(one)?.state?.waiting,
    );
    expect(statusOf(waiting)?.state?.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'secret "later" not found',
    });
    expect(waiting.status?.phase).toBe('Pending');
    await cluster.client.create(secrets, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'later', namespace: 'default' } },
      data: { a: 'YQ==' },
    });
    await waitForPod(cluster.client, 'waiting', isRunning);
  });

  it('says of an image it does not have what to do instead', async () => {
    await create(buildTestPod('image', { image: 'nginx:1.27' }));
    const pod = await waitForPod(cluster.client, 'image', (one) => statusOf(one)?.state?.waiting);
    expect(statusOf(pod)?.state?.waiting?.reason).toBe('ErrImagePull');
    expect(statusOf(pod)?.state?.waiting?.message).toMatch(
      /local cluster has no images.*"nginx:1.27".*test\/sleeper.*real cluster/s,
    );
    const isBackedOff = (one: Pod) => statusOf(one)?.state?.waiting?.reason === 'ImagePullBackOff';
    await waitForPod(cluster.client, 'image', isBackedOff);
  });

  it('fails a pod that must not restart, with the exit code of its process', async () => {
    await create(buildTestPod('exit', { command: shell('exit 3') }, { restartPolicy: 'Never' }));
    const pod = await waitForPod(cluster.client, 'exit', (one) => one.status?.phase === 'Failed');
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(statusOf(pod)?.restartCount).toBe(0);
  });

  it('reports a program that does not exist', async () => {
    const never = { restartPolicy: 'Never' } as const;
    await create(buildTestPod('nothing', { command: ['/no/such/program'] }, never));
    const pod = await waitForPod(
      cluster.client,
      'nothing',
      (one) => one.status?.phase === 'Failed',
    );
    expect(statusOf(pod)?.state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
    expect(statusOf(pod)?.state?.terminated?.message).toContain('/no/such/program');
  });

  it('restarts a crashing container at once, then backs off', async () => {
    await create(buildTestPod('crash', { command: shell('echo once; exit 7') }));
    const isBackedOff = (one: Pod) => statusOf(one)?.state?.waiting?.reason === 'CrashLoopBackOff';
    const pod = await waitForPod(cluster.client, 'crash', isBackedOff);
    expect(statusOf(pod)?.restartCount).toBe(1);
    expect(statusOf(pod)?.lastState?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
    expect(statusOf(pod)?.state?.waiting?.message).toContain('back-off 10s restarting');
    expect(pod.status?.phase).toBe('Running');
    expect(await readAllLog(cluster, 'crash', { previous: true })).toBe('once\n');
  });

  it('sees a killed process at once and starts another', async () => {
    await create(buildTestPod('killed', { command: sleeper }));
    const before = await waitForPod(cluster.client, 'killed', isRunning);
    const startedMs = performance.now();
    process.kill(pidOf(before), 'SIGKILL');
    const after = await waitForPod(
      cluster.client,
      'killed',
      (one) => statusOf(one)?.restartCount === 1,
    );
    expect(performance.now() - startedMs).toBeLessThan(500);
    expect(statusOf(after)?.lastState?.terminated).toMatchObject({ exitCode: 137, signal: 9 });
    expect(pidOf(after)).not.toBe(pidOf(before));
    expect(isAlive(pidOf(after))).toBe(true);
  });

  it('asks a process to end, and kills it when its grace period has passed', async () => {
    const stubborn = shell('trap "" TERM; while :; do sleep 0.05; done');
    await create(buildTestPod('stubborn', { command: stubborn }));
    const pod = await waitForPod(cluster.client, 'stubborn', isRunning);
    const ref = { namespace: 'default', name: 'stubborn' };
    const startedMs = performance.now();
    await cluster.client.delete(pods, ref);
    const going = await cluster.client.get(pods, ref);
    expect(going.metadata.deletionTimestamp).toBeDefined();
    await waitUntilGone(cluster.client, 'stubborn');
    const tookMs = performance.now() - startedMs;
    expect(tookMs).toBeGreaterThan(900);
    expect(tookMs).toBeLessThan(2_500);
    expect(isAlive(pidOf(pod))).toBe(false);
  });

  it('removes a pod as soon as its process has ended, children included', async () => {
    const command = shell('sleep 999 & echo $!; wait');
    await create(buildTestPod('family', { command }, { terminationGracePeriodSeconds: 20 }));
    await waitForPod(cluster.client, 'family', isRunning);
    // With the end of its line: half a pid is somebody else's.
    const child = await waitFor(
      async () => Number(/^(\d+)\n/.exec(await readAllLog(cluster, 'family'))?.[1] ?? 0),
      { what: 'the pid of the child' },
    );
    const startedMs = performance.now();
    await cluster.client.delete(pods, { namespace: 'default', name: 'family' });
    await waitUntilGone(cluster.client, 'family');
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    await waitFor(() => !isAlive(child), { what: 'the child to end' });
  });

  it('never gives two pods the same port', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `port-${index}`);
    const gates = { schedulingGates: [{ name: 'test/gate' }] };
    const ports = [{ name: 'http', containerPort: 8080 }, { containerPort: 9090 }];
    const made = await Promise.all(
      names.map((name) => create(buildTestPod(name, { ports }, gates))),
    );
    const taken = made
      .flatMap((pod) => pod.spec.containers[0]?.ports ?? [])
      .map((one) => one.hostPort);
    expect(new Set(taken).size).toBe(80);
    await Promise.all(
      names.map((name) => cluster.client.delete(pods, { namespace: 'default', name })),
    );
  });

  it('runs init containers one after the other before the others', async () => {
    const sign = join(cluster.home, 'initialized');
    const init = (name: string, script: string) => ({
      ...{ name, image: 'test/sleeper' },
      command: shell(script),
    });
    const initContainers = [
      init('first', `sleep 0.2; mkdir ${sign}`),
      init('second', `rmdir ${sign} && mkdir ${sign}-2`),
    ];
    const command = shell(`rmdir ${sign}-2 && exec sleep 1000`);
    await create(buildTestPod('init', { command }, { initContainers }));
    const early = await waitForPod(cluster.client, 'init', (one) => statusOf(one));
    expect(early.status?.phase).toBe('Pending');
    expect(statusOf(early)?.state?.waiting?.reason).toBe('PodInitializing');
    const late = await waitForPod(cluster.client, 'init', isRunning);
    expect(statusOf(late)).toMatchObject({ ready: true, restartCount: 0 });
    expect(late.status?.conditions?.every((one) => one.status === 'True')).toBe(true);
  });

  it('fails a pod whose init container fails and may not be tried again', async () => {
    const initContainers = [{ name: 'bad', image: 'test/sleeper', command: shell('exit 4') }];
    await create(buildTestPod('bad-init', {}, { initContainers, restartPolicy: 'Never' }));
    const pod = await waitForPod(
      cluster.client,
      'bad-init',
      (one) => one.status?.phase === 'Failed',
    );
    expect(statusOf(pod)?.state?.waiting?.reason).toBe('PodInitializing');
  });

  it('records a resize without a restart', async () => {
    const resources = { requests: { cpu: '10m' }, limits: { cpu: '100m' } };
    await create(buildTestPod('resized', { command: sleeper, resources }));
    const before = await waitForPod(cluster.client, 'resized', isRunning);
    expect(statusOf(before)?.resources).toEqual(resources);
    const wanted = { requests: { cpu: '20m' }, limits: { cpu: '200m' } };
    const patch = { spec: { containers: [{ name: 'main', resources: wanted }] } };
    const ref = { namespace: 'default', name: 'resized' };
    await cluster.client.patch(pods, ref, patch, { type: 'strategic', subresource: 'resize' });
    const isResized = (one: Pod) => statusOf(one)?.resources?.limits?.['cpu'] === '200m';
    const after = await waitForPod(cluster.client, 'resized', isResized);
    expect(statusOf(after)?.restartCount).toBe(0);
    expect(pidOf(after)).toBe(pidOf(before));
    expect(statusOf(after)?.allocatedResources).toEqual({ cpu: '20m' });
  });
});
