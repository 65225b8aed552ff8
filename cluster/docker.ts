// Calls the docker command against one Docker, ours or the user's.

import { join } from 'node:path';
import { run, tryRun, type Outcome } from './run-program.ts';

const commandMsMax = 10 * 60_000;

export interface ImageBuild {
  readonly context: string;
  readonly tag: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  /** `host` for a build that fetches packages: the machine's own name service and proxies serve it. */
  readonly network?: 'none' | 'host' | 'default';
  /** Within the context; default Dockerfile. */
  readonly file?: string;
}

export class Docker {
  readonly env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.env = env;
  }

  async run(args: readonly string[]): Promise<string> {
    return await run('docker', args, { env: this.env, nice: true, timeoutMs: commandMsMax });
  }

  async try(args: readonly string[]): Promise<Outcome> {
    return await tryRun('docker', args, { env: this.env });
  }

  async hasImage(tag: string): Promise<boolean> {
    return (await this.try(['image', 'inspect', tag])).code === 0;
  }

  async idOf(tag: string): Promise<string> {
    return (await this.run(['image', 'inspect', '--format', '{{.Id}}', tag])).trim();
  }

  /** By the builder inside dockerd, which needs no plugin; what is told nothing else has no network. */
  async build({ context, tag, file = 'Dockerfile', ...rest }: ImageBuild): Promise<void> {
    const { buildArguments, network = 'none' } = rest;
    const told = Object.entries(buildArguments).flatMap((pair) => ['--build-arg', pair.join('=')]);
    const args = ['build', '--network', network, ...told, '--tag', tag];
    await run('docker', [...args, '--file', join(context, file), context], {
      env: { ...this.env, DOCKER_BUILDKIT: '0' },
      nice: true,
      timeoutMs: commandMsMax,
    });
    // Stages stay behind as images without a name; those of the user's own builds are left alone.
    await this.try(['image', 'prune', '--force', '--filter', 'label=dev.rouse.scratch']);
  }
}
