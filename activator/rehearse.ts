// What an activator does before it is ready: it wakes Functions of its own, so that its callers find compiled code.

import { generateKeyPairSync } from 'node:crypto';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PodAddress } from '../api/build-pod-address.ts';
import type { SpecializeAnswer, SpecializeBundle } from '../api/wire.ts';
import { prepareBundle } from '../platform/pod/control-port.ts';
import { silentLog, type Log } from '../platform/process/log.ts';
import { Activator } from './activator.ts';
import { createClaimPod } from './claim-pod.ts';
import type { Cluster } from './cluster.ts';
import { deriveClaimedView, type PoolPodView } from './derive-pool-pod-view.ts';
import type { Limits } from './settings.ts';

/** As many as may well come: what runs for the first time in a crowd is other code than for one. */
export const wakesAtOnce = 20;
export const rounds = 3;
/** Of all rounds, in milliseconds; what isn't done by then is left. */
const rehearsalMsMax = 3_000;

const loopback = '127.0.0.1';
const namespace = 'rehearsal';
const domain = 'rehearsal.invalid';
const runtime = 'node';

/**
 * V8 compiles a function when it is first called, and a wake calls most of what there is here: on kind twenty cold
 * starts at once took 500 ms right after the activator's start and 140 ms later on. The requests go over loopback to
 * an activator of the same making, whose one pod is a server in this process; nothing of it touches Kubernetes, the
 * real activator, its metrics or its caches. Never rejects, since nothing depends on it. Resolves with how many
 * requests were answered as they should.
 */
export async function rehearse(limits: Limits, log: Log): Promise<number> {
  const pod = createServer(answerAsPod);
  let activator: Activator | undefined;
  let answered = 0;
  try {
    const address = await listen(pod);
    activator = createRehearsed(limits);
    const gateway = await listen(activator.server);
    const late = AbortSignal.timeout(rehearsalMsMax);
    for (let round = 0; round < rounds && !late.aborted; round += 1) {
      answered += await rehearseRound(activator, { round, address, gateway, late });
    }
  } catch (error) {
    log.debug({ error }, 'the rehearsal failed; the first cold starts will be slower');
  } finally {
    for (const server of [pod, activator?.server]) {
      server?.close();
      server?.closeAllConnections();
    }
  }
  return answered;
}

interface Round {
  readonly round: number;
  readonly address: PodAddress;
  readonly gateway: PodAddress;
  readonly late: AbortSignal;
}

async function rehearseRound(
  activator: Activator,
  { round, address, gateway, late }: Round,
): Promise<number> {
  const names = Array.from({ length: wakesAtOnce }, (_, number) => `fn-${round}-${number}`);
  const parked = names.map((name) => buildParked(name, address));
  for (const pod of parked) activator.applyParked(pod);
  const calls = await Promise.all(names.map((name) => call(name, gateway, late)));
  for (const pod of parked) {
    activator.removeParked(pod);
    for (const name of names) {
      activator.removePod({ ...deriveClaimedView(pod, revisionOf(name)), isLeaving: true });
    }
  }
  return calls.filter(Boolean).length;
}

function createRehearsed(limits: Limits): Activator {
  const { privateKey } = generateKeyPairSync('ed25519');
  const findCode = (_: string, revision: string) => ({
    bundle: prepareBundle(buildBundle(revision)),
    privateKey,
  });
  return new Activator({
    cluster: rehearsedCluster,
    pool: {
      claimPod: createClaimPod(limits),
      findCode,
      readCode: (one, revision) => Promise.resolve(findCode(one, revision)),
    },
    knockPod: () => Promise.reject(new Error('a rehearsal makes no pods')),
    prefetch: () => {},
    identity: namespace,
    findControllers: () => [],
    readToken: () => undefined,
    ...{ domain, limits, log: silentLog },
  });
}

/** Every Function is there, at zero, and may be served from the pool. */
const rehearsedCluster: Cluster = {
  findFunction: (_, name) => ({
    traffic: [{ revision: revisionOf(name), percent: 100 }],
    revisionReady: undefined,
    isObserved: true,
  }),
  findLimits: () => ({ timeoutMs: 1_000, podRequestsMax: 100, target: 100, poolRuntime: runtime }),
  findScale: () => ({ replicas: 0, resourceVersion: '1' }),
  raiseFromZero: () => Promise.resolve(),
  liftGate: () => Promise.resolve(),
  readRevision: () => Promise.reject(new Error('a rehearsal reads no Revision')),
};

function revisionOf(name: string): string {
  return `${name}-00001`;
}

function buildBundle(revision: string): SpecializeBundle {
  return {
    ...{ version: 1, namespace, function: revision, revision, signature: 'auto' },
    ...{ files: {}, codeDigest: revision, env: {}, timeoutMs: 1_000, concurrencyLimit: 0 },
  };
}

function buildParked(name: string, address: PodAddress): PoolPodView {
  return {
    ...{ namespace, name, uid: name, runtime, restarts: 0 },
    ...{ isLeaving: false, isRunning: true, isComing: false, isReady: true },
    ...{ http: address, control: address },
  };
}

/** Takes any code and answers any request. */
const answerAsPod: Parameters<typeof createServer>[1] = (incoming, response) => {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    if (incoming.method !== 'POST') {
      response.end('rehearsed');
      return;
    }
    const { revision, codeDigest } = JSON.parse(
      Buffer.concat(chunks).toString(),
    ) as SpecializeBundle;
    const answer: SpecializeAnswer = { state: 'ready', revision, codeDigest, loadMs: 0 };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
};

/** Whether the pod's own answer came. */
function call(name: string, { host, port }: PodAddress, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { host: `${name}.${namespace}.${domain}` };
    const request = httpRequest({ host, port, headers, signal, agent: false });
    request.on('error', () => resolve(false));
    request.on('response', (response) => {
      response.resume();
      response.on('close', () => resolve(response.statusCode === 200));
    });
    request.end();
  });
}

function listen(server: Server): Promise<PodAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, () => {
      resolve({ host: loopback, port: (server.address() as AddressInfo).port });
    });
  });
}
