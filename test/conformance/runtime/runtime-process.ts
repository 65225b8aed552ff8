// A runtime image as a real process on free ports, and the signed requests that a controller or activator sends it.

import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import http from 'node:http';
import net from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { ChildProcess } from 'node:child_process';
import { bundlePath, bundlePrograms, programs } from '../../../local/bundle-programs.ts';
import { signedText } from '../../../api/wire.ts';
import type { PodStats, SpecializeAnswer, SpecializeBundle } from '../../../api/wire.ts';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

const nodeBinary = fileURLToPath(new URL('../../../node_modules/node/bin/node', import.meta.url));

/** The bundle that `npm start` uses too. */
export async function prepareNode(): Promise<Program> {
  const runtime = programs.filter((program) => program.name === 'runtime-node');
  await bundlePrograms(runtime);
  return { command: nodeBinary, args: runtime.map(bundlePath) };
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly agent?: http.Agent;
  /** Told when the connection stands. */
  readonly onSocket?: () => void;
}

export function call(port: number, path: string, options: CallOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: {
          // Node's client leaves the length out for methods that usually have no body.
          ...(options.body === undefined || options.headers?.['transfer-encoding'] !== undefined
            ? {}
            : { 'content-length': Buffer.byteLength(options.body) }),
          ...options.headers,
        },
        agent: options.agent ?? false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    request.on('error', reject);
    request.on('socket', (socket) => socket.once('connect', () => options.onSocket?.()));
    request.end(options.body);
  });
}

/** Tries again while nobody listens; the real knocker does the same. */
export async function knock<T>(attempt: () => Promise<T>, waitMsMax = 10_000): Promise<T> {
  const endMs = performance.now() + waitMsMax;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== 'ECONNREFUSED' || performance.now() > endMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
}

export async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export function bundleOf(
  files: Record<string, string> | string,
  more: Partial<SpecializeBundle> = {},
): SpecializeBundle {
  const all = typeof files === 'string' ? { 'index.mjs': files } : files;
  return {
    version: 1,
    namespace: 'default',
    function: 'hello',
    revision: 'hello-00001',
    signature: 'auto',
    files: all,
    codeDigest: createHash('sha256').update(JSON.stringify(all)).digest('hex'),
    env: {},
    timeoutMs: 5000,
    concurrencyLimit: 0,
    ...more,
  };
}

/** What all processes of one pod share. */
class RuntimePod {
  readonly uid = randomUUID();
  readonly keys = generateKeyPairSync('ed25519');
  /** Outlives them, and goes with the pod. */
  readonly folder = mkdtempSync(`${tmpdir()}/rouse-pod-`);
}

export class RuntimeProcess {
  readonly port: number;
  readonly controlPort: number;
  readonly pod: RuntimePod;
  readonly child: ChildProcess;
  readonly spawnedAtMs: number;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** Everything on standard output so far. */
  output = '';
  errorOutput = '';
  #outputWaiters: (() => void)[] = [];

  private constructor(
    program: Program,
    ports: { port: number; controlPort: number },
    { env, pod }: { readonly env: Record<string, string>; readonly pod: RuntimePod },
  ) {
    this.port = ports.port;
    this.controlPort = ports.controlPort;
    this.pod = pod;
    const raw = pod.keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    this.spawnedAtMs = performance.now();
    this.child = spawn(program.command, [...program.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        PORT: String(this.port),
        ROUSE_CONTROL_PORT: String(this.controlPort),
        ROUSE_POD_UID: this.podUid,
        ROUSE_CONTROL_PUBLIC_KEY: raw.toString('base64'),
        ROUSE_LISTEN_HOST: '127.0.0.1',
        ROUSE_LAME_DUCK_MS: '100',
        ROUSE_MARK_DIR: pod.folder,
        ...env,
      },
    });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
      for (const wake of this.#outputWaiters) wake();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errorOutput += chunk.toString('utf8')));
    this.exited = new Promise((resolve) =>
      this.child.once('exit', (code, signal) => resolve({ code, signal })),
    );
  }

  /** `pod`: one that had a process before. */
  static async start(
    program: Program,
    env: Record<string, string> = {},
    pod = new RuntimePod(),
  ): Promise<RuntimeProcess> {
    const ports = { port: await freePort(), controlPort: await freePort() };
    return new RuntimeProcess(program, ports, { env, pod });
  }

  get podUid(): string {
    return this.pod.uid;
  }

  signature(
    path: string,
    body: string,
    change: { expiresAtMs?: number; podUid?: string } = {},
  ): string {
    const expiresAtMs = change.expiresAtMs ?? Date.now() + 30_000;
    const text = signedText({
      podUid: change.podUid ?? this.podUid,
      path,
      expiresAtMs,
      bodySha256Hex: createHash('sha256').update(body).digest('hex'),
    });
    return `v1,${expiresAtMs},${sign(null, Buffer.from(text), this.pod.keys.privateKey).toString('base64')}`;
  }

  /** POST to the control port, signed. */
  async control(
    path: string,
    value: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const body = typeof value === 'string' ? value : JSON.stringify(value);
    const signed = { 'x-rouse-signature': this.signature(path, body), ...headers };
    return knock(() => call(this.controlPort, path, { method: 'POST', headers: signed, body }));
  }

  async specialize(
    bundle: SpecializeBundle,
  ): Promise<{ status: number; answer: SpecializeAnswer }> {
    const answer = await this.control('/specialize', bundle);
    return { status: answer.status, answer: JSON.parse(answer.text) as SpecializeAnswer };
  }

  call(path: string, options: CallOptions = {}): Promise<Answer> {
    return knock(() => call(this.port, path, options));
  }

  async ready(): Promise<{ status: number; answer: SpecializeAnswer }> {
    const answer = await knock(() => call(this.controlPort, '/ready'));
    return { status: answer.status, answer: JSON.parse(answer.text) as SpecializeAnswer };
  }

  async stats(): Promise<PodStats> {
    return JSON.parse((await knock(() => call(this.controlPort, '/stats'))).text) as PodStats;
  }

  /** Lines of the log so far that are JSON. */
  logLines(): Record<string, unknown>[] {
    return this.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Waits until some line of the log fits; rejects after `waitMsMax`. */
  async logged(
    fits: (line: Record<string, unknown>) => boolean,
    waitMsMax = 5000,
  ): Promise<Record<string, unknown>> {
    return this.#once(() => this.logLines().find(fits), waitMsMax);
  }

  /** Waits until it has printed this; rejects after `waitMsMax`. */
  async printed(text: string, waitMsMax = 5000): Promise<true> {
    return this.#once(() => this.output.includes(text) || undefined, waitMsMax);
  }

  #once<T>(find: () => T | undefined, waitMsMax: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not printed: ${this.output}`)), waitMsMax);
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#outputWaiters = this.#outputWaiters.filter((one) => one !== look);
        resolve(found);
      };
      this.#outputWaiters.push(look);
      look();
    });
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exited;
  }

  /** No process of it will be started any more. */
  removePod(): void {
    rmSync(this.pod.folder, { recursive: true, force: true });
  }
}

/** The processes of one test file: made on demand, all ended by `stopAll`. */
export class RuntimeFleet {
  readonly #prepare: () => Promise<Program>;
  #program: Promise<Program> | undefined;
  #running: RuntimeProcess[] = [];

  constructor(prepare: () => Promise<Program>) {
    this.#prepare = prepare;
  }

  async start(env: Record<string, string> = {}): Promise<RuntimeProcess> {
    this.#program ??= this.#prepare();
    const pod = await RuntimeProcess.start(await this.#program, env);
    this.#running.push(pod);
    return pod;
  }

  /** Its container starts again: another process, in the same pod. */
  async restart(before: RuntimeProcess, env: Record<string, string> = {}): Promise<RuntimeProcess> {
    await before.kill();
    this.#program ??= this.#prepare();
    const now = await RuntimeProcess.start(await this.#program, env, before.pod);
    this.#running.push(now);
    return now;
  }

  /** A pod that holds this code; throws the runtime's own message when it can't be loaded. */
  async serve(
    files: Record<string, string> | string,
    more: Partial<SpecializeBundle> = {},
    env: Record<string, string> = {},
  ): Promise<RuntimeProcess> {
    const pod = await this.start(env);
    const { status, answer } = await pod.specialize(bundleOf(files, more));
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(answer)}`);
    return pod;
  }

  async stopAll(): Promise<void> {
    const running = this.#running.splice(0);
    await Promise.all(running.map((one) => one.kill()));
    for (const one of running) one.removePod();
  }
}
