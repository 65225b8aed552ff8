// Parsers of what callers send: whatever comes, they answer within bounds and never throw.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildForwardHeaders } from '../../activator/build-forward-headers.ts';
import { parseFunctionPath } from '../../activator/parse-function-path.ts';
import { isDnsLabel, parseHost } from '../../activator/parse-host.ts';
import { parseRequestId } from '../../activator/parse-request-id.ts';
import { parseRequestTarget } from '../../activator/parse-request-target.ts';

const runs = { numRuns: 2_000 };
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl(), fc.webPath());
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);

describe('what callers send', () => {
  it('as Host gives a Function with valid names, or none', () => {
    fc.assert(
      fc.property(text, text, (host, domain) => {
        const found = parseHost(host, domain);
        if (found === undefined) return;
        expect(isDnsLabel(found.name) && isDnsLabel(found.namespace)).toBe(true);
      }),
      runs,
    );
  });

  it('as a good Host is always understood', () => {
    const suffix = fc.constantFrom('.example.com', '', '.svc', '.svc.cluster.local');
    const port = fc.constantFrom('', ':80', ':65535');
    fc.assert(
      fc.property(label, label, suffix, port, (name, namespace, end, colon) => {
        fc.pre(namespace !== 'svc' || end === '.example.com');
        const found = parseHost(`${name}.${namespace}${end}${colon}`, 'example.com');
        expect(found).toEqual({ name, namespace });
      }),
      runs,
    );
  });

  it('as a path keeps its rest: prefix and rest together are what came', () => {
    fc.assert(
      fc.property(label, label, text, (namespace, name, rest) => {
        const target = `/function/${namespace}/${name}/${rest}`;
        const found = parseFunctionPath(target);
        expect(found?.name).toBe(name);
        expect((found?.prefix ?? '') + (found?.rest ?? '')).toBe(target);
      }),
      runs,
    );
  });

  it('as a path of any form gives a Function with valid names, or none', () => {
    fc.assert(
      fc.property(text, (rest) => {
        for (const target of [rest, `/function/${rest}`]) {
          const found = parseFunctionPath(target);
          if (found === undefined) continue;
          expect(isDnsLabel(found.name) && isDnsLabel(found.namespace)).toBe(true);
          expect(found.rest.startsWith('/')).toBe(true);
        }
      }),
      runs,
    );
  });

  it('as a target gives a path, or none', () => {
    fc.assert(
      fc.property(text, (target) => {
        const found = parseRequestTarget(target);
        expect(found === undefined || found.path.startsWith('/')).toBe(true);
      }),
      runs,
    );
  });

  it('as an id is used as it is or not at all', () => {
    fc.assert(
      fc.property(text, (id) => {
        const found = parseRequestId(id);
        expect(found === undefined || (found === id && /^[\x21-\x7e]{1,128}$/.test(found))).toBe(
          true,
        );
      }),
      runs,
    );
  });

  it('as headers never makes two Hosts, nor a Connection', () => {
    const name = fc.oneof(text, fc.constantFrom('host', 'HOST', 'Connection', 'Content-Length'));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, text), { maxLength: 8 }), (pairs) => {
        const built = buildForwardHeaders({
          rawHeaders: pairs.flat(),
          callerAddress: '::1',
          protocol: 'http',
          host: 'h',
          requestId: 'id',
          timeoutMs: 1,
          prefix: undefined,
          contentLength: '3',
        });
        const names = built.filter((_, index) => index % 2 === 0).map((one) => one.toLowerCase());
        for (const once of ['host', 'content-length', 'x-request-id', 'x-forwarded-for']) {
          expect(names.filter((one) => one === once)).toHaveLength(1);
        }
        expect(names).not.toContain('connection');
      }),
      runs,
    );
  });
});
