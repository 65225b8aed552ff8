// Carries out one probe of a container: an HTTP request, a TCP connection or a command.

import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Container, Probe } from '../../api/kubernetes.ts';

export interface ProbeTarget {
  readonly container: Container;
  readonly address: string;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
}

export interface ProbeAnswer {
  readonly isSuccess: boolean;
  readonly message: string;
}

/** Kept alive between probes, since most of a probe's cost is its connection. */
const agentOptions = { keepAlive: true, maxSockets: 1, maxFreeSockets: 1 };
const agent = new Agent(agentOptions);
const tlsAgent = new TlsAgent({ ...agentOptions, rejectUnauthorized: false });
const outputBytesMax = 10 * 1024;

/** Never rejects. */
export async function runProbe(
  probe: Probe,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  if (probe.httpGet !== undefined) return runHttp(probe.httpGet, target, timeoutMs);
  if (probe.tcpSocket !== undefined) return runTcp(probe.tcpSocket, target, timeoutMs);
  if (probe.exec !== undefined) return runExec(probe.exec.command, target, timeoutMs);
  return { isSuccess: true, message: '' };
}

function runHttp(
  get: NonNullable<Probe['httpGet']>,
  target: ProbeTarget,
  timeoutMs: number,
  triesLeft = 1,
): Promise<ProbeAnswer> {
  const isTls = get.scheme?.toUpperCase() === 'HTTPS';
  const given = (get as { httpHeaders?: { name: string; value: string }[] }).httpHeaders ?? [];
  const options = {
    host: get.host ?? target.address,
    port: portOf(get.port, target.container),
    path: get.path ?? '/',
    headers: {
      'user-agent': 'kube-probe/1.36',
      ...Object.fromEntries(given.map(({ name, value }) => [name.toLowerCase(), value])),
    },
    timeout: timeoutMs,
  };
  return new Promise((resolve) => {
    const call = isTls
      ? tlsRequest({ ...options, agent: tlsAgent })
      : request({ ...options, agent });
    call.once('response', (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      response.on('error', () => undefined);
      const isSuccess = status >= 200 && status < 400;
      resolve({ isSuccess, message: `HTTP probe failed with statuscode: ${status}` });
    });
    call.once('timeout', () => call.destroy(new Error(`no answer within ${timeoutMs} ms`)));
    call.on('error', (error) => {
      // The server closed the kept connection just when it was used again: that says nothing about its health.
      if (call.reusedSocket && triesLeft > 0) {
        resolve(runHttp(get, target, timeoutMs, triesLeft - 1));
      } else resolve({ isSuccess: false, message: error.message });
    });
    call.end();
  });
}

function runTcp(
  tcp: NonNullable<Probe['tcpSocket']>,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const port = portOf(tcp.port, target.container);
  return new Promise((resolve) => {
    const socket = connect({ port, host: tcp.host ?? target.address, timeout: timeoutMs });
    const end = (isSuccess: boolean, message: string): void => {
      socket.destroy();
      resolve({ isSuccess, message });
    };
    socket.once('connect', () => end(true, ''));
    socket.once('timeout', () => end(false, `no connection within ${timeoutMs} ms`));
    socket.on('error', (error) => end(false, error.message));
  });
}

function runExec(
  command: readonly string[],
  target: ProbeTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: target.folder,
      env: target.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      if (output.length < outputBytesMax) output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => resolve({ isSuccess: false, message: error.message }));
    child.once('exit', (code) => resolve({ isSuccess: code === 0, message: output.trim() }));
  });
}

/** A container port that admission gave a hostPort is reached there. */
function portOf(port: number | string, container: Container): number {
  const found = (container.ports ?? []).find((one) =>
    typeof port === 'number' ? one.containerPort === port : one.name === port,
  );
  return found?.hostPort ?? found?.containerPort ?? Number(port);
}
