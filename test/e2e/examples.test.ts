// Every example does what its file says: those that should run answer, the one that fails to load says why.

import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../api/kubernetes.ts';
import { errorCode } from '../support/call.ts';
import { useTarget } from '../support/use-target.ts';

const target = useTarget();
const folder = resolve(import.meta.dirname, '../../examples');
const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
const failing = files.filter((file) => /fail/.test(file));
const running = files.filter((file) => !failing.includes(file));

/** The path that the first curl line in the file's comment asks for. */
const pathIn = (file: string) => {
  const text = readFileSync(join(folder, file), 'utf8');
  const [, url] = /^#.*\bcurl\b[^'h]*'?(http:[^'\s]+)/m.exec(text) ?? [];
  if (url === undefined) throw new Error(`${file} does not say how to call it`);
  return url.replace(/^http:\/\/[^/]+/, '');
};

const namesIn = (file: string) =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8'))
    .map((one) => one.toJS() as KubeObject | null)
    .filter((one) => one?.kind === 'Function')
    .map((one) => one?.metadata.name ?? '');

describe('the examples', () => {
  it('are all there', () => {
    expect(running.length).toBeGreaterThanOrEqual(4);
    expect(failing).toHaveLength(1);
  });

  it.each(running)('%s becomes Ready and answers', async (file) => {
    await target().deployExample(file);
    for (const name of namesIn(file)) {
      await target().becomes(name, { status: 'True' });
      const answer = await target().call(name, { path: pathIn(file) });
      expect({ name, status: answer.status, text: answer.text }).toMatchObject({ status: 200 });
    }
  });

  it.each(failing)('%s is not Ready, and its callers get its error', async (file) => {
    await target().deployExample(file);
    for (const name of namesIn(file)) {
      await target().becomes(name, { status: 'False' });
      const answer = await target().call(name);
      expect([answer.status, errorCode(answer)]).toEqual([502, 'function_failed_to_load']);
    }
  });
});
