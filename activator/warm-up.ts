// Sends a request through each HTTP client at start, so that the first caller doesn't pay for compiling what it runs.

import type { KeyObject } from 'node:crypto';
import { Pool } from 'undici';
import type { PodAddress } from '../api/build-pod-address.ts';
import { prepareBundle } from '../platform/pod/control-port.ts';
import type { ClaimPod } from './claim-pod.ts';
import { originOf } from './endpoint.ts';

const warmUpTimeoutMs = 2_000;

/** Asks our own admin port; never rejects, since nothing depends on it. */
export async function warmUp(admin: PodAddress): Promise<void> {
  const pool = new Pool(originOf(reachable(admin)));
  try {
    const answer = await pool.request({
      path: '/healthz',
      method: 'GET',
      signal: AbortSignal.timeout(warmUpTimeoutMs),
    });
    await answer.body.dump();
  } catch {
    // Its only use is speed.
  } finally {
    await pool.destroy();
  }
}

/** A claim that our own admin port refuses; never rejects, once there is a key. */
export async function warmUpClaim(
  admin: PodAddress,
  keys: { read(): Promise<KeyObject> },
  claimPod: ClaimPod | undefined,
): Promise<void> {
  if (claimPod === undefined) return;
  const privateKey = await keys.read();
  const address = reachable(admin);
  const pod = { namespace: '', name: 'warm-up', uid: '', runtime: '', restarts: 0 };
  const state = { isLeaving: false, isRunning: true, isComing: false, isReady: true };
  const bundle = prepareBundle({
    ...{ version: 1, namespace: '', function: '', revision: '', signature: 'auto' },
    ...{ files: {}, codeDigest: '', env: {}, timeoutMs: 0, concurrencyLimit: 0 },
  });
  await claimPod({ ...pod, ...state, http: address, control: address }, { bundle, privateKey });
}

function reachable({ host, port }: PodAddress): PodAddress {
  return { host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port };
}
