// What Kubernetes itself takes: a Deployment with nothing of ours, scaled to one until its pod's port answers.

import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Container, Deployment } from '../../../api/kubernetes.ts';
import { deployments, services } from '../../../api/resources.ts';
import type { KubeClient } from '../../../platform/kube/client.ts';
import { plainImage } from './enter-node.ts';
import type { PodWatch } from './pod-watch.ts';

const port = 8080;
export const bareLabel = 'bench.rouse.dev/bare';
const knockEveryMs = 5;
const knockMsMax = 60_000;

export class BareDeployments {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #pods: PodWatch;

  constructor(client: KubeClient, namespace: string, pods: PodWatch) {
    this.#client = client;
    this.#namespace = namespace;
    this.#pods = pods;
  }

  async create(name: string): Promise<void> {
    await this.#client.create(deployments, buildBare(name, this.#namespace, {}));
  }

  /** With a readiness probe, as everybody's has who is called through a Service. Gives the Service's address. */
  async createWithService(name: string): Promise<string> {
    const readinessProbe = { httpGet: { path: '/', port }, periodSeconds: 1 };
    await this.#client.create(deployments, buildBare(name, this.#namespace, { readinessProbe }));
    const { spec } = await this.#client.create(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: this.#namespace },
      spec: { selector: { [bareLabel]: name }, ports: [{ port, protocol: 'TCP' }] },
    });
    return spec.clusterIP ?? '';
  }

  /** Milliseconds from the PATCH to the first connection that the pod's own port accepts. */
  async wake(name: string): Promise<number> {
    const startedMs = performance.now();
    const [, address] = await Promise.all([
      this.#scale(name, 1),
      this.#pods.addressOf(bareLabel, name),
    ]);
    await listens(address, name);
    return performance.now() - startedMs;
  }

  /** Milliseconds from the PATCH to the first connection that its Service lets through. */
  async wakeThrough(name: string, address: string): Promise<number> {
    const startedMs = performance.now();
    await this.#scale(name, 1);
    await listens(address, name);
    return performance.now() - startedMs;
  }

  async sleep(name: string): Promise<void> {
    await this.#scale(name, 0);
  }

  async #scale(name: string, replicas: number): Promise<void> {
    const ref = { namespace: this.#namespace, name };
    await this.#client.patch(deployments, ref, { spec: { replicas } }, { subresource: 'scale' });
  }
}

/** As quick as a Deployment can be: no volume, no probe, the image on its node. */
function buildBare(name: string, namespace: string, more: Partial<Container>): Deployment {
  const found = { [bareLabel]: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 0,
      selector: { matchLabels: found },
      template: {
        metadata: { labels: found },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          containers: [
            {
              name: 'main',
              image: plainImage,
              env: [{ name: 'PORT', value: String(port) }],
              ports: [{ containerPort: port }],
              resources: { requests: { cpu: '25m', memory: '64Mi' } },
              ...more,
            },
          ],
        },
      },
    },
  };
}

async function listens(address: string, name: string): Promise<void> {
  const endMs = performance.now() + knockMsMax;
  while (!(await accepts(address))) {
    if (performance.now() > endMs) throw new Error(`nobody listens at ${address} for ${name}`);
    await pause(knockEveryMs);
  }
}

function accepts(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean) => (): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}
