// The top process may be killed with SIGKILL too: nothing stays behind, and the next start goes on.

import { describe, expect, it } from '@jest/globals';
import { call } from '../../support/call.ts';
import { startPlatform } from '../../support/platform.ts';
import { isAlive, processTree } from '../../support/process-tree.ts';
import { useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget({ isLocal: true });
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";

describe('kill -9', () => {
  it('of the top process leaves no process, and the next start has every object and serves', async () => {
    const first = target().platform;
    if (first === undefined) throw new Error('only a local platform has a top process');
    await target().deploy('kept', { runtime: 'node', source: { inline } });
    expect((await target().call('kept')).status).toBe(200);
    const host = await target().hostOf('kept');
    const uid = (await target().get('kept')).metadata.uid;
    const tree = processTree(first.pid);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await waitFor(() => tree.every((one) => !isAlive(one.pid)), {
      what: `every process to be gone: ${tree.map((one) => one.command).join(' | ')}`,
    });
    const second = await startPlatform({ home: first.home, ports: first.ports });
    try {
      expect((await target().get('kept')).metadata.uid).toBe(uid);
      const answer = await call({ gatewayUrl: second.gatewayUrl, host });
      expect([answer.status, answer.text]).toEqual([200, 'hello']);
    } finally {
      await second.stop();
    }
  });
});
