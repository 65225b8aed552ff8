// The story of the README, line by line, with a real kubectl and the examples.

import { describe, expect, it } from '@jest/globals';
import { resolve } from 'node:path';
import { call } from '../../support/call.ts';
import { hasKubectl, useTarget } from '../../support/use-target.ts';
import { waitFor } from '../../support/wait-for.ts';

const target = useTarget();
const story = hasKubectl() ? describe : describe.skip;
const example = (name: string) => resolve(import.meta.dirname, `../../../examples/${name}.yaml`);

story('a newcomer with kubectl', () => {
  it('applies hello, sees it Ready at zero, calls it, and sees its pod come and go', async () => {
    const applied = await target().kubectl('apply', '-f', example('hello'));
    expect([applied.stdout.trim(), applied.code]).toEqual(['function.rouse.dev/hello created', 0]);
    const waited = await target().kubectl(
      ...['wait', '--for=condition=Ready', 'function/hello', '--timeout=20s'],
    );
    expect([waited.code, waited.stdout]).toEqual([0, expect.stringContaining('condition met')]);
    const listed = await target().kubectl('get', 'functions');
    const [head = '', row = ''] = listed.stdout.split('\n');
    expect(head).toMatch(/NAME\s+URL\s+READY\s+REASON\s+REPLICAS\s+REVISION\s+AGE/);
    expect(row).toMatch(/^hello\s+http:\/\/hello\.\S+\s+True\s+\S*\s+0\s+hello-00001/);
    const { gatewayUrl } = target();
    const answer = await call({ gatewayUrl, host: await target().hostOf('hello') });
    expect(answer.status).toBe(200);
    const pods = await target().kubectl('get', 'pods');
    expect(pods.stdout).toMatch(/hello-00001-\S+\s+1\/1\s+Running\s+0/);
    await target().kubectl(
      ...['patch', 'fn', 'hello', '--type=merge', '-p', '{"spec":{"scaling":{"idleSeconds":1}}}'],
    );
    await waitFor(
      async () => (await target().kubectl('get', 'pods')).stderr.includes('No resources found'),
      { what: 'no pod' },
    );
  });

  it('describes it, with an Event for each decision of scaling', async () => {
    const described = await waitFor(
      async () => {
        const { stdout } = await target().kubectl('describe', 'function', 'hello');
        return /Events:[\s\S]*Scal/i.test(stdout) && stdout;
      },
      { what: 'Events of scaling' },
    );
    expect(described).toMatch(/Latest Ready Revision:\s+hello-00001/);
    expect(described).toMatch(/Woke|Scaled/i);
  });

  it('reads logs of a pod by its Deployment', async () => {
    expect((await target().call('hello')).status).toBe(200);
    const logs = await target().kubectl('logs', 'deployment/hello-00001');
    expect([logs.code, logs.stderr]).toEqual([0, '']);
    expect(logs.stdout).toMatch(/\{.*\}/);
  });

  it('deletes it, and everything it owned goes', async () => {
    const deleted = await target().kubectl('delete', '-f', example('hello'));
    expect([deleted.code, deleted.stdout]).toEqual([0, expect.stringContaining('deleted')]);
    await waitFor(
      async () => {
        const all = await target().kubectl(
          ...[
            'get',
            'revisions,deployments,replicasets,pods,services,endpointslices',
            '-o',
            'name',
          ],
        );
        return all.stdout.trim() === '';
      },
      { what: 'nothing to be left' },
    );
  });
});
