// The queue of proofs: what its start leaves alone when it can't be cleaned up.

import { describe, expect, it } from '@jest/globals';
import { ProofQueue } from '../../../../controller/function/proof-queue.ts';
import type { ProofPorts } from '../../../../controller/function/prove-revision.ts';
import { labels } from '../../../../api/names.ts';
import { KubeClient } from '../../../../platform/kube/client.ts';
import { silentLog } from '../../../../platform/process/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

describe('ProofQueue', () => {
  it('runs although a proof pod left behind could not be deleted', async () => {
    const refused = { status: 403, body: { kind: 'Status', reason: 'Forbidden' } };
    const transport = {
      request: () => Promise.resolve(refused),
      watch: () => Promise.reject(new Error('nobody watches here')),
    };
    const pod = { metadata: { name: 'left', labels: { [labels.proof]: 'hello-00001' } } };
    const ports = {
      client: new KubeClient(transport),
      clock: new FakeClock(),
      caches: { pods: { list: () => [pod] }, revisions: { onChange: () => undefined } },
    } as unknown as ProofPorts;
    const stop = new AbortController();
    const running = new ProofQueue(ports, silentLog).run(stop.signal);
    stop.abort();
    await expect(running).resolves.toBeUndefined();
  });
});
