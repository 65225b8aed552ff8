// Sends one request through the HTTP client at start, so that the first caller doesn't pay for compiling its parser.

import { Pool } from 'undici';
import { originOf } from './endpoint.ts';

const warmUpTimeoutMs = 2_000;

/** Asks our own admin port; never rejects, since nothing depends on it. */
export async function warmUp(adminPort: number, adminHost: string): Promise<void> {
  const isAny = adminHost === '0.0.0.0' || adminHost === '::';
  const pool = new Pool(originOf({ host: isAny ? '127.0.0.1' : adminHost, port: adminPort }));
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
