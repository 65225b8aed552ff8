// What the end-to-end suite runs against: a gateway and a Kubernetes API, local or anywhere else.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { configMaps, functions, pods } from '../../api/resources.ts';
import type { RouseFunction } from '../../api/function.ts';
import type { Condition, KubeObject, Pod } from '../../api/kubernetes.ts';
import { labels } from '../../api/names.ts';
import { KubeClient } from '../../platform/kube/client.ts';
import { loadTransport } from '../../platform/kube/kubeconfig.ts';
import { call, type CallOptions, type Answer } from './call.ts';
import { runKubectl, type KubectlAnswer, type TestPlatform } from './platform.ts';
import { waitFor } from './wait-for.ts';

/** A Function as a test writes it; the API server fills in the defaults. */
export type FunctionSpecGiven = Record<string, unknown>;

const readyDeadlineMs = 20_000;
const examples = resolve(import.meta.dirname, '../../examples');

export class Target {
  readonly gatewayUrl: string;
  readonly kubeconfig: string;
  readonly kube: KubeClient;
  /** Made for this test file, so that files and runs never meet. */
  readonly namespace: string;
  /** Only where the suite started it itself. */
  readonly platform: TestPlatform | undefined;

  constructor(options: {
    gatewayUrl: string;
    kubeconfig: string;
    namespace: string;
    platform?: TestPlatform | undefined;
  }) {
    this.gatewayUrl = options.gatewayUrl;
    this.kubeconfig = options.kubeconfig;
    this.namespace = options.namespace;
    this.platform = options.platform;
    const transport = loadTransport({ ...process.env, KUBECONFIG: options.kubeconfig });
    this.kube = new KubeClient(transport, { fieldManager: 'rouse-e2e' });
  }

  /** Creates the Function or replaces its spec, as `kubectl apply` of a changed file would. */
  async apply(name: string, spec: FunctionSpecGiven): Promise<RouseFunction> {
    const ref = { name, namespace: this.namespace };
    const found = await this.kube.getOrUndefined(functions, ref);
    const given = { apiVersion: 'rouse.dev/v1alpha1', kind: 'Function', metadata: ref, spec };
    if (found === undefined) return this.kube.create(functions, given as unknown as RouseFunction);
    const body = [{ op: 'replace', path: '/spec', value: spec }];
    return this.kube.patch(functions, ref, body, { type: 'json' });
  }

  /** Applies it and waits until it is Ready. */
  async deploy(name: string, spec: FunctionSpecGiven): Promise<RouseFunction> {
    await this.apply(name, spec);
    return this.becomes(name, { status: 'True' });
  }

  /** Waits until the condition Ready has that status for the latest generation. */
  async becomes(name: string, wanted: { status: 'True' | 'False' }): Promise<RouseFunction> {
    let last: RouseFunction | undefined;
    try {
      return await waitFor(
        async () => {
          last = await this.kube.get(functions, { name, namespace: this.namespace });
          const isCurrent = last.status?.observedGeneration === last.metadata.generation;
          return isCurrent && condition(last, 'Ready')?.status === wanted.status && last;
        },
        { what: `Function ${name} to have Ready=${wanted.status}`, deadlineMs: readyDeadlineMs },
      );
    } catch (error) {
      const status = JSON.stringify(last?.status);
      throw new Error(`${(error as Error).message}; it says ${status}`, { cause: error });
    }
  }

  /** The objects of examples/NAME.yaml, in this namespace; Functions are waited for. */
  async deployExample(file: string): Promise<RouseFunction[]> {
    const text = readFileSync(join(examples, file), 'utf8');
    const objects = parseAllDocuments(text).map((one) => one.toJS() as KubeObject);
    const made: RouseFunction[] = [];
    for (const object of objects.filter((one) => one !== null)) {
      const metadata = { ...object.metadata, namespace: this.namespace };
      if (object.kind === 'ConfigMap') await this.kube.create(configMaps, { ...object, metadata });
      if (object.kind !== 'Function') continue;
      made.push(await this.apply(metadata.name, (object as RouseFunction).spec as never));
    }
    return made;
  }

  get(name: string): Promise<RouseFunction> {
    return this.kube.get(functions, { name, namespace: this.namespace });
  }

  /** Pods that serve the Function, the leaving ones left out. */
  async podsOf(name: string): Promise<Pod[]> {
    const labelSelector = `${labels.function}=${name},!${labels.proof}`;
    const list = await this.kube.list(pods, { namespace: this.namespace, labelSelector });
    return list.items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  }

  /** Once there are so many and all of them run: a parked pod is the Function's a moment after it serves. */
  runningPodsOf(name: string, count = 1): Promise<Pod[]> {
    const look = async () => {
      const found = await this.podsOf(name);
      const isSettled = found.every((pod) => pod.status?.phase === 'Running');
      return found.length === count && isSettled && found;
    };
    return waitFor(look, { what: `${count} running pods of "${name}"` });
  }

  /** Until neither a pod nor a replica of the Function is left. */
  async sleeps(name: string, deadlineMs = 30_000): Promise<void> {
    await waitFor(
      async () => {
        const count = await this.#countPods(name);
        const { status } = await this.get(name);
        return count === 0 && (status?.replicas ?? 0) === 0;
      },
      { what: `Function ${name} to sleep`, deadlineMs },
    );
  }

  /** Until a pod is the Function's own: a parked one becomes that a moment after it has served. */
  async awake(name: string, deadlineMs = 30_000): Promise<void> {
    await waitFor(async () => (await this.#countPods(name)) > 0, {
      what: `Function ${name} to have a pod`,
      deadlineMs,
    });
  }

  /** But for those that prove it. */
  async #countPods(name: string): Promise<number> {
    const labelSelector = `${labels.function}=${name},!${labels.proof}`;
    return (await this.kube.list(pods, { namespace: this.namespace, labelSelector })).items.length;
  }

  /** Calls a Function by its host name. */
  async call(
    name: string,
    options: Omit<CallOptions, 'gatewayUrl' | 'host'> = {},
  ): Promise<Answer> {
    return call({ ...options, gatewayUrl: this.gatewayUrl, host: await this.hostOf(name) });
  }

  /** Host and port as the Function's own status.url says. */
  async hostOf(name: string): Promise<string> {
    const { status } = await this.get(name);
    if (status?.url === undefined) throw new Error(`Function ${name} has no status.url yet`);
    return new URL(status.url).host;
  }

  kubectl(...args: string[]): Promise<KubectlAnswer> {
    const all = ['--namespace', this.namespace, ...args];
    return runKubectl({ kubeconfig: this.kubeconfig, args: all });
  }

  /** `kubectl apply -f -` of these objects, written as YAML or JSON. */
  applyText(text: string): Promise<KubectlAnswer> {
    const args = ['--namespace', this.namespace, 'apply', '-f', '-'];
    return runKubectl({ kubeconfig: this.kubeconfig, args, input: text });
  }
}

export function condition(object: { status?: { conditions?: Condition[] } }, type: string) {
  return object.status?.conditions?.find((one) => one.type === type);
}
