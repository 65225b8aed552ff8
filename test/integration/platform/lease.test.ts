// Leader election against the real local API server: one leader at a time, and another when it goes.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leases } from '../../../api/resources.ts';
import { startApiServer, type ApiServer } from '../../../local/api-server/api-server.ts';
import { ensureCertificates } from '../../../local/api-server/certificates.ts';
import { createInProcessTransport } from '../../../local/api-server/in-process-transport.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { LeaderElection } from '../../../platform/kube/lease.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { waitFor } from '../../support/wait-for.ts';

const namespace = 'default';
const name = 'test-leader';
let folder: string;
let server: ApiServer;
let client: KubeClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rouse-lease-'));
  const tls = await ensureCertificates({ folder: join(folder, 'pki'), nowMs: Date.now() });
  server = await startApiServer({ storagePath: ':memory:', port: 0, token: 'x'.repeat(24), tls });
  client = new KubeClient(createInProcessTransport(server));
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Stands for election with a short lease; `lead` resolves when the term ends. */
function stand(identity: string, durationMs = 1000) {
  const stop = new AbortController();
  const election = new LeaderElection({
    client,
    namespace,
    name,
    identity,
    log: silentLog,
    durationMs,
  });
  const terms: string[] = [];
  const done = election.run(stop.signal, async (term) => {
    terms.push(identity);
    await new Promise<void>((resolve) => {
      term.addEventListener('abort', () => resolve(), { once: true });
    });
  });
  return { election, terms, resign: () => (stop.abort(), done) };
}

describe('LeaderElection', () => {
  it('has one leader, and hands over at once when that one resigns', async () => {
    const first = stand('first');
    await waitFor(() => first.election.isLeader, { what: 'the first to lead' });
    const second = stand('second');
    const lease = await client.get(leases, { namespace, name });
    expect(lease.spec.holderIdentity).toBe('first');
    expect(second.election.isLeader).toBe(false);
    await first.resign();
    await waitFor(() => second.election.isLeader, { what: 'the second to lead' });
    expect(first.election.isLeader).toBe(false);
    await second.resign();
  });

  it('takes over from a leader that fell silent, but only after its lease ran out', async () => {
    await client.delete(leases, { namespace, name });
    const silent = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace },
      spec: {
        holderIdentity: 'dead',
        leaseDurationSeconds: 1,
        renewTime: '2020-01-01T00:00:00.000000Z',
      },
    };
    await client.create(leases, silent);
    const startedMs = performance.now();
    const heir = stand('heir');
    await waitFor(() => heir.election.isLeader, { what: 'the heir to lead' });
    // Its renewTime is years old, yet clocks are not compared: the lease's own duration is waited for.
    expect(performance.now() - startedMs).toBeGreaterThan(1000);
    await heir.resign();
  });

  it('ends its term when somebody else took the lease', async () => {
    await client.delete(leases, { namespace, name });
    const loser = stand('loser');
    await waitFor(() => loser.election.isLeader, { what: 'the loser to lead' });
    await client.patch(leases, { namespace, name }, { spec: { holderIdentity: 'thief' } });
    await waitFor(() => !loser.election.isLeader, { what: 'the loser to stop leading' });
    expect(loser.terms).toHaveLength(1);
    await loser.resign();
  });
});
