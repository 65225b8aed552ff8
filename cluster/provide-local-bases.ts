// Images that stand in for a registry's where none answers, by the names that the Dockerfiles and the chart use.

import { copyFileSync, cpSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { Docker } from './docker.ts';
import { folders } from './folders.ts';
import { isOnPath } from './observe-host.ts';
import { provideNodeBase } from './provide-node-image.ts';
import { step } from './print-step.ts';
import { run } from './run-program.ts';
import { StopError } from './stop-error.ts';

const checkout = resolve(import.meta.dirname, '..');
const localBases = join(import.meta.dirname, 'local-bases');
export const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** The base of our Dockerfiles, for example node:24.21.0-bookworm-slim: the Node that runs this. */
export async function provideLocalNode(docker: Docker): Promise<void> {
  const name = readNodeName();
  if (await docker.hasImage(name)) return;
  const base = await provideNodeBase(docker);
  await step(`making ${name} from the project's own Node`, async () => {
    const nodeVersion = process.version.slice(1);
    if (!name.startsWith(`node:${nodeVersion}-`)) {
      throw new StopError(`the Dockerfiles want ${name}, and this runs on Node ${nodeVersion}`);
    }
    const context = makeContext('node');
    copyFileSync(process.execPath, join(context, 'node'));
    copyFileSync(certificates, join(context, 'ca-certificates.crt'));
    cpSync(await findNpm(), join(context, 'npm'), { recursive: true });
    const buildArguments = { BASE: base, NODE_VERSION: nodeVersion };
    await docker.build({ context, tag: name, file: 'node.Dockerfile', buildArguments });
    rmSync(folders.work, { recursive: true, force: true });
  });
}

/** The chart's Redis, by Debian's package. Gives its name. */
export async function provideLocalRedis(
  docker: Docker,
  proxies: Readonly<Record<string, string>>,
): Promise<string> {
  const name = readRedisName();
  if (await docker.hasImage(name)) return name;
  const base = await provideNodeBase(docker);
  await step(`making ${name} from Debian's redis-server`, async () => {
    const context = makeContext('redis');
    const buildArguments = { BASE: base, ...proxies };
    const file = 'redis.Dockerfile';
    await docker.build({ context, tag: name, file, buildArguments, network: 'host' });
    rmSync(folders.work, { recursive: true, force: true });
  });
  return name;
}

function makeContext(name: string): string {
  const context = join(folders.work, name);
  mkdirSync(context, { recursive: true });
  for (const file of [`${name}.Dockerfile`, 'collect-programs.sh']) {
    copyFileSync(join(localBases, file), join(context, file));
  }
  return context;
}

function readNodeName(): string {
  const text = readFileSync(join(checkout, 'controller/Dockerfile'), 'utf8');
  const name = /^ARG NODE_IMAGE=(\S+)$/m.exec(text)?.[1];
  if (name === undefined) throw new StopError('controller/Dockerfile names no NODE_IMAGE');
  return name;
}

function readRedisName(): string {
  const text = readFileSync(join(checkout, 'charts/rouse/values.yaml'), 'utf8');
  const { redis } = parse(text) as { redis: { image: { repository: string; tag: string } } };
  return `${redis.image.repository}:${redis.image.tag}`;
}

/** The folder of the npm that belongs to this machine. */
async function findNpm(): Promise<string> {
  if (!isOnPath('npm')) throw new StopError('npm is missing: install Node with npm');
  const program = (await run('sh', ['-c', 'command -v npm'])).trim();
  return dirname(dirname(realpathSync(program)));
}
