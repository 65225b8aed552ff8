// Says before anything starts whether the ports the platform needs are free.

import { createServer } from 'node:net';
import { ConfigError } from '../platform/process/config.ts';

export interface WantedPort {
  /** The environment variable that sets it. */
  readonly setting: string;
  readonly port: number;
}

/** Throws a ConfigError that names the first port that is taken; 0 is never taken. */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<void> {
  for (const { setting, port } of wanted) {
    if (!(await isFree(port))) {
      throw new ConfigError(
        `port ${port} of 127.0.0.1 is taken; stop what listens there or set ${setting} to another port`,
      );
    }
  }
}

async function isFree(port: number): Promise<boolean> {
  if (port === 0) return true;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else if (error.code === 'EACCES') reject(new ConfigError(`port ${port} needs more rights`));
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
