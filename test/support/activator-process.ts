// An activator as a process of its own, that reaches the API server through an address of the test's choice.

import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

export interface ActivatorProcess {
  readonly gatewayUrl: string;
  readonly adminUrl: string;
  stop(): Promise<void>;
}

const program = resolve(import.meta.dirname, '../../activator/main.ts');

/** Resolves when it is ready. `server`: for example a proxy's address. */
export async function startActivator(options: {
  readonly kubeconfig: string;
  readonly server: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ActivatorProcess> {
  const config = parse(readFileSync(options.kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string } }[];
  };
  for (const { cluster } of config.clusters) cluster.server = options.server;
  const path = join(dirname(options.kubeconfig), 'kubeconfig-activator');
  writeFileSync(path, stringify(config));
  const child = fork(program, {
    env: {
      ...process.env,
      KUBECONFIG: path,
      ROUSE_GATEWAY_HOST: '127.0.0.1',
      ROUSE_GATEWAY_PORT: '0',
      ROUSE_ADMIN_HOST: '127.0.0.1',
      ROUSE_ADMIN_PORT: '0',
      ROUSE_LOG_LEVEL: 'silent',
      ...options.env,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  const { port, adminPort } = await new Promise<{ port: number; adminPort: number }>(
    (done, fail) => {
      child.once('message', (message) => done(message as { port: number; adminPort: number }));
      child.once('exit', (code) => fail(new Error(`the activator exited with ${code}`)));
    },
  );
  return {
    gatewayUrl: `http://127.0.0.1:${port}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
