// Who proves for others: one of those whose pods would be the same, while it starts and for a moment after.

import { describe, expect, it } from '@jest/globals';
import {
  EqualProofs,
  startedMsMax,
  type EndProof,
} from '../../../../controller/function/equal-proofs.ts';
import { buildProofIdentity } from '../../../../controller/function/build-proof-pod.ts';
import type { Revision } from '../../../../api/revision.ts';
import { buildTestRevision } from '../../../support/build-function.ts';
import { FakeClock } from '../../../support/fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  const equals = new EqualProofs(clock);
  const begin = (key: string): EndProof => {
    const turn = equals.turnOf(key);
    if ('others' in turn) throw new Error(`${key} is proved by another`);
    return turn.end;
  };
  const wait = (key: string): Promise<boolean> => {
    const turn = equals.turnOf(key);
    if ('end' in turn) throw new Error(`nobody proves ${key}`);
    return turn.others;
  };
  return { clock, begin, wait };
}

describe('EqualProofs', () => {
  it('lets one prove, and the others wait for it', async () => {
    const { begin, wait } = setUp();
    const end = begin('a');
    const others = [wait('a'), wait('a')];
    end(true);
    expect(await Promise.all(others)).toEqual([true, true]);
  });

  it('sends the others to try for themselves when it did not start', async () => {
    const { begin, wait } = setUp();
    const end = begin('a');
    const other = wait('a');
    end(false);
    expect(await other).toBe(false);
    expect(() => begin('a')).not.toThrow();
  });

  it('keeps different pods apart', () => {
    const { begin } = setUp();
    begin('a')(true);
    expect(() => begin('b')).not.toThrow();
  });

  it('remembers a start for a moment and no longer', async () => {
    const { clock, begin, wait } = setUp();
    begin('a')(true);
    await clock.advance(startedMsMax - 1);
    expect(await wait('a')).toBe(true);
    await clock.advance(1);
    expect(() => begin('a')).not.toThrow();
  });

  it('hears the end of a proof once', async () => {
    const { begin, wait } = setUp();
    const end = begin('a');
    end(false);
    const later = begin('a');
    const other = wait('a');
    end(true);
    later(false);
    expect(await other).toBe(false);
  });
});

describe('buildProofIdentity', () => {
  const settings = { runtimeImages: { node: 'node:1' }, controlPublicKey: '', poolMax: 0 } as const;
  const keyOf = (name: string, spec: Partial<Revision['spec']> = {}): object | undefined => {
    const plain = { functionName: name, image: 'a/b:1', ...spec };
    const revision = buildTestRevision(1, undefined, plain);
    return buildProofIdentity({ ...revision, metadata: { ...revision.metadata, name } }, settings);
  };

  it('is the same for two Functions of one image', () => {
    expect(keyOf('one')).toBeDefined();
    expect(keyOf('one')).toEqual(keyOf('two'));
  });

  it.each<[string, Partial<Revision['spec']>]>([
    ['image', { image: 'a/b:2' }],
    ['environment', { env: [{ name: 'A', value: 'b' }] }],
    ['resources', { resources: { requests: { cpu: '1' } } }],
    ['service account', { podTemplate: { serviceAccountName: 'other' } }],
    ['annotations', { podTemplate: { annotations: { a: 'b' } } }],
  ])('differs with the %s', (_what, spec) => {
    expect(keyOf('two', spec)).not.toEqual(keyOf('one'));
  });

  it('differs between namespaces', () => {
    const found = buildTestRevision(1, undefined, { image: 'a/b:1' });
    const moved = { ...found, metadata: { ...found.metadata, namespace: 'elsewhere' } };
    expect(buildProofIdentity(moved, settings)).not.toEqual(buildProofIdentity(found, settings));
  });

  it('is none where code is to be loaded', () => {
    expect(buildProofIdentity(buildTestRevision(1), settings)).toBeUndefined();
  });
});
