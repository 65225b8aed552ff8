// No text makes the API server's parsers throw or hang, and what they accept means what was written.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildSelectable } from '../../local/api-server/build-selectable.ts';
import { parseAccept } from '../../local/api-server/parse-accept.ts';
import { parsePath } from '../../local/api-server/parse-path.ts';
import {
  matchesSelection,
  parseFieldSelector,
  parseLabelSelector,
} from '../../local/api-server/parse-selector.ts';
import { applyMergePatch } from '../../local/api-server/patch.ts';
import { cloneJson, equalJson } from '../../local/api-server/any-object.ts';
import { WireReader } from '../../local/api-server/protobuf/wire-reader.ts';

const selectorText = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom('a', 'app', '=', '!', '!=', ' in ', 'notin', '(', ')', ',', ' ', '>', '1'),
    )
    .map((parts) => parts.join('')),
);
const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const value = fc.stringMatching(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?)?$/);

describe('parseLabelSelector', () => {
  it('answers any text with requirements or a sentence', () => {
    fc.assert(
      fc.property(selectorText, (text) => {
        const parsed = parseLabelSelector(text);
        if ('error' in parsed) expect(parsed.error).not.toBe('');
        else matchesSelection({ labels: parsed.value, fields: [] }, { labels: {}, fields: {} });
      }),
    );
  });

  it('selects exactly the objects whose labels are equal', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), name, value, (labels, key, wanted) => {
        const parsed = parseLabelSelector(`${key}=${wanted}`);
        if ('error' in parsed) throw new Error(parsed.error);
        const seen = buildSelectable('/pods', { metadata: { labels } });
        const is = matchesSelection({ labels: parsed.value, fields: [] }, seen);
        expect(is).toBe(Object.hasOwn(labels, key) && labels[key] === wanted);
      }),
    );
  });

  it('gives !key and key opposite answers', () => {
    fc.assert(
      fc.property(fc.dictionary(name, value), name, (labels, key) => {
        const [has, hasNot] = [key, `!${key}`].map((text) => {
          const parsed = parseLabelSelector(text);
          if ('error' in parsed) throw new Error(parsed.error);
          return matchesSelection({ labels: parsed.value, fields: [] }, { labels, fields: {} });
        });
        expect(has).toBe(!hasNot);
      }),
    );
  });
});

describe('parseFieldSelector', () => {
  it('answers any text with requirements or a sentence', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), selectorText), (text) => {
        const parsed = parseFieldSelector(text, ['a', 'metadata.name']);
        if ('error' in parsed) expect(parsed.error).not.toBe('');
      }),
    );
  });

  it('reads back any value that was escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const escaped = text.replace(/[\\,=]/g, '\\$&');
        const parsed = parseFieldSelector(`metadata.name=${escaped}`, ['metadata.name']);
        expect(parsed).toEqual({ value: [{ field: 'metadata.name', isEqual: true, value: text }] });
      }),
    );
  });
});

describe('parsePath', () => {
  it('never throws, and never lets a segment hold a slash', () => {
    const segment = fc.oneof(fc.string(), fc.constantFrom('api', 'apis', 'namespaces', '%2F', '%'));
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const parsed = parsePath(`/${segments.join('/')}`);
        for (const one of Object.values(parsed ?? {})) expect(String(one)).not.toContain('/');
      }),
    );
  });

  it('reads back every path it could have been asked for', () => {
    fc.assert(
      fc.property(name, name, name, name, (group, namespace, plural, object) => {
        fc.pre(plural !== 'namespaces');
        const path = `/apis/${group}/v1/namespaces/${namespace}/${plural}x/${object}`;
        expect(parsePath(path)).toMatchObject({
          group,
          namespace,
          plural: `${plural}x`,
          name: object,
        });
      }),
    );
  });
});

describe('parseAccept', () => {
  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseAccept(text)));
  });
});

describe('applyMergePatch', () => {
  it('is the identity for an empty patch and for a patch with the object itself', () => {
    const json = fc.jsonValue().filter((one) => !JSON.stringify(one).includes('null'));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (object) => {
        const copy = cloneJson(object);
        expect(equalJson(applyMergePatch(copy, {}), object)).toBe(true);
        expect(equalJson(applyMergePatch(copy, object), object)).toBe(true);
      }),
    );
  });
});

describe('WireReader', () => {
  it('ends on any bytes, with an answer or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new WireReader(Buffer.from(bytes));
        try {
          for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) reader.skip(tag);
        } catch (error) {
          expect((error as Error).message).toMatch(/^protobuf /);
        }
      }),
    );
  });
});
