// Server-side apply and field ownership, held against what Kubernetes answered; 'record-answers.ts' asks it again.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestServer } from '../test-server.ts';
import type { TestServer } from '../test-server.ts';
import { builtinCases } from './builtin-cases.ts';
import { customCases } from './custom-cases.ts';
import { thingDefinition } from './thing-definition.ts';
import { runCase } from './run-case.ts';
import type { Sent } from './run-case.ts';

interface Recorded {
  readonly name: string;
  readonly answers: readonly Record<string, unknown>[];
}

const cases = [...builtinCases, ...customCases];
const namespace = 'apply-cases';
const recorded = readFileSync(new URL('kubernetes-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);
let server: TestServer;

async function send(sent: Sent): Promise<{ code: number; body: unknown }> {
  const url = new URL(sent.path, 'http://server');
  const answer = server.handle({
    method: sent.method,
    path: url.pathname,
    query: url.searchParams,
    body: sent.body,
    contentType: sent.contentType,
    accept: 'application/json',
    user: 'system:admin',
    userAgent: sent.userAgent,
    signal: undefined,
  });
  if (answer.kind !== 'object') throw new Error(`an answer of the kind ${answer.kind}`);
  return { code: answer.status, body: JSON.parse(JSON.stringify(answer.object)) };
}

beforeAll(async () => {
  server = createTestServer();
  const json = { method: 'POST', contentType: 'application/json', userAgent: 'test' } as const;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await send({ ...json, path: '/api/v1/namespaces', body });
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  await send({ ...json, path: definitions, body: thingDefinition });
});
afterAll(() => server.close());

describe('apply', () => {
  it('has an answer of Kubernetes for every case', () => {
    expect(recorded.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  });

  it.each(cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const wanted = recorded.find((other) => other.name === name)?.answers;
    expect(await runCase(one, namespace, send)).toEqual(wanted);
  });
});
