// Lambda's event and answer: the properties that hold for every request and every returned value.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildLambdaAnswer } from '../../../../runtime-images/node/build-lambda-answer.ts';
import {
  buildLambdaEvent,
  isTextType,
} from '../../../../runtime-images/node/build-lambda-event.ts';
import { buildQuery } from '../../../../runtime-images/node/build-query.ts';

const request = {
  method: 'GET',
  target: '/a?b=c',
  rawHeaders: ['Host', 'f.n.localhost:8080'],
  httpVersion: '1.1',
  remoteAddress: '::ffff:10.0.0.1',
  requestId: 'id',
  functionName: 'f',
  timeMs: Date.UTC(2020, 2, 12, 19, 3, 58),
};

describe('buildLambdaEvent', () => {
  it('writes the time as API Gateway does', () => {
    expect(buildLambdaEvent(request)).toMatchObject({
      requestContext: {
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838000,
        http: { sourceIp: '10.0.0.1' },
      },
    });
  });

  it('keeps every name of the query and makes nothing else of it', () => {
    const names = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(names, (pairs) => {
        const text = pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
        const event = buildLambdaEvent({ ...request, target: `/x?${text}` });
        const query = event['queryStringParameters'] as Record<string, string>;
        expect(new Set(Object.keys(query))).toEqual(new Set(pairs.map(([name]) => name)));
        for (const [name] of pairs) {
          const values = pairs.filter(([one]) => one === name).map(([, value]) => value);
          expect(query[name]).toBe(values.join(','));
        }
      }),
    );
  });

  it('takes a header called __proto__ for a header', () => {
    const event = buildLambdaEvent({
      ...request,
      rawHeaders: ['__proto__', 'x', 'A', '1', 'a', '2'],
    });
    expect(Object.entries(event['headers'] as object)).toEqual([
      ['__proto__', 'x'],
      ['a', '1,2'],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('isTextType', () => {
  it('lets only text through as text', () => {
    for (const type of [
      'text/html',
      'application/json; charset=utf-8',
      'APPLICATION/XML',
      'application/a+json',
    ]) {
      expect({ type, isText: isTextType(type, undefined) }).toEqual({ type, isText: true });
    }
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'image/png',
      '',
    ]) {
      expect({ type, isText: isTextType(type, undefined) }).toEqual({ type, isText: false });
    }
    expect(isTextType('text/plain', 'gzip')).toBe(false);
  });
});

describe('buildLambdaAnswer', () => {
  it('makes an answer or a sentence of any value, and only headers that HTTP allows', () => {
    const value = fc.oneof(
      fc.anything(),
      fc.record({
        statusCode: fc.oneof(fc.integer(), fc.string()),
        headers: fc.oneof(fc.dictionary(fc.string(), fc.anything()), fc.anything()),
        cookies: fc.oneof(fc.array(fc.string()), fc.anything()),
        body: fc.anything(),
        isBase64Encoded: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(value, (returned) => {
        const answer = buildLambdaAnswer(returned);
        if (typeof answer === 'string') return;
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).toBeLessThanOrEqual(599);
        expect(typeof answer.body).toBe('string');
        for (const [name, text] of answer.headers) {
          expect(name).toMatch(/^[!#$%&'*+\-.^_`|~0-9a-z]+$/);
          for (const one of [text].flat()) expect(one).not.toMatch(/[\r\n\0]/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses what would split the answer in two', () => {
    const answer = buildLambdaAnswer({ statusCode: 200, headers: { 'x-a': 'b\r\nset-cookie: c' } });
    expect(answer).toBe('header x-a has a character that no header may have');
    expect(typeof buildLambdaAnswer({ statusCode: 200, cookies: ['a\nb'] })).toBe('string');
  });
});

describe('buildQuery', () => {
  it('is bounded, and lists what is repeated', () => {
    expect({ ...buildQuery('a=1&a=2&b&=c&%zz=%') }).toEqual({
      a: ['1', '2'],
      b: '',
      '': 'c',
      '%zz': '%',
    });
    const many = Array.from({ length: 2000 }, (_, index) => `n${index}=1`).join('&');
    expect(Object.keys(buildQuery(many))).toHaveLength(1000);
  });
});
