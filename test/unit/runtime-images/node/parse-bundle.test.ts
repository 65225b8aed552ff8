// What may be sent to a control port, and who may send it.

import { describe, expect, it } from '@jest/globals';
import { parseBundle, refusePath } from '../../../../runtime-images/node/parse-bundle.ts';
import {
  parseSignatureHeader,
  refuseExpiry,
} from '../../../../runtime-images/node/verify-signature.ts';
import { readSettings } from '../../../../runtime-images/node/read-settings.ts';

const good = {
  version: 1,
  namespace: 'n',
  function: 'f',
  revision: 'f-00001',
  signature: 'auto',
  files: { 'index.js': '' },
  codeDigest: 'ab',
  env: {},
  timeoutMs: 1000,
  concurrencyLimit: 0,
};

describe('parseBundle', () => {
  it('takes a bundle and leaves out what it does not know', () => {
    expect(parseBundle(JSON.stringify({ ...good, handler: 'a.b', more: 1 }))).toEqual({
      ...good,
      handler: 'a.b',
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['another version', { version: 2 }, 'version 2'],
    ['no function', { function: undefined }, 'function'],
    ['an unknown signature', { signature: 'soap' }, 'lambda, http'],
    ['no time', { timeoutMs: 0 }, 'timeoutMs'],
    ['half a limit', { concurrencyLimit: 0.5 }, 'concurrencyLimit'],
    ['a list for files', { files: [] }, 'files'],
    ['no files', { files: {} }, 'empty'],
    ['bytes for a file', { files: { a: 1 } }, '"a"'],
    ['a file that is a folder', { files: { a: '', 'a/b': '' } }, 'both a file and a folder'],
    ['a number in env', { env: { A: 1 } }, '"A"'],
    ['NUL in env', { env: { A: '\0' } }, '"A"'],
    ['= in a name', { env: { 'A=B': '' } }, 'character'],
  ])('refuses %s in a sentence', (_what, change, says) => {
    expect(parseBundle(JSON.stringify({ ...good, ...change }))).toContain(says);
  });

  it('refuses what is not an object', () => {
    for (const text of ['', '{', 'null', '[]', '1'])
      expect(typeof parseBundle(text)).toBe('string');
  });
});

describe('refusePath', () => {
  it('takes relative paths only', () => {
    for (const path of ['a', 'a/b.js', '..a/b', 'a b/ü.js', '@scope/x', '.env'])
      expect(refusePath(path)).toBeUndefined();
    for (const path of [
      '',
      '/a',
      '..',
      'a/..',
      './a',
      'a/./b',
      'a//b',
      'a/',
      'C:/a',
      'a\\b',
      'a\0',
      'a\nb',
      'x'.repeat(513),
    ]) {
      expect({ path, refused: typeof refusePath(path) }).toEqual({ path, refused: 'string' });
    }
  });
});

describe('a signature', () => {
  it('has one form and lives for its time', () => {
    const text = `v1,123,${'A'.repeat(86)}==`;
    expect(parseSignatureHeader(text)).toEqual({
      expiresAtMs: 123,
      signature: `${'A'.repeat(86)}==`,
    });
    for (const bad of [
      undefined,
      [text, text],
      `v2${text.slice(2)}`,
      'v1,123,',
      `v1,-1,${'A'.repeat(86)}==`,
      `${text}\n`,
    ]) {
      expect(typeof parseSignatureHeader(bad)).toBe('string');
    }
    expect(refuseExpiry(1000, 1000)).toBe('the signature has expired');
    expect(refuseExpiry(1001, 1000)).toBeUndefined();
    expect(refuseExpiry(61_000, 1000)).toBeUndefined();
    expect(refuseExpiry(61_001, 1000)).toContain('too far');
  });
});

describe('readSettings', () => {
  it('has defaults and names what makes no sense', () => {
    expect(readSettings({})).toMatchObject({
      port: 8080,
      controlPort: 8081,
      lameDuckMs: 1000,
      listenHost: undefined,
    });
    expect(() => readSettings({ PORT: '80x' })).toThrow(
      'PORT is "80x"; write a whole number from 0 to 65535',
    );
    expect(() => readSettings({ PORT: '9', ROUSE_CONTROL_PORT: '9' })).toThrow('they must differ');
    expect(() => readSettings({ ROUSE_LAME_DUCK_MS: '-1' })).toThrow('ROUSE_LAME_DUCK_MS');
  });
});
