// The bundle cache: one read per Revision, a bound in bytes, and never the code of a Revision that is gone.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BundleCache } from '../../../activator/bundle-cache.ts';
import type { EnvVar } from '../../../api/kubernetes.ts';
import type { Revision } from '../../../api/revision.ts';

const revision = (code: string): Revision =>
  ({
    metadata: { name: 'hello-00001', namespace: 'default' },
    spec: {
      functionName: 'hello',
      signature: 'auto',
      files: { 'index.js': code },
      codeDigest: code,
      timeoutSeconds: 60,
      concurrency: { target: 100, limit: 0 },
    },
  }) as unknown as Revision;

/** A server whose answers the test gives by hand, in any order. */
function slowServer() {
  const reads: { resolve: (found: Revision) => void; reject: (error: Error) => void }[] = [];
  const readRevision = (): Promise<Revision> =>
    new Promise((resolve, reject) => reads.push({ resolve, reject }));
  return { reads, readRevision };
}

describe('BundleCache', () => {
  it('reads a Revision once for all who ask meanwhile and after', async () => {
    const server = slowServer();
    const cache = new BundleCache(server);
    const both = [cache.get('default', 'hello-00001'), cache.get('default', 'hello-00001')];
    server.reads[0]?.resolve(revision('one'));
    const [first, second] = await Promise.all(both);
    expect(second).toBe(first);
    expect(await cache.get('default', 'hello-00001')).toBe(first);
    expect(server.reads).toHaveLength(1);
  });

  it('asks again after a read that failed', async () => {
    const server = slowServer();
    const cache = new BundleCache(server);
    const failing = cache.get('default', 'hello-00001');
    server.reads[0]?.reject(new Error('away'));
    await expect(failing).rejects.toThrow('away');
    const asked = cache.get('default', 'hello-00001');
    server.reads[1]?.resolve(revision('one'));
    expect((await asked).codeDigest).toBe('one');
  });

  it('does not keep what was being read when the Revision was deleted', async () => {
    const server = slowServer();
    const cache = new BundleCache(server);
    const before = cache.get('default', 'hello-00001');
    cache.drop('default', 'hello-00001');
    const after = cache.get('default', 'hello-00001');
    server.reads[1]?.resolve(revision('two'));
    server.reads[0]?.resolve(revision('one'));
    expect((await before).codeDigest).toBe('one');
    expect((await after).codeDigest).toBe('two');
    expect((await cache.get('default', 'hello-00001')).codeDigest).toBe('two');
    cache.drop('default', 'hello-00001');
    expect(cache.bytes).toBe(0);
  });

  it('keeps what the watch brings, so that nothing is read, and takes a change of status for no news', async () => {
    const server = slowServer();
    const cache = new BundleCache(server);
    cache.offer(revision('one'));
    const found = cache.find('default', 'hello-00001');
    expect(found?.codeDigest).toBe('one');
    cache.offer(revision('one'));
    expect(cache.find('default', 'hello-00001')).toBe(found);
    expect(await cache.get('default', 'hello-00001')).toBe(found);
    expect(server.reads).toHaveLength(0);
    cache.offer({ ...revision('two'), metadata: { ...revision('two').metadata, uid: 'new' } });
    expect(cache.find('default', 'hello-00001')?.codeDigest).toBe('two');
  });

  it('gives parked pods the environment, but not values that come from elsewhere', () => {
    const cache = new BundleCache(slowServer());
    const envOf = (env: EnvVar[]): unknown => {
      const made = revision('one');
      made.metadata.uid = JSON.stringify(env);
      made.spec = { ...made.spec, runtime: 'node', env };
      cache.offer(made);
      const body = cache.find('default', 'hello-00001')?.body.toString() ?? '';
      return (JSON.parse(body) as { env: unknown }).env;
    };
    expect(envOf([{ name: 'A', value: 'b' }, { name: 'EMPTY' }])).toEqual({ A: 'b', EMPTY: '' });
    const secret = { secretKeyRef: { name: 's', key: 'k' } };
    expect(
      envOf([
        { name: 'A', value: 'b' },
        { name: 'B', valueFrom: secret },
      ]),
    ).toEqual({});
  });

  it('keeps the small ones when there is no room for all', () => {
    const cache = new BundleCache(slowServer(), 100_000);
    const offer = (name: string, length: number): void => {
      const made = revision('x'.repeat(length));
      cache.offer({ ...made, metadata: { ...made.metadata, name } });
    };
    const kept = (name: string): boolean => cache.find('default', name) !== undefined;
    offer('large', 40_000);
    for (let i = 0; i < 100; i += 1) offer(`small-${i}`, 400);
    expect(kept('large')).toBe(false);
    offer('later', 40_000);
    expect(kept('later')).toBe(false);
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
    for (let i = 0; i < 100; i += 1) expect(kept(`small-${i}`)).toBe(true);
  });

  it('keeps what was just read for a wake, within its bound', async () => {
    const server = slowServer();
    const cache = new BundleCache(server, 100_000);
    for (let i = 0; i < 100; i += 1) {
      const made = revision('y'.repeat(300));
      cache.offer({ ...made, metadata: { ...made.metadata, name: `small-${i}` } });
    }
    const reading = cache.get('default', 'hello-00001');
    server.reads[0]?.resolve(revision('z'.repeat(40_000)));
    await reading;
    await new Promise((resolve) => setImmediate(resolve));
    expect(cache.find('default', 'hello-00001')).toBeDefined();
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
  });

  it('never exceeds its bound, whatever comes and goes', () => {
    const step = fc.record({
      kind: fc.constantFrom('offer', 'drop', 'find'),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      length: fc.integer({ min: 1, max: 4_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const cache = new BundleCache(slowServer(), 6_000);
        for (const { kind, name, length } of steps) {
          const made = revision('x'.repeat(length));
          const metadata = { ...made.metadata, name, uid: String(length) };
          if (kind === 'offer') cache.offer({ ...made, metadata });
          else if (kind === 'drop') cache.drop('default', name);
          else cache.find('default', name);
          expect(cache.bytes).toBeLessThanOrEqual(6_000);
        }
        const sum = ['a', 'b', 'c', 'd', 'e']
          .map((name) => cache.find('default', name)?.body.length ?? 0)
          .reduce((all, one) => all + one, 0);
        expect(cache.bytes).toBe(sum);
      }),
    );
  });
});
