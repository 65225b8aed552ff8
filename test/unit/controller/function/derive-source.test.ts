// Whether a Function has code to run, and what tells two pieces of code apart.

import { describe, expect, it } from '@jest/globals';
import { deriveSource } from '../../../../controller/function/derive-source.ts';
import { digestFiles, digestTemplate } from '../../../../controller/function/digest-template.ts';
import { buildTestFunction } from '../../../support/build-function.ts';

const snapshot = {
  inlineDigest: undefined,
  configMap: undefined,
  runtimesInstalled: ['node' as const],
};
const fromMap = buildTestFunction({ source: { configMap: { name: 'code' } } });

describe('deriveSource', () => {
  it('takes inline code, a ConfigMap, or an image as it is', () => {
    expect(deriveSource(buildTestFunction(), { ...snapshot, inlineDigest: 'i' })).toEqual({
      codeDigest: 'i',
    });
    const configMap = { codeDigest: 'm', binaryKeys: [] };
    expect(deriveSource(fromMap, { ...snapshot, configMap })).toEqual({ codeDigest: 'm' });
    expect(deriveSource(buildTestFunction({ image: 'web' }), snapshot)).toEqual({ codeDigest: '' });
  });

  it.each([
    ['SourceNotFound', /ConfigMap "code" is not there in namespace "shop"/, undefined],
    ['SourceNotText', /logo\.png/, { codeDigest: 'm', binaryKeys: ['logo.png'] }],
    ['SourceEmpty', /no keys/, { codeDigest: '', binaryKeys: [] }],
  ])('says %s', (reason, message, configMap) => {
    const found = deriveSource(fromMap, { ...snapshot, configMap });
    expect(found).toMatchObject({ problem: { reason, message: expect.stringMatching(message) } });
  });

  it('names the runtimes there are when the wanted one is not installed', () => {
    const found = deriveSource(buildTestFunction({ runtime: 'python' }), snapshot);
    expect(found).toMatchObject({
      problem: { reason: 'RuntimeNotInstalled', message: expect.stringContaining('node') },
    });
  });
});

describe('digestTemplate', () => {
  const { spec } = buildTestFunction();

  it('does not see the order of keys, nor scaling, nor traffic', () => {
    const reordered = Object.fromEntries(Object.entries(spec).reverse()) as typeof spec;
    expect(digestTemplate(reordered, 'c')).toBe(digestTemplate(spec, 'c'));
    const other = { ...spec, traffic: [], scaling: { ...spec.scaling, minReplicas: 3 } };
    expect(digestTemplate(other, 'c')).toBe(digestTemplate(spec, 'c'));
  });

  it.each([
    ['code', spec, 'other'],
    ['environment', { ...spec, env: [{ name: 'A', value: '1' }] }, 'c'],
    ['timeout', { ...spec, timeoutSeconds: 61 }, 'c'],
    ['concurrency', { ...spec, concurrency: { target: 1, limit: 1 } }, 'c'],
    ['pod', { ...spec, podTemplate: { nodeSelector: { a: 'b' } } }, 'c'],
  ])('sees other %s', (_, changed, code) => {
    expect(digestTemplate(changed, code)).not.toBe(digestTemplate(spec, 'c'));
  });
});

describe('digestFiles', () => {
  it('is empty for no files and tells names from contents', () => {
    expect(digestFiles({})).toBe('');
    expect(digestFiles({ a: 'b', c: 'd' })).toBe(digestFiles({ c: 'd', a: 'b' }));
    expect(digestFiles({ a: 'b' })).not.toBe(digestFiles({ b: 'a' }));
  });
});
