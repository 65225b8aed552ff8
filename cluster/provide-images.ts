// The platform's own images, by the Dockerfiles that anyone builds, on a base made here where no registry answers.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Docker } from './docker.ts';
import { step } from './print-step.ts';
import { certificates, provideLocalNode, provideLocalRedis } from './provide-local-bases.ts';
import { run } from './run-program.ts';

const checkout = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  version: string;
};
const proxyNames = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

/** What the chart installs, by the names it uses, and the file each is built by. */
export const rouseImages = [
  { tag: `rouse/controller:${version}`, file: 'controller/Dockerfile' },
  { tag: `rouse/activator:${version}`, file: 'activator/Dockerfile' },
  { tag: `rouse/runtime-node:${version}`, file: 'runtime-images/node/Dockerfile' },
] as const;

export interface BuiltImage {
  readonly tag: string;
  /** `sha256:...`; another one for every change of the sources. */
  readonly id: string;
}

/**
 * Builds those of `rouseImages`; Docker's own cache makes it a second where no source changed. Without a registry the
 * chart's Redis is among them, which the nodes would pull otherwise.
 */
export async function provideImages(
  docker: Docker,
  { hasRegistry }: { readonly hasRegistry: boolean },
): Promise<readonly BuiltImage[]> {
  if (!hasRegistry) await provideLocalNode(docker);
  const buildArguments = hasRegistry ? {} : await hostsWayToPackages();
  const built: BuiltImage[] = [];
  for (const { tag, file } of rouseImages) {
    await step(`building ${tag}`, () =>
      docker.build({ context: checkout, tag, file, buildArguments, network: 'host' }),
    );
    built.push({ tag, id: await docker.idOf(tag) });
  }
  if (hasRegistry) return built;
  const redis = await provideLocalRedis(docker, hostsProxies());
  return [...built, { tag: redis, id: await docker.idOf(redis) }];
}

/** How this machine reaches its package registry: a mirror, a proxy, a certificate of its own. */
async function hostsWayToPackages(): Promise<Record<string, string>> {
  const registry = (await run('npm', ['config', 'get', 'registry'], { cwd: checkout })).trim();
  return {
    NPM_CONFIG_REGISTRY: registry,
    NODE_EXTRA_CA_CERTS: certificates,
    ...hostsProxies(),
  };
}

function hostsProxies(): Record<string, string> {
  const proxies = proxyNames.flatMap((name) => {
    const value = process.env[name] ?? process.env[name.toLowerCase()];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(proxies) as Record<string, string>;
}
