// Knocks on a pod's port until it accepts a connection.

import { connect, type Socket } from 'node:net';
import type { PodAddress } from '../../api/build-pod-address.ts';
import { setLateTimer } from '../process/late-timer.ts';
import { eagerPauseMs, isUnreachable, pauseBetweenKnocks, type KnockPace } from './knock-pace.ts';

/** A pod's network may drop the first SYN while it is set up; the kernel would repeat it only after 1 s. */
const connectTimeoutMs = 250;

/** Resolves once a connection was accepted; it is closed again. Rejects when the signal aborts: the caller's budget. */
export async function knockTcp(
  address: PodAddress,
  signal: AbortSignal,
  firstPauseMs = eagerPauseMs,
): Promise<void> {
  (await connectByKnocking(address, { signal, firstPauseMs })).destroy();
}

/** The same, with the connection left open: the caller must use or destroy it. */
export async function connectByKnocking(address: PodAddress, pace: KnockPace): Promise<Socket> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await tryConnecting(address, pace.signal);
    } catch (error) {
      if (pace.signal.aborted || !isUnreachable(error)) throw error;
    }
    await pauseBetweenKnocks(attempt, pace);
  }
}

function tryConnecting(address: PodAddress, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port, noDelay: true });
    const cancel = setLateTimer(() => fail(coded()), connectTimeoutMs);
    const give = (): void => fail(signal.reason as Error);
    const settle = (): void => {
      cancel();
      signal.removeEventListener('abort', give);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', give, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      settle();
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function coded(): Error {
  return Object.assign(new Error('connecting took too long'), { code: 'ECONNTIMEOUT' });
}
