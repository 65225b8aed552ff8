// Keeps the Node object and its lease: both say that this machine is there and runs pods.

import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import { namespaces, leases } from '../../api/resources.ts';
import type { Resource } from '../../api/kubernetes.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { buildNode, buildNodeStatus, type MachineFacts } from './build-node.ts';
import { nodes } from './cluster-resources.ts';

export interface NodeRegistrationOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly nodeName: string;
}

const leaseNamespace = 'kube-node-lease';
/** A real kubelet's numbers: renewed every 10 s, good for 40 s. */
const renewEveryMs = 10_000;
const leaseSeconds = 40;
const version = process.versions.node;

export async function runNodeRegistration(
  options: NodeRegistrationOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = options;
  const queue = new WorkQueue({ name: 'node registration', clock, log });
  let isRegistered = false;
  queue.add('node');
  await queue.run(async () => {
    if (!isRegistered) await register(options);
    isRegistered = true;
    await renew(options);
    return renewEveryMs;
  }, signal);
}

async function register({ client, clock, nodeName }: NodeRegistrationOptions): Promise<void> {
  const facts = readMachine(nodeName);
  const node = buildNode(facts);
  const { metadata } = node;
  if (!(await createUnlessThere(client, nodes, node))) {
    await client.patch(nodes, metadata, { metadata: { labels: metadata.labels } });
  }
  const status = buildNodeStatus(facts, `${new Date(clock.now()).toISOString().slice(0, 19)}Z`);
  await client.patch(nodes, metadata, { status }, { subresource: 'status' });
  await createUnlessThere(client, namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: leaseNamespace },
  });
}

async function renew({ client, clock, nodeName }: NodeRegistrationOptions): Promise<void> {
  const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime };
  const ref = { namespace: leaseNamespace, name: nodeName };
  try {
    await client.patch(leases, ref, { spec });
  } catch (error) {
    if (!isKubeError(error, 404)) throw error;
    const kinds = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
    await client.create(leases, { ...kinds, metadata: ref, spec });
  }
}

/** False when it was there already. */
async function createUnlessThere<T extends Parameters<KubeClient['create']>[1]>(
  client: KubeClient,
  resource: Resource<T>,
  object: T,
): Promise<boolean> {
  try {
    await client.create(resource, object);
    return true;
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
    return false;
  }
}

function readMachine(nodeName: string): MachineFacts {
  return {
    nodeName,
    hostname: hostname(),
    cpus: Math.max(1, cpus().length),
    memoryBytes: totalmem(),
    os: platform(),
    architecture: arch() === 'x64' ? 'amd64' : arch(),
    kernel: release(),
    version,
  };
}
