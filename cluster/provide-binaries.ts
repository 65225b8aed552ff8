// Builds a Go module's programs into the cache, or finds them there.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { folders } from './folders.ts';
import type { GoModule } from './go-modules.ts';
import { step } from './print-step.ts';
import { run } from './run-program.ts';

/** kube-apiserver, the first with all that the others share, took 7 minutes on two busy cores. */
const buildMsMax = 40 * 60_000;

export interface Binaries {
  /** Of this version and these flags, and of no other. */
  readonly folder: string;
  readonly key: string;
}

export async function provideBinaries(module: GoModule): Promise<Binaries> {
  const source = join(folders.modules, module.name);
  const key = `${module.name}-${module.version}-${fingerprint(module, source)}`;
  const folder = join(folders.binaries, key);
  mkdirSync(folder, { recursive: true });
  for (const [program, path] of Object.entries(module.programs)) {
    const target = join(folder, program);
    if (existsSync(target)) continue;
    await step(`building ${program} ${module.version} from its Go module`, async () => {
      await build({ module, source, path, target });
    });
  }
  return { folder, key };
}

/** Where the sources of a module that another needs lie, downloaded if they are not yet there. */
export async function findModuleFolder(module: GoModule, path: string): Promise<string> {
  const cwd = join(folders.modules, module.name);
  const said = await run('go', ['mod', 'download', '-json', path], { cwd, env: goEnv });
  return (JSON.parse(said) as { Dir: string }).Dir;
}

interface Build {
  readonly module: GoModule;
  readonly source: string;
  readonly path: string;
  readonly target: string;
}

/** Static, since most run in an image with nothing else in it; complete or not there at all. */
async function build({ module, source, path, target }: Build): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(module)];
  const tags = module.tags === undefined ? [] : ['-tags', module.tags];
  const partial = `${target}.${process.pid}.partial`;
  await run('go', ['build', ...flags, ...tags, '-o', partial, path], {
    cwd: source,
    env: goEnv,
    nice: true,
    timeoutMs: buildMsMax,
  });
  renameSync(partial, target);
}

const goEnv = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' };

function linkerFlags({ linkerFlags: own }: GoModule): string {
  return ['-s -w', ...(own === undefined ? [] : [own])].join(' ');
}

function fingerprint(module: GoModule, source: string): string {
  const hash = createHash('sha256').update(JSON.stringify(module));
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    const path = join(source, file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 8);
}
