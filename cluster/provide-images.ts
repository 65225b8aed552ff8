// The platform's own images, by the Dockerfiles that anyone builds, on a base made here where no registry answers.

import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Docker } from './docker.ts';
import { folders } from './folders.ts';
import { isOnPath } from './observe-host.ts';
import { provideNodeBase } from './provide-node-image.ts';
import { step } from './print-step.ts';
import { run } from './run-program.ts';
import { StopError } from './stop-error.ts';

const checkout = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  version: string;
};
const localBases = join(import.meta.dirname, 'local-bases');
const certificates = '/etc/ssl/certs/ca-certificates.crt';
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

/** Builds those of `rouseImages`; Docker's own cache makes it a second where no source changed. */
export async function provideImages(
  docker: Docker,
  { hasRegistry }: { readonly hasRegistry: boolean },
): Promise<readonly BuiltImage[]> {
  if (!hasRegistry) await provideLocalBase(docker, readBaseName());
  const buildArguments = hasRegistry ? {} : await hostsWayToPackages();
  const built: BuiltImage[] = [];
  for (const { tag, file } of rouseImages) {
    await step(`building ${tag}`, () =>
      docker.build({ context: checkout, tag, file, buildArguments, network: 'host' }),
    );
    built.push({ tag, id: await docker.idOf(tag) });
  }
  return built;
}

/** The name that the Dockerfiles use for their base, for example node:24.21.0-bookworm-slim. */
function readBaseName(): string {
  const text = readFileSync(join(checkout, rouseImages[0].file), 'utf8');
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1];
  if (name === undefined) throw new StopError('controller/Dockerfile names no NODE_IMAGE');
  return name;
}

async function provideLocalBase(docker: Docker, name: string): Promise<void> {
  if (await docker.hasImage(name)) return;
  const base = await provideNodeBase(docker);
  await step(`making ${name} from the project's own Node`, async () => {
    const context = join(folders.work, 'node');
    mkdirSync(context, { recursive: true });
    copyFileSync(process.execPath, join(context, 'node'));
    copyFileSync(certificates, join(context, 'ca-certificates.crt'));
    cpSync(await findNpm(), join(context, 'npm'), { recursive: true });
    for (const file of ['node.Dockerfile', 'collect-node.sh']) {
      copyFileSync(join(localBases, file), join(context, file));
    }
    const nodeVersion = process.version.slice(1);
    if (!name.startsWith(`node:${nodeVersion}-`)) {
      throw new StopError(`the Dockerfiles want ${name}, and this runs on Node ${nodeVersion}`);
    }
    const buildArguments = { BASE: base, NODE_VERSION: nodeVersion };
    await docker.build({ context, tag: name, file: 'node.Dockerfile', buildArguments });
    rmSync(folders.work, { recursive: true, force: true });
  });
}

/** The folder of the npm that belongs to this machine. */
async function findNpm(): Promise<string> {
  if (!isOnPath('npm')) throw new StopError('npm is missing: install Node with npm');
  const program = (await run('sh', ['-c', 'command -v npm'])).trim();
  return dirname(dirname(realpathSync(program)));
}

/** How this machine reaches its package registry: a mirror, a proxy, a certificate of its own. */
async function hostsWayToPackages(): Promise<Record<string, string>> {
  const registry = (await run('npm', ['config', 'get', 'registry'], { cwd: checkout })).trim();
  const proxies = proxyNames.flatMap((name) => {
    const value = process.env[name] ?? process.env[name.toLowerCase()];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    NPM_CONFIG_REGISTRY: registry,
    NODE_EXTRA_CA_CERTS: certificates,
    ...(Object.fromEntries(proxies) as Record<string, string>),
  };
}
