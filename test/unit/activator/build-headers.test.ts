// What headers become on their way in and out.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildAnswerHeaders,
  buildHint,
  buildReason,
  buildTrailers,
} from '../../../activator/build-answer-headers.ts';
import {
  buildForwardHeaders,
  buildForwardTrailers,
} from '../../../activator/build-forward-headers.ts';
import { parseRequestId } from '../../../activator/parse-request-id.ts';

function forward(rawHeaders: string[], prefix?: string): string[] {
  return buildForwardHeaders({
    rawHeaders,
    callerAddress: '10.0.0.9',
    protocol: 'http',
    host: 'hello.default',
    requestId: 'id',
    timeoutMs: 5_000,
    prefix,
    contentLength: undefined,
  });
}

describe('buildForwardHeaders', () => {
  it('adds who called, by which address, with which id and time', () => {
    expect(forward(['Accept', '*/*'], '/function/default/hello')).toEqual([
      ...['host', 'hello.default', 'Accept', '*/*'],
      ...['x-forwarded-for', '10.0.0.9', 'x-forwarded-proto', 'http'],
      ...['x-forwarded-host', 'hello.default', 'x-forwarded-prefix', '/function/default/hello'],
      ...['x-request-id', 'id', 'x-rouse-deadline-ms', '5000'],
    ]);
  });

  it('joins what proxies before us said', () => {
    const raw = ['X-Forwarded-For', '1.1.1.1', 'x-forwarded-for', '2.2.2.2'];
    const built = forward([...raw, 'X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'shop.com']);
    expect(built).toContain('1.1.1.1, 2.2.2.2, 10.0.0.9');
    expect(built).toContain('https');
    expect(built).toContain('shop.com');
  });

  it('keeps the order and repetition of the rest', () => {
    const built = forward(['B', '1', 'A', '2', 'B', '3']);
    expect(built.slice(2, 8)).toEqual(['B', '1', 'A', '2', 'B', '3']);
  });

  it('drops what is dropped in the spelling with underscores too, and keeps other names', () => {
    const names = ['X_Rouse_Signature', 'x-rouse_a', 'X_Forwarded_For', 'Content_Length'];
    const built = forward([...names.flatMap((name) => [name, '1']), 'My_Own', '2']);
    expect(built.slice(2, 5)).toEqual(['My_Own', '2', 'x-forwarded-for']);
  });

  it('never lets a hop-by-hop or platform header through, whatever the caller lists', () => {
    const names = fc.constantFrom(
      ...['Connection', 'Keep-Alive', 'TE', 'Upgrade', 'Transfer-Encoding', 'X-Rouse-Secret'],
      ...['Host', 'Content-Length', 'X-Fine', 'Accept'],
    );
    const values = fc.constantFrom('close', 'x-fine', 'keep-alive, X-Fine', 'a', 'accept , te');
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values), { maxLength: 12 }), (pairs) => {
        const built = forward(pairs.flat());
        const seen = built.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
        expect(seen.filter((name) => name === 'host')).toHaveLength(1);
        for (const name of ['connection', 'keep-alive', 'te', 'upgrade', 'transfer-encoding']) {
          expect(seen).not.toContain(name);
        }
        expect(seen).not.toContain('x-rouse-secret');
        const listed = pairs.some(([n, v]) => n === 'Connection' && /x-fine/i.test(v));
        expect(seen.includes('x-fine')).toBe(!listed && pairs.some(([n]) => n === 'X-Fine'));
      }),
    );
  });
});

describe('buildAnswerHeaders', () => {
  const own = {
    requestId: 'id',
    serverTiming: 'queue;dur=0.0',
    closes: false,
    hasRuntime: true,
    mayHaveTrailers: true,
  };

  it('leaves the function its headers and adds ours', () => {
    expect(buildAnswerHeaders(['X-A', '1', 'Keep-Alive', 'timeout=5'], own)).toEqual([
      ...['X-A', '1', 'X-Request-Id', 'id', 'Server-Timing', 'queue;dur=0.0'],
    ]);
  });

  it("lets only a runtime of ours say that a failure is the platform's", () => {
    const answer = ['X-Rouse-Error', 'no_capacity'];
    expect(buildAnswerHeaders(answer, own)).toContain('X-Rouse-Error');
    expect(buildAnswerHeaders(answer, { ...own, hasRuntime: false })).not.toContain(
      'X-Rouse-Error',
    );
  });

  it('announces fields after the body only where there can be any', () => {
    const answer = ['Trailer', 'X-Sum'];
    expect(buildAnswerHeaders(answer, own)).toContain('Trailer');
    expect(buildAnswerHeaders(answer, { ...own, mayHaveTrailers: false })).not.toContain('Trailer');
  });

  it('does not repeat an id that the function set', () => {
    const built = buildAnswerHeaders(['x-request-id', 'mine'], { ...own, closes: true });
    expect(built).toEqual([
      'x-request-id',
      'mine',
      'Server-Timing',
      'queue;dur=0.0',
      'Connection',
      'close',
    ]);
  });
});

describe('what stands outside of the headers', () => {
  const never = ['Content-Length', '5', 'Transfer-Encoding', 'chunked', 'X-Rouse-Error', 'forged'];

  it('keeps of the fields after a body those that may stand there', () => {
    expect(buildTrailers(['X-Sum', '1', ...never, 'Set-Cookie', 'a=b'])).toEqual([['X-Sum', '1']]);
    expect(buildForwardTrailers(['X-Sum', '1', ...never, 'x_rouse_a', 'b', 'Host', 'c'])).toEqual([
      ['X-Sum', '1'],
    ]);
  });

  it('keeps of early hints what a caller can use, several links too', () => {
    const link = '</a.css>; rel=preload, </b.js>; rel=preload';
    expect(buildHint(103, ['Link', link, ...never, 'Connection', 'close'])).toBe(
      `HTTP/1.1 103 Early Hints\r\nLink: ${link}\r\n\r\n`,
    );
  });

  it('leaves out words after the status that could not be written', () => {
    expect(buildReason('Not Found')).toBe('Not Found');
    for (const bad of [undefined, 'a\u0001b', '\ufffd', 'a\r\nb'])
      expect(buildReason(bad)).toBe('');
  });
});

describe('parseRequestId', () => {
  it('takes ids that are safe to repeat and no others', () => {
    for (const good of ['a', '4bf92f35-77', 'Root=1-67:89/a+b@c']) {
      expect(parseRequestId(good)).toBe(good);
    }
    for (const bad of [undefined, '', 'a b', 'a"b', 'é', 'a'.repeat(129), ['a', 'b']]) {
      expect(parseRequestId(bad)).toBeUndefined();
    }
  });
});
