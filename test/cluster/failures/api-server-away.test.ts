// The API server answers nobody for a minute: what is warm goes on, and all that waited for it is made up for.

import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { call, errorCode } from '../../support/call.ts';
import { startLoad } from '../../support/steady-load.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget();
const runFile = promisify(execFile);
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";
/** As the issue asks; the kubelet would restart a server that is silent for 80 s. */
const silenceMs = 60_000;
const callers = 4;

/** By pid, in the node's own container. */
async function signalApiServer(signal: 'STOP' | 'CONT'): Promise<void> {
  const node = process.env['ROUSE_TEST_NODE'];
  if (node === undefined)
    throw new Error('ROUSE_TEST_NODE names no node: run npm run test:cluster');
  const script = `kill -${signal} $(pidof kube-apiserver)`;
  await runFile('docker', ['exec', node, 'sh', '-c', script]);
}

describe('an API server that is silent for a minute', () => {
  it('stops no warm Function, gives sleepers an answer that says why, and all heals', async () => {
    const spec = { runtime: 'node', source: { inline } };
    await target().deploy('warm', { ...spec, scaling: { minReplicas: 1 } });
    await target().deploy('asleep', { ...spec, pool: false, scaling: { idleSeconds: 1 } });
    await target().sleeps('asleep', 60_000);
    const { gatewayUrl } = target();
    const hosts = { warm: await target().hostOf('warm'), asleep: await target().hostOf('asleep') };
    await waitFor(async () => (await target().call('warm')).status === 200, {
      what: 'the warm one to answer',
    });
    const load = startLoad(() => call({ gatewayUrl, host: hosts.warm }), { callers });
    let sleeper;
    await signalApiServer('STOP');
    try {
      const over = new Promise<void>((resolve) => setTimeout(resolve, silenceMs));
      sleeper = await call({ gatewayUrl, host: hosts.asleep });
      await over;
    } finally {
      await signalApiServer('CONT');
    }
    await waitFor(async () => (await target().get('warm')).status !== undefined, {
      what: 'the API server to answer again',
      deadlineMs: 60_000,
    });
    await load.stop();
    expect(load.failures).toEqual([]);
    expect(load.answers).toBeGreaterThan(callers);
    expect([503, 504]).toContain(sleeper.status);
    expect(['no_capacity', 'wake_timeout']).toContain(errorCode(sleeper));
    await waitFor(async () => (await call({ gatewayUrl, host: hosts.asleep })).status === 200, {
      what: 'the sleeper to wake',
      deadlineMs: 90_000,
    });
    await waitFor(async () => (await target().apply('afterwards', spec)) !== undefined, {
      what: 'a new Function to be taken',
      deadlineMs: 60_000,
    });
    await waitFor(async () => (await target().call('afterwards')).status === 200, {
      what: 'a new Function to be served',
      deadlineMs: 90_000,
    });
  }, 400_000);
});
