// `npm run demo` as a newcomer runs it: it succeeds in time, tells what happened, and leaves nothing behind.

import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isAlive, processTree } from '../../support/process-tree.ts';
import { waitFor } from '../../support/wait-for.ts';

const demoFile = resolve(import.meta.dirname, '../../../local/demo.ts');
/** Of these tests alone, so that nobody else's demo is taken for a leftover. */
const temporary = mkdtempSync(join(tmpdir(), 'rouse-test-demo-'));
afterAll(() => rmSync(temporary, { recursive: true }));

function startDemo(): {
  child: ChildProcess;
  output: () => string;
  exited: Promise<number | null>;
} {
  const child = spawn(process.execPath, [demoFile], {
    env: { ...process.env, TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => (output += chunk.toString('utf8'));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  return { child, output: () => output, exited };
}

describe('npm run demo', () => {
  it('does the main job, exits 0 and leaves nothing', async () => {
    const { output, exited } = startDemo();
    const code = await exited;
    expect({ code, output: output() }).toMatchObject({ code: 0 });
    expect(output()).toMatch(/called from zero: 200/);
    expect(output()).toMatch(/warm: 200/);
    expect(output()).toMatch(/50 of 50 answered 200/);
    expect(output()).toMatch(/queue +[\d.]+ ms/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves no process when it is killed', async () => {
    const { child, output, exited } = startDemo();
    await waitFor(() => output().includes('called from zero'), {
      what: 'the first answer',
      deadlineMs: 20_000,
    });
    const tree = processTree(child.pid ?? 0);
    expect(tree.length).toBeGreaterThanOrEqual(4);
    child.kill('SIGKILL');
    await exited;
    await waitFor(() => tree.every((one) => !isAlive(one.pid)), {
      what: 'every process to be gone',
    });
    for (const left of readdirSync(temporary)) rmSync(join(temporary, left), { recursive: true });
  });

  it('cleans up on Ctrl-C in the middle', async () => {
    const { child, output, exited } = startDemo();
    await waitFor(() => output().includes('called from zero'), {
      what: 'the first answer',
      deadlineMs: 20_000,
    });
    const tree = processTree(child.pid ?? 0);
    child.kill('SIGINT');
    expect(await exited).not.toBe(0);
    await waitFor(() => tree.every((one) => !isAlive(one.pid)), {
      what: 'every process to be gone',
    });
    expect(readdirSync(temporary)).toEqual([]);
  });
});
