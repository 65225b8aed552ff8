// An activator over a cluster in memory, with pods that are real HTTP servers.

import { generateKeyPairSync } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Activator } from '../../../activator/activator.ts';
import { BundleCache } from '../../../activator/bundle-cache.ts';
import type { Cluster, FunctionView, ScaleView } from '../../../activator/cluster.ts';
import type { PodView } from '../../../activator/derive-pod-view.ts';
import { createClaimPod } from '../../../activator/claim-pod.ts';
import { createCodePorts } from '../../../activator/code-ports.ts';
import { createKnockPod } from '../../../activator/knock-pod.ts';
import type { RevisionLimits } from '../../../activator/revision-state.ts';
import { limitDefaults, type Limits } from '../../../activator/settings.ts';
import type { Tracing } from '../../../activator/tracing.ts';
import type { EnvVar } from '../../../api/kubernetes.ts';
import type { Revision } from '../../../api/revision.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakePod, type FakePodOptions } from './fake-pod.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
/** As a pod gets it: raw, in base64. */
export const controlPublicKey = publicKey
  .export({ format: 'der', type: 'spki' })
  .subarray(-32)
  .toString('base64');

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The connection broke before the body's end. */
  readonly isCut: boolean;
}

export interface CallOptions {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly host?: string;
  readonly signal?: AbortSignal;
}

/** The cluster port over plain maps; `onRaise` plays Deployment, ReplicaSet and kubelet. */
export class MemoryCluster implements Cluster {
  readonly functions = new Map<string, FunctionView>();
  readonly limits = new Map<string, RevisionLimits>();
  readonly scales = new Map<string, ScaleView>();
  raises: string[] = [];
  lifted: string[] = [];
  reads = 0;
  /** Of every Revision. */
  files: Record<string, string> = { 'index.mjs': 'export const handler = () => "hello"' };
  env: EnvVar[] = [];
  onRaise: (key: string) => void = () => {};
  #version = 1;

  findFunction(namespace: string, name: string): FunctionView | undefined {
    return this.functions.get(`${namespace}/${name}`);
  }

  findLimits(namespace: string, revision: string): RevisionLimits | undefined {
    return this.limits.get(`${namespace}/${revision}`);
  }

  findScale(namespace: string, revision: string): ScaleView | undefined {
    return this.scales.get(`${namespace}/${revision}`);
  }

  setReplicas(key: string, replicas: number): void {
    this.#version += 1;
    this.scales.set(key, { replicas, resourceVersion: String(this.#version) });
  }

  raiseFromZero(namespace: string, revision: string): Promise<void> {
    const key = `${namespace}/${revision}`;
    this.raises.push(key);
    this.setReplicas(key, 1);
    this.onRaise(key);
    return Promise.resolve();
  }

  liftGate(pod: PodView): Promise<void> {
    this.lifted.push(pod.name);
    return Promise.resolve();
  }

  readRevision(namespace: string, revision: string): Promise<Revision> {
    this.reads += 1;
    return Promise.resolve({
      apiVersion: 'rouse.dev/v1alpha1',
      kind: 'Revision',
      metadata: { name: revision, namespace },
      spec: {
        functionName: revision.slice(0, -6),
        number: 1,
        signature: 'auto',
        runtime: 'node',
        files: this.files,
        env: this.env,
        codeDigest: 'digest',
        templateDigest: 'digest',
        timeoutSeconds: 60,
        concurrency: { target: 100, limit: 0 },
      },
    });
  }
}

export class Harness {
  readonly cluster = new MemoryCluster();
  readonly activator: Activator;
  readonly pods: FakePod[] = [];
  readonly controllers: string[] = [];
  readonly bundles: BundleCache;
  port = 0;

  constructor(limits: Partial<Limits> = {}, tracing?: Tracing) {
    this.bundles = new BundleCache(this.cluster);
    const bundles = this.bundles;
    const all = { ...limitDefaults, ...limits };
    const keys = { current: privateKey, read: () => Promise.resolve(privateKey) };
    this.activator = new Activator({
      cluster: this.cluster,
      pool: { claimPod: createClaimPod(all), ...createCodePorts(bundles, keys) },
      knockPod: createKnockPod({
        readBundle: (namespace, revision) => bundles.get(namespace, revision),
        readKey: () => Promise.resolve(privateKey),
        loadTimeoutMs: 5_000,
      }),
      prefetch: (namespace, revision) => void bundles.get(namespace, revision),
      identity: 'test',
      findControllers: () => this.controllers,
      readToken: () => 'token',
      domain: 'example.com',
      limits: all,
      log: silentLog,
      tracing,
      random: () => 0,
    });
  }

  async start(): Promise<this> {
    const { server } = this.activator;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** A Function that is Ready, with one Revision at zero. */
  addFunction(name = 'hello', limits: Partial<RevisionLimits> = {}): void {
    const revision = `${name}-00001`;
    this.cluster.functions.set(`default/${name}`, {
      traffic: [{ revision, percent: 100 }],
      revisionReady: undefined,
      isObserved: true,
    });
    this.cluster.limits.set(`default/${revision}`, {
      timeoutMs: 10_000,
      podRequestsMax: 1_000,
      target: 100,
      poolRuntime: 'node',
      ...limits,
    });
    this.cluster.setReplicas(`default/${revision}`, 0);
  }

  async addPod(options: FakePodOptions = {}): Promise<FakePod> {
    const pod = await new FakePod(options).listen();
    this.pods.push(pod);
    this.activator.applyPod(pod.view());
    return pod;
  }

  /** A pod of the warm pool that this activator knows. */
  async addParked(options: FakePodOptions = {}): Promise<FakePod> {
    const pod = await new FakePod({ revision: 'rouse-pool-node', ...options }).listen();
    this.pods.push(pod);
    this.activator.applyParked(pod.parkedView());
    return pod;
  }

  /** As the watch brings a Revision with its code, before anybody calls. */
  async offerCode(name = 'hello'): Promise<void> {
    const found = await this.cluster.readRevision('default', `${name}-00001`);
    this.cluster.reads -= 1;
    this.bundles.offer(found);
  }

  /** What the controller does to a claimed pod, as the two watches show it. */
  adopt(pod: FakePod, revision = 'hello-00001'): void {
    this.activator.removeParked(pod.parkedView());
    this.activator.applyPod(pod.view({ revision, isReady: true, isAdopted: true }));
  }

  /** Every raise makes one pod, as a cluster does. */
  wakesWith(options: FakePodOptions): void {
    this.cluster.onRaise = () => void this.addPod(options);
  }

  removePod(pod: FakePod): void {
    this.activator.applyPod(pod.view({ isLeaving: true }));
  }

  call(options: CallOptions = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({
        host: '127.0.0.1',
        port: this.port,
        method: options.method ?? 'GET',
        path: options.path ?? '/',
        headers: { host: options.host ?? 'hello.default.example.com', ...options.headers },
        agent: false,
        ...(options.signal && { signal: options.signal }),
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => undefined);
        response.on('close', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
            isCut: !response.complete,
          }),
        );
      });
      request.end(options.body);
    });
  }

  get state() {
    return this.activator.revisions.get('default', 'hello-00001');
  }

  async stop(): Promise<void> {
    for (const pod of this.pods) {
      this.removePod(pod);
      // Whatever it was claimed for.
      this.activator.applyParked(pod.parkedView({ isLeaving: true }));
      const revision = pod.bundle?.revision ?? pod.revision;
      this.activator.applyPod(pod.view({ revision, isLeaving: true }));
      pod.kill();
    }
    this.activator.server.closeAllConnections();
    await new Promise((resolve) => this.activator.server.close(resolve));
  }
}

const waitMaxMs = 10_000;

/** Looks every few milliseconds until it holds. */
export async function waitFor(what: string, holds: () => boolean): Promise<void> {
  const endsAtMs = Date.now() + waitMaxMs;
  while (!holds()) {
    if (Date.now() > endsAtMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The error code of an answer of the platform, checked for its form. */
export function codeOf(answer: Answer): string {
  const { error } = JSON.parse(answer.body) as {
    error: { code: string; message: string; component: string; requestId: string };
  };
  if (answer.headers['x-rouse-error'] !== error.code) throw new Error('header and body differ');
  if (error.component !== 'activator') throw new Error('wrong component');
  if (answer.headers['x-request-id'] !== error.requestId) throw new Error('wrong request id');
  return error.code;
}
