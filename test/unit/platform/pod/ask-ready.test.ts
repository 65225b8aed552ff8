// What a pod says of itself is taken only where it can be true: the pod may run anybody's code.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deriveAnsweredClaim } from '../../../../controller/pool/derive-answered-claim.ts';
import { askReady } from '../../../../platform/pod/ask-ready.ts';

const timeoutMs = 30_000;
let body = '';
const server = createServer((_, response) => response.end(body));

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

function ask(answer: unknown): ReturnType<typeof askReady> {
  body = JSON.stringify(answer);
  const { port } = server.address() as AddressInfo;
  return askReady({ host: '127.0.0.1', port }, timeoutMs);
}

describe('askReady', () => {
  it('gives what a runtime says', async () => {
    const said = {
      ...{ state: 'ready', revision: 'shop.eu-00001', codeDigest: 'sha256:0aF+/=' },
      revisionUid: '6d1f0f62-3c9c-4d8a-9a39-000000000000',
    };
    expect(await ask({ ...said, loadMs: 3 })).toEqual(said);
    expect(await ask({ state: 'waiting' })).toEqual({ state: 'waiting' });
  });

  it.each([
    ['another path', { revision: '../../secrets/key' }],
    ['a query', { revision: 'a?dryRun=All' }],
    ['capitals', { revision: 'Hello-00001' }],
    ['a name that is too long', { revision: 'a'.repeat(254) }],
    ['a name that is no text', { revision: { name: 'hello' } }],
    ['a uid with a line break', { revision: 'a', revisionUid: 'b\n' }],
    ['a digest that is no text', { revision: 'a', codeDigest: 7 }],
    ['a state that there is none of', { state: 'busy' }],
  ])('takes %s for no answer', async (_, said) => {
    expect(await ask({ state: 'ready', ...said })).toBeUndefined();
  });

  it('takes a pod that has forgotten whose it is for one that serves nobody', async () => {
    const answer = await ask({ state: 'waiting', revision: '', codeDigest: '' });
    const pod = { namespace: 'default', pod: 'pod-1', uid: 'u' };
    expect(answer && deriveAnsweredClaim(pod, answer)).toMatchObject({ outcome: 'failed' });
  });
});
