// Bundles the node runtime into the one CommonJS file that a pod starts: dist/runtime-node.cjs.

import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

export const runtimeFile = fileURLToPath(new URL('../../dist/runtime-node.cjs', import.meta.url));

/**
 * CommonJS, because Node starts it 20 ms sooner than an ES module. Returns the file's path. `outfile` is for tests that
 * must not race with each other.
 */
export async function buildRuntime(outfile: string = runtimeFile): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL('main.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await buildRuntime());
}
