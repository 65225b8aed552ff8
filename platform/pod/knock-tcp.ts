// Knocks on a plain image's port: it is ready as soon as it accepts a connection.

import { connect } from 'node:net';
import type { PodAddress } from '../../api/build-pod-address.ts';
import { isUnreachable, pauseBetweenKnocks } from './knock-pace.ts';

/** One try to connect; see control-port.ts for why it is shorter than the kernel's own repeat. */
const connectTimeoutMs = 250;

/** Resolves once a connection was accepted (and closed again). Rejects when the signal aborts: the caller's budget. */
export async function knockTcp(address: PodAddress, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await tryConnecting(address, signal);
      return;
    } catch (error) {
      if (signal.aborted || !isUnreachable(error)) throw error;
    }
    await pauseBetweenKnocks(attempt, signal);
  }
}

function tryConnecting(address: PodAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, signal });
    const late = setTimeout(() => {
      socket.destroy(
        Object.assign(new Error('connecting took too long'), { code: 'ECONNTIMEOUT' }),
      );
    }, connectTimeoutMs);
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(late));
  });
}
