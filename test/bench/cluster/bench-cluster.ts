// What every step on the cluster works with: a namespace, the gateway, the pods, and bare Deployments beside.

import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { namespaces, services } from '../../../api/resources.ts';
import { system } from '../../../api/names.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { loadTransport } from '../../../platform/kube/kubeconfig.ts';
import type { Transport } from '../../../platform/kube/transport.ts';
import { call, type Answer } from '../../support/call.ts';
import { Target } from '../../support/target.ts';
import { BareDeployments } from './bare-deployments.ts';
import { enterNode } from './enter-node.ts';
import { PodWatch } from './pod-watch.ts';

export const systemNamespace = 'rouse-system';
/** After the last pod object is gone the kubelet still takes its sandbox apart. */
const settleMs = 700;

export class BenchCluster {
  readonly target: Target;
  readonly transport: Transport;
  readonly bare: BareDeployments;
  readonly pods: PodWatch;

  private constructor(target: Target, transport: Transport) {
    this.target = target;
    this.transport = transport;
    this.pods = new PodWatch(target.kube, target.namespace);
    this.bare = new BareDeployments(target.kube, target.namespace, this.pods);
  }

  static async connect(progress: (line: string) => void): Promise<BenchCluster> {
    const { kubeconfig, loadPlainImage } = await enterNode();
    progress('loading the plain image');
    await loadPlainImage();
    const transport = loadTransport({ KUBECONFIG: kubeconfig });
    const kube = new KubeClient(transport, { fieldManager: 'rouse-bench' });
    const gateway = await kube.get(services, {
      name: system.activatorService,
      namespace: systemNamespace,
    });
    const { clusterIP, ports } = gateway.spec;
    const gatewayUrl = `http://${clusterIP}:${ports?.[0]?.port}`;
    const namespace = `bench-${randomBytes(4).toString('hex')}`;
    const metadata = { name: namespace };
    await kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
    const bench = new BenchCluster(new Target({ gatewayUrl, kubeconfig, namespace }), transport);
    await bench.pods.start();
    return bench;
  }

  /** No pod of ours anywhere in the namespace, and the kubelet done with the last one. */
  async settle(): Promise<void> {
    await this.pods.empty();
    await pause(settleMs);
  }

  async hostOf(name: string): Promise<string> {
    return await this.target.hostOf(name);
  }

  async wake(host: string): Promise<Answer> {
    const answer = await call({ gatewayUrl: this.target.gatewayUrl, host });
    if (answer.status !== 200) throw new Error(`${host}: ${answer.status} ${answer.text}`);
    return answer;
  }

  async dispose(): Promise<void> {
    await this.target.kube.delete(namespaces, { name: this.target.namespace });
    await this.pods.empty().catch(() => {});
    this.pods.stop();
  }
}
