// The log's folder lies in the home, and whoever makes the home decides who may read the Secrets in it.

import { expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileLog } from '../../../local/create-file-log.ts';

it('makes a home that nobody else may enter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-log-'));
  try {
    createFileLog(join(folder, 'home', 'logs', 'cluster.log'), 'info');
    expect(statSync(join(folder, 'home')).mode & 0o777).toBe(0o700);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
