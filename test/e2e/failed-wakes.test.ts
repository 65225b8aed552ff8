// A wake that can't succeed: the caller is told in time and why, and the failure is not remembered.

import { describe, expect, it } from '@jest/globals';
import { configMaps } from '../../api/resources.ts';
import { errorCode } from '../support/call.ts';
import { condition } from '../support/target.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const inline = 'export const handler = async () => ({ statusCode: 200, body: process.env.WORD });';

describe('a Function whose pod can not start', () => {
  it('gives its callers 504 wake_timeout with the reason, and wakes at once when the cause is gone', async () => {
    const { kube, namespace } = target();
    const metadata = { name: 'words', namespace };
    const words = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { word: 'hello' } };
    await kube.create(configMaps, words);
    await target().deploy('starved', {
      runtime: 'node',
      source: { inline },
      env: [{ name: 'WORD', valueFrom: { configMapKeyRef: { name: 'words', key: 'word' } } }],
      scaling: { idleSeconds: 1 },
    });
    await target().sleeps('starved');
    await kube.delete(configMaps, metadata);
    const late = await target().call('starved');
    expect([late.status, errorCode(late)]).toEqual([504, 'wake_timeout']);
    expect(late.text).toMatch(/words|CreateContainerConfigError/);
    const told = condition(await target().becomes('starved', { status: 'False' }), 'Ready');
    await kube.create(configMaps, words);
    const answer = await waitFor(
      async () => {
        const seen = await target().call('starved');
        return seen.status === 200 && seen;
      },
      { what: 'an answer once the cause is gone', deadlineMs: 15_000 },
    );
    expect(answer.text).toBe('hello');
    // The failed wake stood on the Function itself, and goes from there when one succeeds.
    expect(told?.status).toBe('False');
    expect(told?.message).toMatch(/words|CreateContainerConfigError/);
    await target().becomes('starved', { status: 'True' });
  }, 90_000);
});
