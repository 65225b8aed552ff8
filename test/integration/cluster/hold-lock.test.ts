// holdLock: one holder at a time, and a dead one blocks nobody.

import { describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdLock } from '../../../cluster/hold-lock.ts';
import { identify } from '../../../cluster/process-identity.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'rouse-lock-')), 'folder', 'lock');

describe('holdLock', () => {
  it('makes its folder, and leaves nothing behind', async () => {
    const path = newPath();
    expect(await holdLock(path, async () => existsSync(path))).toBe(true);
    expect(existsSync(path)).toBe(false);
  });

  it('lets go when the work fails', async () => {
    const path = newPath();
    const work = () => Promise.reject(new Error('no'));
    await expect(holdLock(path, work)).rejects.toThrow('no');
    expect(existsSync(path)).toBe(false);
  });

  it('takes over from a process that has died, though another has its number', async () => {
    const path = newPath();
    await holdLock(path, async () => undefined);
    writeFileSync(path, JSON.stringify({ ...identify(process.pid), startedAt: '1' }));
    expect(await holdLock(path, async () => 'mine')).toBe('mine');
  });
});
