// What a Function that is wrong gets: one sentence that names the field, or the runtime's own error.

import { describe, expect, it } from '@jest/globals';
import { errorCode } from '../support/call.ts';
import { condition } from '../support/target.ts';
import { hasKubectl, useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const inline = "export const handler = async () => ({ statusCode: 200, body: 'healed' });";
const withKubectl = hasKubectl() ? describe : describe.skip;

const manifest = (name: string, spec: string) =>
  `apiVersion: rouse.dev/v1alpha1\nkind: Function\nmetadata: {name: "${name}"}\nspec: ${spec}\n`;

const refused: readonly { what: string; name?: string; spec: string; says: RegExp[] }[] = [
  {
    what: 'an unknown field',
    spec: '{runtime: node, source: {inline: "x"}, timeoutSecond: 5}',
    says: [/timeoutSecond/],
  },
  {
    what: 'two sources',
    spec: '{runtime: node, source: {inline: "x", configMap: {name: code}}}',
    says: [/spec\.source/, /inline/, /configMap/],
  },
  { what: 'no source', spec: '{runtime: node}', says: [/source/] },
  {
    what: 'a timeout of 0',
    spec: '{runtime: node, source: {inline: "x"}, timeoutSeconds: 0}',
    says: [/spec\.timeoutSeconds/, /1/],
  },
  {
    what: 'an illegal name',
    name: 'Not_A_Name',
    spec: '{runtime: node, source: {inline: "x"}}',
    says: [/metadata\.name/, /lower ?case/],
  },
  {
    what: 'a name that makes no host name',
    name: 'not.one',
    spec: '{runtime: node, source: {inline: "x"}}',
    says: [/metadata\.name/, /my-function/],
  },
  {
    what: 'a name too long for its Revisions',
    name: 'n'.repeat(60),
    spec: '{runtime: node, source: {inline: "x"}}',
    says: [/name/, /52/],
  },
  {
    what: 'more pods at least than at most',
    spec: '{runtime: node, source: {inline: "x"}, scaling: {minReplicas: 3, maxReplicas: 2}}',
    says: [/minReplicas/, /maxReplicas/],
  },
];

withKubectl('kubectl apply of a bad Function', () => {
  it.each(refused)('refuses $what, and says what to write', async ({ name, spec, says }) => {
    const answer = await target().applyText(manifest(name ?? 'bad', spec));
    expect(answer.code).not.toBe(0);
    for (const pattern of says) expect(answer.stderr).toMatch(pattern);
    // One sentence: not a list of every rule that a mistake happens to break.
    const complaints = answer.stderr.trim().split('\n');
    expect({ complaints, count: complaints.length }).toMatchObject({ count: 1 });
  });

  it('refuses a handler in a field of the wrong type by its path', async () => {
    const spec = '{runtime: node, source: {inline: "x"}, concurrency: {target: "many"}}';
    const answer = await target().applyText(manifest('typed', spec));
    expect(answer.code).not.toBe(0);
    expect(answer.stderr).toMatch(/spec\.concurrency\.target/);
  });
});

const unloadable: readonly { what: string; name: string; code: string; says: RegExp }[] = [
  {
    what: 'a syntax error',
    name: 'syntax',
    code: 'export const handler = async ( => 1;',
    says: /SyntaxError|Unexpected token|=>/,
  },
  { what: 'a missing export', name: 'nothing', code: 'export const other = 1;', says: /handler/ },
  {
    what: 'a throw at the top',
    name: 'thrower',
    code: "throw new Error('no database today');",
    says: /no database today/,
  },
  {
    what: 'an import that is not there',
    name: 'importer',
    code: "import left from 'left-pad-of-nobody'; export const handler = () => left;",
    says: /left-pad-of-nobody/,
  },
];

describe('a Function that can not be loaded', () => {
  it.each(unloadable)(
    'for $what is not Ready, says why, fails its callers at once and leaves no pod',
    async ({ name, code, says }) => {
      await target().apply(name, { runtime: 'node', source: { inline: code } });
      const failed = await target().becomes(name, { status: 'False' });
      expect(condition(failed, 'Ready')?.message).toMatch(says);
      const answer = await target().call(name);
      expect([answer.status, errorCode(answer)]).toEqual([502, 'function_failed_to_load']);
      expect(answer.text).toMatch(says);
      expect(answer.text).not.toMatch(/activator\/|platform\//);
      expect(answer.totalMs).toBeLessThan(1_000);
      await target().sleeps(name);
      expect(await target().podsOf(name)).toEqual([]);
    },
  );

  it('heals by its next Revision, with no restart of anything', async () => {
    await target().apply('patient', { runtime: 'node', source: { inline: 'oh no' } });
    await target().becomes('patient', { status: 'False' });
    expect((await target().call('patient')).status).toBe(502);
    await target().deploy('patient', { runtime: 'node', source: { inline } });
    const answer = await waitFor(
      async () => {
        const seen = await target().call('patient');
        return seen.status === 200 && seen;
      },
      { what: 'an answer of the healed Function', deadlineMs: 2_000 },
    );
    expect(answer.text).toBe('healed');
  });

  it('keeps serving the last good Revision when a new one is bad', async () => {
    await target().deploy('steady', { runtime: 'node', source: { inline } });
    await target().apply('steady', { runtime: 'node', source: { inline: 'export const x = ;' } });
    const failed = await target().becomes('steady', { status: 'False' });
    expect(failed.status?.latestCreatedRevision).toBe('steady-00002');
    expect(failed.status?.latestReadyRevision).toBe('steady-00001');
    const answer = await target().call('steady');
    expect([answer.status, answer.text]).toEqual([200, 'healed']);
  });
});
