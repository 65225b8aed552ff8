// A real redis-server for a test: a process of its own that can be killed and started again on the same port.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../../local/find-free-ports.ts';
import { waitFor } from './wait-for.ts';

/** Whether there is one on the PATH; says why not. */
export function hasRedis(): boolean {
  if (spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0) return true;
  process.stderr.write('skipped: no redis-server on the PATH (apt-get install redis-server)\n');
  return false;
}

export class TestRedis {
  /** Among the options, stands for the port that `url` names. */
  static readonly port = '$PORT';
  readonly port: number;
  readonly #options: readonly string[];
  readonly #folder = mkdtempSync(join(tmpdir(), 'rouse-redis-'));
  #child: ChildProcess | undefined;

  private constructor(port: number, options: readonly string[]) {
    this.port = port;
    this.#options = options;
  }

  /** Options as on its command line. It listens when this resolves. */
  static async start(...options: readonly string[]): Promise<TestRedis> {
    const [port = 0] = await findFreePorts(1);
    const redis = new TestRedis(port, options);
    await redis.start();
    return redis;
  }

  url(login = ''): string {
    return `redis://${login}127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const own = ['--bind', '127.0.0.1', '--port', String(this.port), '--save', ''];
    const options = this.#options.map((one) => (one === TestRedis.port ? String(this.port) : one));
    const args = [...own, '--dir', this.#folder, ...options];
    this.#child = spawn('redis-server', args, { stdio: 'ignore' });
    await waitFor(() => this.#listens(), { what: `redis-server on port ${this.port}` });
  }

  /** As by SIGKILL: it says nothing to anybody. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** It is there and answers nothing, until it goes on. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  /** By redis-cli. */
  command(login: readonly string[], ...words: readonly string[]): string {
    const args = ['-p', String(this.port), '--no-auth-warning', ...login, ...words];
    return spawnSync('redis-cli', args, { encoding: 'utf8' }).stdout.trim();
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      const done = (answer: boolean) => () => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', done(true)).once('error', done(false));
    });
  }
}
