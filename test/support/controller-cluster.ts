// A local cluster in a process of its own, and controllers in this one that talk to it over HTTPS.

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouseFunction } from '../../api/function.ts';
import type { KubeEvent } from '../../api/kubernetes.ts';
import { groupVersion } from '../../api/names.ts';
import { events, functions, revisions } from '../../api/resources.ts';
import type { Revision } from '../../api/revision.ts';
import { startController, type RunningController } from '../../controller/controller.ts';
import { readSettings } from '../../controller/settings.ts';
import { KubeClient } from '../../platform/kube/client.ts';
import { HttpTransport } from '../../platform/kube/http-transport.ts';
import { readKubeconfig } from '../../platform/kube/kubeconfig.ts';
import type { Transport } from '../../platform/kube/transport.ts';
import { silentLog, type Log } from '../../platform/process/log.ts';
import { waitFor } from './wait-for.ts';

export interface ControllerCluster {
  readonly client: KubeClient;
  readonly kubeconfig: string;
  /** A controller of its own, as another process would be. */
  startController(options?: TestControllerOptions): Promise<TestController>;
  stop(): Promise<void>;
}

export interface TestControllerOptions {
  readonly env?: Record<string, string>;
  readonly log?: Log;
  /** After so many writes every further one fails, as if the process had died there. */
  readonly writesMax?: number;
  /** Puts something between the controller and the API server. */
  readonly wrap?: (inner: Transport) => Transport;
  /** Talks to the API server through this address, for example a proxy's. */
  readonly server?: string;
  /** Default true; false gives a controller that may never become ready. */
  readonly awaitsReady?: boolean;
}

export interface TestController extends RunningController {
  /** Ends its connections first, as SIGKILL would: what it was about to write is never written. */
  kill(): Promise<void>;
  /** Resolves when `writesMax` is used up. */
  readonly exhausted: Promise<void>;
}

const program = join(import.meta.dirname, 'run-controller-cluster.ts');

export async function startControllerCluster(): Promise<ControllerCluster> {
  const home = mkdtempSync(join(tmpdir(), 'rouse-controller-'));
  const child = fork(program, [home], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const kubeconfig = await readyOf(child);
  const connect = (server?: string): HttpTransport =>
    new HttpTransport({ ...readKubeconfig(kubeconfig), ...(server !== undefined && { server }) });
  const own = connect();
  let count = 0;
  return {
    client: new KubeClient(own, { fieldManager: 'test' }),
    kubeconfig,
    startController: async (options = {}) => {
      const { env = {}, log = silentLog, writesMax = Infinity, wrap = (inner) => inner } = options;
      count += 1;
      const http = connect(options.server);
      const { transport, exhausted } = limitWrites(wrap(http), writesMax);
      const running = await startController(
        { transport, log, identity: `controller-${count}` },
        { ...readSettings(env), port: 0 },
      );
      if (options.awaitsReady !== false) await running.ready;
      return {
        ...{ port: running.port, ready: running.ready, exhausted },
        stop: () => running.stop().then(() => http.close()),
        kill: () => http.close().then(() => running.stop()),
      };
    },
    stop: async () => {
      await own.close();
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function limitWrites(
  inner: Transport,
  writesMax: number,
): { readonly transport: Transport; readonly exhausted: Promise<void> } {
  let writes = 0;
  let exhaust = (): void => {};
  const exhausted = new Promise<void>((resolve) => (exhaust = resolve));
  const transport: Transport = {
    request: async (request) => {
      if (request.method !== 'GET') writes += 1;
      if (writes >= writesMax) exhaust();
      if (writes > writesMax) throw new Error('the controller is dead');
      return inner.request(request);
    },
    watch: (request, onEvent, onOpen) => inner.watch(request, onEvent, onOpen),
  };
  return { transport, exhausted };
}

function readyOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve((message as { kubeconfig: string }).kubeconfig));
    child.once('exit', (code) => reject(new Error(`the cluster exited with ${code}`)));
  });
}

/** A Function with inline code, as `kubectl apply` would send it: the CRD adds the defaults. */
export function inlineFunction(name: string, spec: object = {}): RouseFunction {
  return {
    apiVersion: groupVersion,
    kind: 'Function',
    metadata: { name, namespace: 'default' },
    spec: { runtime: 'node', source: { inline: 'export const handler = () => 1' }, ...spec },
  } as unknown as RouseFunction;
}

/** Waits until the Function's condition has that status, and gives the Function. */
export async function waitForCondition(
  client: KubeClient,
  name: string,
  wanted: { readonly type?: string; readonly status: string; readonly reason?: string },
): Promise<RouseFunction> {
  const { type = 'Ready', status, reason } = wanted;
  let last: RouseFunction | undefined;
  try {
    return await waitFor(
      async () => {
        last = await client.get(functions, { namespace: 'default', name });
        if (last.status?.observedGeneration !== last.metadata.generation) return undefined;
        const found = last.status?.conditions?.find((one) => one.type === type);
        if (found?.status !== status) return undefined;
        return reason === undefined || found.reason === reason ? last : undefined;
      },
      { what: `${type}=${status} ${reason ?? ''} of ${name}` },
    );
  } catch (error) {
    const seen = JSON.stringify(last?.status, null, 1);
    throw new Error(`${(error as Error).message}; it is ${seen}`, { cause: error });
  }
}

/** Waits until that Revision is the latest that is ready. */
export function waitForRevision(
  client: KubeClient,
  name: string,
  revision: string,
): Promise<RouseFunction> {
  return waitFor(
    async () => {
      const found = await client.get(functions, { namespace: 'default', name });
      return found.status?.latestReadyRevision === revision && found;
    },
    { what: `${revision} to be ready` },
  );
}

export async function listRevisions(client: KubeClient, name: string): Promise<Revision[]> {
  const list = await client.list(revisions, { namespace: 'default' });
  return list.items
    .filter((one) => one.spec.functionName === name)
    .sort((a, b) => a.spec.number - b.spec.number);
}

/** Waits for an Event of the Function whose `reason: message` fits; they are written after the fact. */
export async function waitForEvent(
  client: KubeClient,
  name: string,
  pattern: RegExp,
): Promise<string> {
  let seen: string[] = [];
  const ask = async (): Promise<string | undefined> => {
    const list = await client.list<KubeEvent>(events, { namespace: 'default' });
    const own = list.items.filter((one) => one.involvedObject.name === name);
    seen = own.map((one) => `${one.reason}: ${one.message}`);
    return seen.find((text) => pattern.test(text));
  };
  try {
    return await waitFor(ask, { what: `an Event of ${name} like ${pattern.source}` });
  } catch (error) {
    throw new Error(`${(error as Error).message}; there are ${seen.join('\n')}`, { cause: error });
  }
}
