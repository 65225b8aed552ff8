// Binds every pod that may run to the one node; admission has done it for most of them already.

import type { Pod } from '../../api/kubernetes.ts';
import { pods as podResource } from '../../api/resources.ts';
import { Informer, keyOf } from '../../platform/kube/informer.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import type { Transport } from '../../platform/kube/transport.ts';
import { KubeError } from '../../platform/kube/kube-error.ts';
import { WorkQueue } from '../../platform/kube/work-queue.ts';
import { nodes, type Node } from './cluster-resources.ts';
import {
  decideSchedule,
  deriveWaitingCondition,
  type NodeSnapshot,
  type Schedule,
} from './decide-schedule.ts';
import { splitKey, type WorkloadPorts } from './workload-ports.ts';

const component = 'default-scheduler';

export interface SchedulerOptions {
  readonly nodeName: string;
  /** For the subresource `binding`, which is created under the pod. */
  readonly transport: Transport;
}

export class Scheduler {
  readonly #ports: WorkloadPorts;
  readonly #options: SchedulerOptions;
  readonly #queue: WorkQueue;
  readonly #nodes: Informer<Node>;

  constructor(ports: WorkloadPorts, options: SchedulerOptions) {
    this.#ports = ports;
    this.#options = options;
    const { client, clock, log } = ports;
    this.#queue = new WorkQueue({ name: component, clock, log });
    const fieldSelector = `metadata.name=${options.nodeName}`;
    this.#nodes = new Informer({ client, resource: nodes, fieldSelector, clock, log });
    ports.pods.onChange(({ type, object }) => {
      if (type !== 'deleted' && !object.spec.nodeName) this.#look(object);
    });
    this.#nodes.onChange(({ type }) => {
      if (type === 'deleted') return;
      for (const pod of ports.pods.list()) if (!pod.spec.nodeName) this.#look(pod);
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#nodes.start(signal);
    await this.#queue.run((key) => this.#reconcile(key), signal);
  }

  #look(pod: Pod): void {
    this.#queue.add(keyOf(pod.metadata.namespace, pod.metadata.name));
  }

  async #reconcile(key: string): Promise<null> {
    const { namespace, name } = splitKey(key);
    const pod = this.#ports.pods.get(namespace, name);
    const node = this.#nodes.get(undefined, this.#options.nodeName);
    // Without a node there is nothing to decide; its appearance brings all waiting pods back.
    if (pod === undefined || node === undefined) return null;
    const schedule = decideSchedule(pod, snapshotNode(node));
    if (schedule.kind === 'bind') await this.#bind(pod, schedule.nodeName);
    if (schedule.kind === 'wait') await this.#explain(pod, schedule);
    return null;
  }

  async #bind(pod: Pod, nodeName: string): Promise<void> {
    const { namespace, name, uid } = pod.metadata;
    const { status, body } = await this.#options.transport.request({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/pods/${name}/binding`,
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, ...(uid !== undefined && { uid }) },
        target: { apiVersion: 'v1', kind: 'Node', name: nodeName },
      },
    });
    // 404: gone; 409: bound or deleted meanwhile. Both bring their own event.
    if (status >= 300 && status !== 404 && status !== 409) {
      throw new KubeError(status, body, `binding ${namespace}/${name}`);
    }
    const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
    const event = { object: pod, type: 'Normal', reason: 'Scheduled', message } as const;
    this.#ports.recordEvent(component, event);
  }

  async #explain(pod: Pod, schedule: Extract<Schedule, { kind: 'wait' }>): Promise<void> {
    const { client, clock, recordEvent } = this.#ports;
    const condition = deriveWaitingCondition(pod, schedule, clock.now());
    if (condition === undefined) return;
    const { namespace, name } = pod.metadata;
    const others = (pod.status?.conditions ?? []).filter((one) => one.type !== 'PodScheduled');
    const body = { status: { conditions: [...others, condition] } };
    try {
      await client.patch(podResource, { namespace, name }, body, { subresource: 'status' });
    } catch (error) {
      if (!isKubeError(error, 404)) throw error;
      return;
    }
    if (schedule.reason !== 'Unschedulable') return;
    const { message } = schedule;
    recordEvent(component, { object: pod, type: 'Warning', reason: 'FailedScheduling', message });
  }
}

function snapshotNode(node: Node): NodeSnapshot {
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    isSchedulable: node.spec.unschedulable !== true,
  };
}
