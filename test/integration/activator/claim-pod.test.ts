// One claim: how long a connection may take, and what a busy activator makes of it.

import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClaimPod } from '../../../activator/claim-pod.ts';
import type { PoolPodView } from '../../../activator/derive-pool-pod-view.ts';
import { prepareBundle } from '../../../platform/pod/control-port.ts';

const { privateKey } = generateKeyPairSync('ed25519');
/** Longer than a connection to a parked pod may take. */
const stallMs = 400;
const claimPod = createClaimPod({ wakeTimeoutMs: 30_000 });
const bundle = prepareBundle({
  ...{ version: 1, namespace: 'default', function: 'a', revision: 'a-00001', signature: 'auto' },
  ...{ files: {}, codeDigest: 'd', env: {}, timeoutMs: 1_000, concurrencyLimit: 0 },
});
let server: Server | undefined;
afterEach(() => void server?.close());

function viewOf(port: number): PoolPodView {
  const address = { host: '127.0.0.1', port };
  return {
    ...{ namespace: 'default', name: 'parked', uid: 'u', runtime: 'node', restarts: 0 },
    ...{ isLeaving: false, isRunning: true, isComing: false, isReady: true },
    ...{ http: address, control: address },
  };
}

async function listen(): Promise<number> {
  server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ state: 'ready', loadMs: 1 }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('a claim', () => {
  it('is not given up by an activator that had no processor while the connection was made', async () => {
    const claim = claimPod(viewOf(await listen()), { bundle, privateKey });
    const untilMs = performance.now() + stallMs;
    while (performance.now() < untilMs) Math.random();
    expect(await claim).toEqual({ kind: 'serving', loadMs: 1 });
  });

  it('of a pod where nobody listens is given up', async () => {
    const port = await listen();
    server?.close();
    const closed = claimPod(viewOf(port), { bundle, privateKey });
    expect(await closed).toEqual({ kind: 'unreachable' });
  });
});
