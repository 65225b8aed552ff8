// What Kubernetes itself takes: a Deployment with nothing of ours, scaled to one until its pod's port answers.

import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Deployment } from '../../../api/kubernetes.ts';
import { deployments } from '../../../api/resources.ts';
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
    await this.#client.create(deployments, buildBare(name, this.#namespace));
  }

  /** Milliseconds from the PATCH to the first connection that the pod's own port accepts. */
  async wake(name: string): Promise<number> {
    const startedMs = performance.now();
    const [, address] = await Promise.all([
      this.#scale(name, 1),
      this.#pods.addressOf(bareLabel, name),
    ]);
    const endMs = performance.now() + knockMsMax;
    while (!(await accepts(address))) {
      if (performance.now() > endMs) throw new Error(`the pod of ${name} does not listen`);
      await pause(knockEveryMs);
    }
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
function buildBare(name: string, namespace: string): Deployment {
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
            },
          ],
        },
      },
    },
  };
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
