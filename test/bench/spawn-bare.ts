// What a machine itself takes: a one-file Node server spawned, until its first answer.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { call } from '../support/call.ts';

/** Milliseconds from the spawn of `bare/FILE` to its first answer. */
export async function spawnAndAsk(file: 'server.cjs' | 'server.mjs'): Promise<number> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare', file)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString('utf8').trim()));
    });
    const answer = await call({ gatewayUrl: `http://127.0.0.1:${port}`, host: 'bare' });
    if (answer.text !== 'hello') throw new Error(`bare node answered ${answer.text}`);
    return performance.now() - startedMs;
  } finally {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  }
}
