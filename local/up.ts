// `npm start`: bundles the platform's programs if they changed, then becomes the platform.

import { join } from 'node:path';
import { bundlePath, bundlePrograms, programs } from './bundle-programs.ts';
import { cacheFolder } from './cache-folder.ts';
import { frugalNode } from './frugal-node.ts';

const [nodeMajor = 0] = process.versions.node.split('.').map(Number);
if (nodeMajor < 24) {
  console.error(
    `Rouse needs Node 24, this is ${process.version}; start it by \`npm start\`, which has its own`,
  );
  process.exit(1);
}
const made = await bundlePrograms();
if (made.length > 0) console.log(`Bundled ${made.join(', ')}.`);

const platform = programs.find((program) => program.name === 'platform');
if (platform === undefined) throw new Error('no program is called platform');
const env = { NODE_COMPILE_CACHE: join(cacheFolder(process.env), 'compile'), ...process.env };
const args = [...frugalNode, bundlePath(platform), ...process.argv.slice(2)];
if (process.execve === undefined) {
  await import(bundlePath(platform)); // Windows has no exec; the price is some memory.
} else {
  // The bundler's and the type stripper's memory is given back: the same process, a new program.
  process.execve(process.execPath, [process.execPath, ...args], env);
}
