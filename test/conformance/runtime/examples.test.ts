// Every example is a good object by the CRD, says what to try, and does in a runtime what its comment says.

import { afterEach, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { compileSchema } from '../../../local/api-server/schema/compile-schema.ts';
import { functionCrd } from '../../../api/function-crd.ts';
import { revisionCrd } from '../../../api/revision-crd.ts';
import type { RouseFunction } from '../../../api/function.ts';
import { bundleOf, prepareNode, RuntimeFleet } from './runtime-process.ts';
import type { Answer, RuntimeProcess } from './runtime-process.ts';

const folder = new URL('../../../examples/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const schema = compileSchema(functionCrd.spec.versions[0]?.schema.openAPIV3Schema ?? {});
const kindsKnown = [functionCrd, revisionCrd]
  .flatMap(({ spec }) => [spec.names.plural, spec.names.singular])
  .concat('pods');
const fleet = new RuntimeFleet(prepareNode);
afterEach(() => fleet.stopAll());

interface ConfigMap {
  kind: 'ConfigMap';
  metadata: { name: string };
  data: Record<string, string>;
}

function readExample(name: string): {
  text: string;
  fn: RouseFunction;
  files: Record<string, string>;
} {
  const text = readFileSync(new URL(name, folder), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
  const fn = objects.find((object) => object.kind === 'Function') as RouseFunction;
  const { inline, configMap } = fn.spec.source ?? {};
  if (inline !== undefined) return { text, fn, files: { 'index.js': inline } };
  const map = objects.find((object) => object.kind === 'ConfigMap') as ConfigMap;
  expect(map.metadata.name).toBe(configMap?.name);
  return { text, fn, files: map.data };
}

async function run(
  name: string,
): Promise<{ pod: RuntimeProcess; status: number; message?: string }> {
  const { fn, files } = readExample(name);
  const env = Object.fromEntries((fn.spec.env ?? []).map((one) => [one.name, one.value ?? '']));
  const pod = await fleet.start(env);
  schema.applyDefaults(fn);
  const { signature, handler } = fn.spec;
  const { status, answer } = await pod.specialize(
    bundleOf(files, { signature, ...(handler === undefined ? {} : { handler }) }),
  );
  return { pod, status, ...(answer.error === undefined ? {} : { message: answer.error.message }) };
}

describe.each(names)('examples/%s', (name) => {
  it('is taken by the CRD, names its own file and a call to make', () => {
    const { text, fn } = readExample(name);
    expect(text.startsWith('# ')).toBe(true);
    expect(text).toContain(`kubectl apply -f examples/${name}`);
    expect(text).toContain(`http://${fn.metadata.name}.${fn.metadata.namespace}.localhost:8080/`);
    const kinds = [...text.matchAll(/kubectl get (\S+)/g)].map((match) => match[1]);
    expect(kindsKnown).toEqual(expect.arrayContaining(kinds));
    expect(schema.prune(fn)).toEqual([]);
    schema.applyDefaults(fn);
    expect(schema.validate(fn)).toEqual([]);
  });
});

describe('the examples, as their comments say,', () => {
  const json = { 'content-type': 'application/json' };
  const parsed = (answer: Answer): unknown => JSON.parse(answer.text);

  it('are all tried here', () => {
    expect(names).toEqual([
      'express-style.yaml',
      'fails-to-load.yaml',
      'fetch-style.yaml',
      'hello.yaml',
      'lambda-unchanged.yaml',
    ]);
  });

  it('hello.yaml greets and goes to zero soon', async () => {
    const { pod } = await run('hello.yaml');
    expect(await pod.call('/there')).toMatchObject({ status: 200, text: 'hello /there\n' });
    expect(readExample('hello.yaml').fn.spec.scaling.idleSeconds).toBe(10);
  });

  it('express-style.yaml greets, redirects, fails and goes on', async () => {
    const { pod } = await run('express-style.yaml');
    expect(parsed(await pod.call('/?name=Ada'))).toEqual({ greeting: 'Good day, Ada' });
    const posted = await pod.call('/', { method: 'POST', headers: json, body: '{"name":"Grace"}' });
    expect(parsed(posted)).toEqual({ greeting: 'Good day, Grace' });
    expect((await pod.call('/old')).status).toBe(302);
    expect((await pod.call('/fail')).status).toBe(500);
    expect((await pod.call('/?name=Ada')).headers['x-greeted']).toBe('yes');
  });

  it('fetch-style.yaml tells the time', async () => {
    const { pod } = await run('fetch-style.yaml');
    const { now } = parsed(await pod.call('/json')) as { now: string };
    expect(Date.parse(now)).not.toBeNaN();
  });

  it('lambda-unchanged.yaml takes orders', async () => {
    const { pod } = await run('lambda-unchanged.yaml');
    expect(parsed(await pod.call('/orders/42'))).toEqual({ id: '42', state: 'brewing' });
    const body = '{"item":"tea","count":2}';
    const answer = await pod.call('/orders', { method: 'POST', headers: json, body });
    expect(answer).toMatchObject({
      status: 201,
      headers: { 'set-cookie': ['last=tea; Path=/; HttpOnly'] },
    });
    expect(parsed(answer)).toMatchObject({ item: 'tea', total: 6 });
  });

  it('fails-to-load.yaml says where', async () => {
    const { status, message } = await run('fails-to-load.yaml');
    expect(status).toBe(422);
    expect(message).toBe("index.js:1: `const answer = ;`: Unexpected token ';'");
  });
});
