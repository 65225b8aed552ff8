// The bundle cache: one read per Revision, a bound in bytes, and never the code of a Revision that is gone.

import { describe, expect, it } from '@jest/globals';
import { BundleCache } from '../../../activator/bundle-cache.ts';
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
});
