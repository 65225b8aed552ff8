// A pod's credentials as files: who may read them, and that the token is renewed as long as the pod is there.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Pod } from '../../../api/kubernetes.ts';
import { createInProcessTransport } from '../../../local/api-server/in-process-transport.ts';
import { readAccountToken } from '../../../local/api-server/service-account-token.ts';
import { AccountCredentials } from '../../../local/kubelet/account-credentials.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { readKubeconfig } from '../../../platform/kube/kubeconfig.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createTestServer } from '../../unit/local/api-server/test-server.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default', uid: 'a-pod' },
  spec: { containers: [{ name: 'c' }] },
};
const hourMs = 3_600_000;

describe('AccountCredentials', () => {
  let server: ReturnType<typeof createTestServer>;
  let clock: FakeClock;
  let podsFolder: string;
  let credentials: AccountCredentials;

  beforeEach(() => {
    server = createTestServer();
    clock = new FakeClock();
    podsFolder = mkdtempSync(join(tmpdir(), 'rouse-credentials-'));
    credentials = new AccountCredentials({
      client: new KubeClient(createInProcessTransport(server)),
      api: { url: 'https://127.0.0.1:6444', ca: 'a certificate' },
      podsFolder,
      log: silentLog,
      clock,
    });
  });
  afterEach(() => {
    credentials.stop();
    server.close();
    rmSync(podsFolder, { recursive: true });
  });

  it('are a kubeconfig that leads to a token of the account, for nobody else to read', async () => {
    const { KUBECONFIG = '' } = await credentials.provide(pod);
    const { server: url, ca, readToken } = readKubeconfig(KUBECONFIG);
    expect([url, ca]).toEqual(['https://127.0.0.1:6444', 'a certificate']);
    const user = readAccountToken(readToken?.() ?? '', server.parts);
    expect(user).toBe('system:serviceaccount:default:default');
    expect(statSync(join(dirname(KUBECONFIG), 'token')).mode & 0o077).toBe(0);
    expect(statSync(dirname(KUBECONFIG)).mode & 0o077).toBe(0);
  });

  it('get a new token before the old one ends, again and again, until the pod is gone', async () => {
    const { KUBECONFIG = '' } = await credentials.provide(pod);
    const read = (): string => readFileSync(join(dirname(KUBECONFIG), 'token'), 'utf8');
    for (let round = 0; round < 3; round += 1) {
      const before = read();
      await clock.advance(hourMs * 0.8);
      await waitFor(() => read() !== before, { what: 'a new token' });
      await waitFor(() => clock.timersWaiting > 0, { what: 'the next renewal' });
    }
    credentials.forget(pod);
    expect(clock.timersWaiting).toBe(0);
  });

  it('are none for a pod, or for an account, that wants none', async () => {
    const spec = { ...pod.spec, automountServiceAccountToken: false };
    expect(await credentials.provide({ ...pod, spec })).toEqual({});
    await createInProcessTransport(server).request({
      method: 'POST',
      path: '/api/v1/namespaces/default/serviceaccounts',
      body: { metadata: { name: 'quiet' }, automountServiceAccountToken: false },
    });
    const quiet = { ...pod.spec, serviceAccountName: 'quiet' };
    expect(await credentials.provide({ ...pod, spec: quiet })).toEqual({});
    const spoken = { ...quiet, automountServiceAccountToken: true };
    expect(await credentials.provide({ ...pod, spec: spoken })).toHaveProperty('KUBECONFIG');
  });
});
