// Finds TCP ports on the loopback address that nobody listens on.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the range that systems take ports for outgoing connections from (32768 up on Linux, 49152 up on macOS), and
 * below the kubelet's for pods: a port that was free a moment ago is still free when its owner listens.
 */
const portMin = 10_000;
const portMax = 20_000;
const triesMax = 500;

/** All different. Throws when so many were tried in vain that the range must be full. */
export async function findFreePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries += 1) {
    if (tries === triesMax) throw new Error(`no free port between ${portMin} and ${portMax}`);
    const port = randomInt(portMin, portMax);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
