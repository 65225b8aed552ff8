// Bundles each program into one file of JavaScript, again only when a source file changed.

import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOptions, Metafile } from 'esbuild';

export interface Program {
  readonly name: string;
  /** Relative to the repository. */
  readonly entry: string;
  /** A runtime starts fastest as CommonJS; the platform's programs use top-level await. */
  readonly format: 'esm' | 'cjs';
}

export const programs: readonly Program[] = [
  { name: 'platform', entry: 'local/platform.ts', format: 'esm' },
  { name: 'controller', entry: 'controller/main.ts', format: 'esm' },
  { name: 'activator', entry: 'activator/main.ts', format: 'esm' },
  { name: 'runtime-node', entry: 'runtime-images/node/main.ts', format: 'cjs' },
];

const root = join(import.meta.dirname, '..');
export const bundleDir = join(root, 'dist');

/** What the bundles of this checkout are called; `bundlePrograms` makes them. */
export function bundlePath(program: Program): string {
  return join(bundleDir, `${program.name}.${program.format === 'esm' ? 'mjs' : 'cjs'}`);
}

/**
 * Plain TypeScript would run as well, but stripping types costs each process about 30 MB and a third of its start.
 * Safe beside another run of itself: a bundle is written aside and moved into place. Resolves with what was made.
 */
export async function bundlePrograms(wanted = programs): Promise<string[]> {
  const stale = wanted.filter((program) => !isFresh(program));
  if (stale.length === 0) return [];
  mkdirSync(bundleDir, { recursive: true });
  const esbuild = await import('esbuild');
  for (const program of stale) {
    const path = bundlePath(program);
    const aside = `${path}.${process.pid}`;
    // Synchronous, so that its process has ended for good when this one becomes another program.
    const result = esbuild.buildSync({ ...optionsOf(program), outfile: aside });
    renameSync(aside, path);
    writeFileSync(`${aside}.json`, JSON.stringify(inputsOf(result.metafile)));
    renameSync(`${aside}.json`, `${path}.json`);
  }
  return stale.map((program) => program.name);
}

function optionsOf(program: Program): BuildOptions & { metafile: true } {
  return {
    entryPoints: [join(root, program.entry)],
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: program.format,
    metafile: true,
    logLevel: 'error',
    legalComments: 'none',
    // The source stays in memory as long as its program; names are kept for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    // CommonJS packages inside an ES module bundle still ask for `require`.
    ...(program.format === 'esm' && {
      banner: {
        js: "import { createRequire as rouseCreateRequire } from 'node:module'; const require = rouseCreateRequire(import.meta.url);",
      },
    }),
  };
}

function inputsOf(metafile: Metafile): string[] {
  return [...Object.keys(metafile.inputs), 'package-lock.json', 'local/bundle-programs.ts'];
}

/** A bundle is fresh when none of the files it was made from is newer. */
function isFresh(program: Program): boolean {
  const path = bundlePath(program);
  if (!existsSync(path) || !existsSync(`${path}.json`)) return false;
  const madeMs = statSync(path).mtimeMs;
  const inputs = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as string[];
  return inputs.every((input) => {
    const found = statSync(join(root, input), { throwIfNoEntry: false });
    return found !== undefined && found.mtimeMs <= madeMs;
  });
}
