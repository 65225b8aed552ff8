// This checkout's cluster: made, asked and deleted by the kind command.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Docker } from './docker.ts';
import { clusterName, folders } from './folders.ts';
import { run } from './run-program.ts';

/** kind waits this long for the nodes; 10 to 25 s were seen, on busy machines a minute. */
const readyWait = '300s';
const createMsMax = 15 * 60_000;
const kubectlMsMax = 6 * 60_000;

export class KindCluster {
  readonly #docker: Docker;
  /** The kind program. */
  readonly #kind: string;

  constructor(docker: Docker, kind: string) {
    this.#docker = docker;
    this.#kind = kind;
  }

  async create(config: object): Promise<void> {
    // JSON is YAML.
    const file = join(folders.state, 'kind.json');
    writeFileSync(file, JSON.stringify(config, null, 2));
    await this.#call(['create', 'cluster', '--config', file, '--wait', readyWait]);
  }

  async delete(): Promise<void> {
    await this.#call(['delete', 'cluster']);
  }

  /** Names of images in Docker, or paths of archives. */
  async load(...images: readonly string[]): Promise<void> {
    const archives = images.filter((image) => image.endsWith('.tar'));
    const named = images.filter((image) => !image.endsWith('.tar'));
    if (archives.length > 0) await this.#call(['load', 'image-archive', ...archives]);
    if (named.length > 0) await this.#call(['load', 'docker-image', ...named]);
  }

  async exportLogs(folder: string): Promise<void> {
    await this.#call(['export', 'logs', folder]);
  }

  /** Nodes that run, with their containers' names; those of a half-made cluster too. */
  async listNodes(): Promise<{ readonly name: string; readonly isRunning: boolean }[]> {
    const filter = `label=io.x-k8s.kind.cluster=${clusterName}`;
    const format = '{{.Names}} {{.State}}';
    const said = await this.#docker.run(['ps', '-a', '--filter', filter, '--format', format]);
    return said
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(' '))
      .map(([name = '', state]) => ({ name, isRunning: state === 'running' }));
  }

  /** By the kubectl inside the control plane's node: the host may have none. */
  async kubectl(args: readonly string[], timeoutMs = kubectlMsMax): Promise<string> {
    const inNode = ['exec', `${clusterName}-control-plane`, 'kubectl'];
    const config = ['--kubeconfig', '/etc/kubernetes/admin.conf'];
    return await run('docker', [...inNode, ...config, ...args], {
      env: this.#docker.env,
      timeoutMs,
    });
  }

  async isReady(): Promise<boolean> {
    try {
      await this.kubectl(['get', '--raw', '/readyz'], 5_000);
      return true;
    } catch {
      return false;
    }
  }

  /** A node that was just started again takes some seconds. */
  async becomesReady(msMax: number): Promise<boolean> {
    const endMs = performance.now() + msMax;
    while (!(await this.isReady())) {
      if (performance.now() > endMs) return false;
      await delay(500);
    }
    return true;
  }

  /** Services and their names work only then. */
  async waitForNetwork(): Promise<void> {
    const inSystem = ['-n', 'kube-system', 'rollout', 'status', '--timeout=300s'];
    await this.kubectl([...inSystem, 'daemonset/kube-proxy']);
    await this.kubectl([...inSystem, 'deployment/coredns']);
  }

  async #call(args: readonly string[]): Promise<void> {
    await run(this.#kind, [...args, '--name', clusterName], {
      env: {
        ...this.#docker.env,
        KUBECONFIG: folders.kubeconfig,
        KIND_EXPERIMENTAL_PROVIDER: 'docker',
      },
      timeoutMs: createMsMax,
    });
  }
}
