// The images that were built for the cluster: small over their base, run by number, with a read-only root and no shell.

import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { waitFor } from '../support/wait-for.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const base = /^ARG NODE_IMAGE=(\S+)$/m.exec(read('controller/Dockerfile'))?.[1] ?? '';
const images = ['controller', 'activator', 'runtime-node'].map(
  (name) => `rouse/${name}:${version}`,
);
const bytesMax = 60_000_000;
const dockerMsMax = 60_000;

function docker(...args: string[]): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync('docker', args, {
    encoding: 'utf8',
    timeout: dockerMsMax,
  });
  return { code: status, text: `${stdout}${stderr}`.trim() };
}

interface Image {
  readonly Size: number;
  readonly RootFS: { readonly Layers: readonly string[] };
}

function inspect(name: string): Image {
  const { code, text } = docker('image', 'inspect', name);
  if (code !== 0) throw new Error(text);
  return (JSON.parse(text) as Image[])[0] as Image;
}

/** With as little as a container may have. */
const bounds = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
const run = (...words: string[]) => docker('run', '--rm', '--network', 'none', ...bounds, ...words);

function hasImages(): boolean {
  if (images.every((image) => docker('image', 'inspect', image).code === 0)) return true;
  process.stderr.write(
    `skipped: no Docker with ${images.join(', ')}: run npm run cluster -- install\n`,
  );
  return false;
}

const suite = hasImages() ? describe : describe.skip;

suite.each(images)('%s', (image) => {
  it('is the base, and less than 60 MB more', () => {
    const [own, below] = [inspect(image), inspect(base)];
    expect(own.RootFS.Layers.slice(0, below.RootFS.Layers.length)).toEqual(below.RootFS.Layers);
    expect(own.Size - below.Size).toBeLessThan(bytesMax);
    expect(own.Size).toBeGreaterThan(below.Size);
  });

  it('runs as 65532 on a root that nothing can be written to', () => {
    const program = `
      const { writeFileSync } = require('node:fs');
      let code;
      try { writeFileSync('/x', ''); } catch (error) { code = error.code; }
      console.log(process.getuid(), code);`;
    expect(run('--entrypoint', 'node', image, '-e', program).text).toMatch(
      /^65532 (EROFS|EACCES)$/,
    );
  });

  it('is started without a shell in between, so that the program itself is told to end', () => {
    const { Config } = inspect(image) as Image & { Config: { Entrypoint: string[] } };
    expect(Config.Entrypoint[0]).toBe('node');
  });
});

suite.each(images.slice(0, 2))('%s', (image) => {
  it('says what it misses, where it is told nothing', () => {
    const { code, text } = run(image);
    expect(code).toBe(1);
    expect(text).toMatch(/KUBECONFIG/);
  });
});

suite('rouse/runtime-node', () => {
  it('waits for code, and ends when it is told to', async () => {
    const image = images[2] ?? '';
    const { text: id } = docker('run', '--detach', '--network', 'none', ...bounds, image);
    try {
      const ask = `fetch('http://127.0.0.1:8081/ready').then(({ status }) => console.log(status))`;
      await waitFor(() => docker('exec', id, 'node', '-e', ask).text === '503', {
        ...{ what: 'a runtime that waits for code', deadlineMs: 30_000 },
      });
      expect(docker('stop', '--time', '20', id).code).toBe(0);
      expect(docker('wait', id).text).toBe('0');
    } finally {
      docker('rm', '--force', id);
    }
  }, 90_000);
});
