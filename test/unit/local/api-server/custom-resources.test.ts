// A CustomResourceDefinition makes a collection at once, with its own rules, and takes its objects along when it goes.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../../../local/api-server/any-object.ts';
import { createInProcessTransport } from '../../../../local/api-server/in-process-transport.ts';
import type { KubeRequest, KubeResponse } from '../../../../platform/kube/transport.ts';
import { createTestServer } from './test-server.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const widgets = '/apis/example.dev/v1/namespaces/default/widgets';
let server: ReturnType<typeof createTestServer>;

beforeEach(() => {
  server = createTestServer();
});
afterEach(() => server.close());

type Answer = KubeResponse & { body: AnyObject & { message?: string } };

async function send(
  method: KubeRequest['method'],
  path: string,
  body?: unknown,
  query: Record<string, string> = {},
): Promise<Answer> {
  const request = { method, path, body, query };
  return (await createInProcessTransport(server).request(request)) as Answer;
}

const definition = {
  metadata: { name: 'widgets.example.dev' },
  spec: {
    group: 'example.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', minimum: 1, default: 3 },
                  color: { type: 'string' },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};

describe('custom resources', () => {
  beforeEach(async () => {
    const made = await send('POST', definitions, definition);
    expect(made.status).toBe(201);
    expect(made.body.status).toMatchObject({
      acceptedNames: { listKind: 'WidgetList', singular: 'widget' },
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
    });
  });

  it('can be used at once, with defaults and pruning', async () => {
    const body = { metadata: { name: 'a' }, spec: { color: 'red', weight: 5 } };
    const made = await send('POST', widgets, body, { fieldValidation: 'Ignore' });
    expect(made).toMatchObject({ status: 201, body: { spec: { color: 'red', size: 3 } } });
    expect(made.body.spec).not.toHaveProperty('weight');
  });

  it('refuse unknown fields and bad values with a sentence that names the field', async () => {
    const unknown = { metadata: { name: 'a' }, spec: { weight: 5 } };
    const strict = await send('POST', widgets, unknown, { fieldValidation: 'Strict' });
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('strict decoding error: unknown field "spec.weight"');
    const bad = await send('POST', widgets, { metadata: { name: 'a' }, spec: { size: 0 } });
    expect(bad.status).toBe(422);
    expect(bad.body.message).toMatch(
      /^Widget\.example\.dev "a" is invalid: spec\.size: Invalid value: 0: /,
    );
  });

  it('scale by the paths of the definition', async () => {
    await send('POST', widgets, { metadata: { name: 'a' }, spec: {} });
    const scaled = await send('PATCH', `${widgets}/a/scale`, { spec: { replicas: 9 } });
    expect(scaled).toMatchObject({ status: 200, body: { spec: { replicas: 9 } } });
    expect((await send('GET', `${widgets}/a`)).body.spec).toMatchObject({ size: 9 });
  });

  it('want a version for a PUT', async () => {
    await send('POST', widgets, { metadata: { name: 'a' }, spec: {} });
    const put = await send('PUT', `${widgets}/a`, { metadata: { name: 'a' }, spec: {} });
    expect(put.status).toBe(422);
    expect(put.body.message).toContain('metadata.resourceVersion');
  });

  it('go with their definition, after their finalizers', async () => {
    await send('POST', widgets, { metadata: { name: 'a' }, spec: {} });
    await send('POST', widgets, { metadata: { name: 'b', finalizers: ['x.dev/y'] }, spec: {} });
    const name = `${definitions}/widgets.example.dev`;
    await send('DELETE', name);
    expect((await send('GET', `${widgets}/a`)).status).toBe(404);
    expect((await send('GET', name)).body.metadata.deletionTimestamp).toBeDefined();
    await send('PATCH', `${widgets}/b`, { metadata: { finalizers: [] } });
    expect((await send('GET', name)).status).toBe(404);
    expect((await send('GET', widgets)).status).toBe(404);
  });
});
