// The node runtime serves CloudEvents 1.0 in binary and structured mode.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { prepareNode, RuntimeFleet } from './runtime-process.ts';
import type { RuntimeProcess } from './runtime-process.ts';

const fleet = new RuntimeFleet(prepareNode);
afterAll(() => fleet.stopAll());

const attributes = { 'ce-id': '1', 'ce-source': '/me', 'ce-type': 'made', 'ce-specversion': '1.0' };
const structured = { id: '1', source: '/me', type: 'made', specversion: '1.0' };

describe('a cloudevent function', () => {
  let pod: RuntimeProcess;
  beforeAll(async () => {
    pod = await fleet.serve(`export const cloudevent = async (event) => {
      if (event.type === 'fail') throw new TypeError('no');
      if (event.type === 'reply') return { ...event, id: '2', data: { b: 'ö' }, subject: 'grün "q" 5%' };
      if (event.type === 'silent') return undefined;
      return { ...event, data: Buffer.isBuffer(event.data) ? 'bytes ' + event.data : event.data, id: undefined, was: event.id };
    };`);
  });

  const send = (headers: Record<string, string>, body = '') =>
    pod.call('/', { method: 'POST', headers, body });
  const sendJson = (event: object) =>
    send({ 'content-type': 'application/cloudevents+json; charset=utf-8' }, JSON.stringify(event));

  it('gets an event in binary mode', async () => {
    const answer = await send(
      {
        ...attributes,
        'ce-subject': 'Euro%20%E2%82%AC',
        'ce-time': '2026-01-02T03:04:05.6Z',
        'ce-mine': '"quoted \\"x\\""',
        'content-type': 'application/json',
      },
      '{"a":1}',
    );
    expect(JSON.parse(answer.text)).toEqual({
      was: '1',
      source: '/me',
      type: 'made',
      specversion: '1.0',
      subject: 'Euro €',
      time: '2026-01-02T03:04:05.6Z',
      mine: 'quoted "x"',
      datacontenttype: 'application/json',
      data: { a: 1 },
    });
  });

  it('gets an event in structured mode', async () => {
    const answer = await sendJson({ ...structured, mine: 'x', none: null, data: { a: 1 } });
    expect(JSON.parse(answer.text)).toEqual({
      ...structured,
      id: undefined,
      was: '1',
      mine: 'x',
      data: { a: 1 },
    });
    const bytes = await sendJson({ ...structured, data_base64: 'YWI=' });
    expect(JSON.parse(bytes.text)).toMatchObject({ data: 'bytes ab' });
  });

  it('gets text as text and everything else as bytes', async () => {
    const text = await send({ ...attributes, 'content-type': 'text/plain' }, 'grün');
    expect(JSON.parse(text.text)).toMatchObject({ data: 'grün' });
    const bytes = await send({ ...attributes, 'content-type': 'image/png' }, 'ab');
    expect(JSON.parse(bytes.text)).toMatchObject({ data: 'bytes ab' });
    const none = await send(attributes);
    expect(JSON.parse(none.text)).not.toHaveProperty('data');
  });

  it('answers 204 when it returns nothing, 500 when it fails, and an event when it returns one', async () => {
    expect(await send({ ...attributes, 'ce-type': 'silent' })).toMatchObject({
      status: 204,
      text: '',
    });
    expect(await send({ ...attributes, 'ce-type': 'fail' })).toMatchObject({
      status: 500,
      text: 'no',
      headers: { 'x-google-status': 'error' },
    });
    const reply = await send({ ...attributes, 'ce-type': 'reply' });
    expect(reply).toMatchObject({ status: 200, text: '{"b":"ö"}' });
    expect(reply.headers).toMatchObject({
      'ce-id': '2',
      'ce-type': 'reply',
      'ce-subject': 'gr%C3%BCn%20%22q%22%205%25',
      'content-type': 'application/json',
    });
  });

  it.each<[string, Record<string, string>, ...string[]]>([
    ['no attributes', {}],
    ['no id', { 'ce-source': '/me', 'ce-type': 'made', 'ce-specversion': '1.0' }],
    ['an empty source', { ...attributes, 'ce-source': '' }],
    ['another version', { ...attributes, 'ce-specversion': '0.3' }],
    ['a time that is none', { ...attributes, 'ce-time': 'yesterday' }],
    ['bytes that are not UTF-8', { ...attributes, 'ce-mine': '%C0%A0' }],
    ['a name that is none', { ...attributes, 'ce-not-mine': '1' }],
    ['ce-datacontenttype', { ...attributes, 'ce-datacontenttype': 'a/b' }],
    ['JSON that is none', { ...attributes, 'content-type': 'application/json' }, '{'],
    ['a structure that is none', { 'content-type': 'application/cloudevents+json' }, '[]'],
    [
      'a structure with no type',
      { 'content-type': 'application/cloudevents+json' },
      '{"id":"1","source":"a","specversion":"1.0"}',
    ],
    [
      'a structure with numbers',
      { 'content-type': 'application/cloudevents+json' },
      JSON.stringify({ ...structured, id: 1 }),
    ],
    [
      'two data',
      { 'content-type': 'application/cloudevents+json' },
      JSON.stringify({ ...structured, data: 1, data_base64: 'YQ==' }),
    ],
  ])('answers 400 to %s', async (...row) => {
    const [, headers, body] = row;
    const answer = await send(headers, typeof body === 'string' ? body : '');
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/^malformed CloudEvent: /);
  });

  it('answers 415 to a batch', async () => {
    expect(
      (await send({ 'content-type': 'application/cloudevents-batch+json' }, '[]')).status,
    ).toBe(415);
  });

  it('shakes hands with a webhook', async () => {
    const answer = await pod.call('/', {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'a.example' },
    });
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'webhook-allowed-origin': 'a.example' },
    });
  });

  it('may use a callback', async () => {
    const other = await fleet.serve(
      "export const cloudevent = (event, done) => { if (event.type === 'x') done(null, 'called'); else done(new Error('no')); };",
    );
    expect(
      (await other.call('/', { method: 'POST', headers: { ...attributes, 'ce-type': 'x' } })).text,
    ).toBe('called');
    expect((await other.call('/', { method: 'POST', headers: attributes })).status).toBe(500);
  });
});
