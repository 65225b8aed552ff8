// What the Dockerfiles promise, as far as it shows without building them.

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundlePath, programs } from '../../../local/bundle-programs.ts';
import { frugalNode } from '../../../local/frugal-node.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const dockerfiles = ['controller/Dockerfile', 'activator/Dockerfile', 'runtime-images/node/Dockerfile'];
const stagesOf = (path: string): string[] => read(path).split(/^FROM /m).slice(1);

describe.each(dockerfiles)('%s', (path) => {
  const text = read(path);
  const [build = '', image = ''] = stagesOf(path);

  it('is pinned to the Node of package-lock.json', () => {
    const { dependencies } = JSON.parse(read('package.json')) as {
      dependencies: Record<string, string>;
    };
    expect(text).toMatch(new RegExp(`^ARG NODE_IMAGE=node:${dependencies['node']}-[\\w-]+$`, 'm'));
    expect(text.match(/^FROM .*/gm)).toEqual(['FROM ${NODE_IMAGE} AS build', 'FROM ${NODE_IMAGE}']);
  });

  it('needs no shell', () => {
    expect(text.match(/^(RUN|CMD|ENTRYPOINT) (?!\[)/gm)).toBeNull();
    expect(image).not.toMatch(/^RUN/m);
  });

  it('runs as nobody in particular, by number', () => {
    expect(image.match(/^USER .*/gm)).toEqual(['USER 65532:65532']);
  });

  it('copies one bundle, and starts it', () => {
    const [, from, to] = /^COPY --from=build (\S+) (\S+)$/m.exec(image) ?? [];
    const bundles = programs.map((program) => bundlePath(program).replace(`${root}/`, '/src/'));
    expect(bundles).toContain(from);
    expect(image).toContain(`"${to}"]`);
    expect(image.match(/^(COPY|ADD)/gm)).toHaveLength(1);
  });

  it('shares the first stage with the others', () => {
    expect(build).toBe(stagesOf(dockerfiles[0] ?? '')[0]);
  });

  it('finds in its context what it copies', () => {
    const copied = [...build.matchAll(/^COPY (.*) \S+$/gm)].flatMap(([, list = '']) => list.split(' '));
    const allowed = read('.dockerignore').match(/^!.*/gm) ?? [];
    expect(copied.map((name) => `!${name}`).sort()).toEqual([...allowed].sort());
  });
});

it('the controller runs with the flags that it has locally', () => {
  for (const flag of frugalNode) expect(read('controller/Dockerfile')).toContain(`"${flag}"`);
});
