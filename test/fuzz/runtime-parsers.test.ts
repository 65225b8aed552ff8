// Whatever bytes come, the node runtime's parsers of outside input neither throw nor let through what they should not.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeHeader, parseCloudevent } from '../../runtime-images/node/parse-cloudevent.ts';
import { parseBundle, refusePath } from '../../runtime-images/node/parse-bundle.ts';
import { parseFormBody } from '../../runtime-images/node/parse-form-body.ts';
import { parseHandler, pickEntryFile } from '../../runtime-images/node/parse-handler.ts';
import {
  parseSignatureHeader,
  SignatureVerifier,
} from '../../runtime-images/node/verify-signature.ts';
import { posix } from 'node:path';

const runs = { numRuns: 2000 };
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[./a-z\\:%\0]*$/),
);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

describe('the control port', () => {
  it('lets no path out of the folder', () => {
    fc.assert(
      fc.property(anyText, (path) => {
        if (refusePath(path) !== undefined) return;
        const resolved = posix.resolve('/code', path);
        expect(resolved.startsWith('/code/')).toBe(true);
        expect(resolved).toBe(`/code/${path}`);
      }),
      runs,
    );
  });

  it('makes a bundle or a sentence of any body', () => {
    const bundle = fc.record({
      version: fc.constantFrom(1, 1, 2),
      namespace: anyText,
      function: anyText,
      revision: anyText,
      handler: fc.option(anyText, { nil: undefined }),
      signature: fc.constantFrom('auto', 'lambda', 'other'),
      files: fc.oneof(fc.dictionary(anyText, anyText), fc.jsonValue()),
      codeDigest: anyText,
      env: fc.oneof(fc.dictionary(anyText, anyText), fc.jsonValue()),
      timeoutMs: fc.oneof(fc.integer(), fc.double()),
      concurrencyLimit: fc.oneof(fc.nat(), fc.jsonValue()),
    });
    const body = fc.oneof(
      anyText,
      fc.json(),
      bundle.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(body, (text) => {
        const parsed = parseBundle(text);
        if (typeof parsed === 'string') {
          expect(parsed.length).toBeLessThan(1000);
          return;
        }
        expect(Object.keys(parsed.files).every((path) => refusePath(path) === undefined)).toBe(
          true,
        );
        expect(Object.values(parsed.env).every((value) => typeof value === 'string')).toBe(true);
      }),
      runs,
    );
  });

  it('believes no signature that was made up', () => {
    const verifier = new SignatureVerifier({
      podUid: 'uid',
      publicKey: Buffer.alloc(32, 9).toString('base64'),
    });
    const signature = fc
      .uint8Array({ minLength: 64, maxLength: 64 })
      .map((array) => Buffer.from(array).toString('base64'));
    const header = fc.oneof(
      anyText,
      fc.tuple(fc.constantFrom('v1', 'v2'), fc.nat(), signature).map((parts) => parts.join(',')),
    );
    fc.assert(
      fc.property(header, bytes, (text, body) => {
        const parsed = parseSignatureHeader(text);
        if (typeof parsed === 'string') return;
        expect(typeof verifier.refuse('/specialize', parsed, body)).toBe('string');
      }),
      { numRuns: 500 },
    );
  });

  it('finds a file of the bundle, or none, for any handler', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyText), (handler, paths) => {
        const reference = parseHandler(handler);
        if (typeof reference === 'string') return;
        const file = pickEntryFile(reference, paths);
        if (typeof file !== 'string') expect(paths).toContain(file.path);
      }),
      runs,
    );
  });
});

describe('a request', () => {
  it('is a CloudEvent with all it must have, or is refused', () => {
    const name = fc.oneof(
      fc.constantFrom('id', 'source', 'type', 'specversion', 'time', 'subject'),
      fc.string(),
    );
    const value = fc.oneof(
      fc.constantFrom('1.0', 'x', '%C0%A0', '"a', '2026-01-01T00:00:00Z'),
      fc.string(),
    );
    const headers = fc.dictionary(
      name.map((one) => `ce-${one}`),
      value,
    );
    const types = fc.constantFrom(
      undefined,
      'application/json',
      'text/plain',
      'application/cloudevents+json',
      'application/cloudevents-batch+json',
    );
    const structured = fc
      .dictionary(name, fc.oneof(value, fc.jsonValue()))
      .map((one) => Buffer.from(JSON.stringify(one)));
    fc.assert(
      fc.property(headers, types, fc.oneof(bytes, structured), (given, type, body) => {
        const parsed = parseCloudevent({ headers: { ...given, 'content-type': type }, body });
        if ('status' in parsed) {
          expect([400, 415]).toContain(parsed.status);
          return;
        }
        const { id, source, specversion, type: its } = parsed.event;
        for (const one of [id, source, its])
          expect(typeof one === 'string' && one !== '').toBe(true);
        expect(specversion).toBe('1.0');
      }),
      runs,
    );
  });

  it('decodes what was encoded, in one round', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decodeHeader(encodeURIComponent(text))).toBe(text);
        expect(decodeHeader(encodeURIComponent(encodeURIComponent(text)))).toBe(
          encodeURIComponent(text),
        );
      }),
      runs,
    );
    fc.assert(
      fc.property(anyText, (text) => void decodeHeader(text)),
      runs,
    );
  });

  it('has a body that parses or is refused, and never changes a prototype', () => {
    const type = fc.oneof(
      fc.constantFrom(
        'application/json',
        'application/x-www-form-urlencoded',
        'text/plain',
        'a/b+json',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          bytes,
          fc.json().map((text) => Buffer.from(text)),
        ),
        type,
        (body, contentType) => {
          parseFormBody(body, contentType);
          expect(Object.keys(Object.prototype)).toEqual([]);
        },
      ),
      runs,
    );
  });
});
