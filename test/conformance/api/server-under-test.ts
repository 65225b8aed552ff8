// One of the two servers a case runs against: its address, its credentials, and plain HTTP to it.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Reply, RequestOptions } from './conformance-case.ts';

const requestTimeoutMs = 60_000;
const kubectlTimeoutMs = 60_000;
const comparedHeaders = ['content-type', 'warning'];

export interface ServerUnderTest {
  readonly url: string;
  /** Names of its nodes, which are not the same on two clusters. */
  readonly nodes: readonly string[];
  send(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** A response whose body the caller reads. */
  open(path: string, accept: string): Promise<IncomingMessage>;
  kubectl(program: string, args: readonly string[], input: string): Promise<Reply>;
  close(): void;
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: {
    user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string };
  }[];
}

/** The first cluster and user of a kubeconfig file. */
export async function connectServer(kubeconfigPath: string): Promise<ServerUnderTest> {
  const config = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined) {
    throw new Error(`${kubeconfigPath} names no cluster and user`);
  }
  const decode = (text: string | undefined) => Buffer.from(text ?? '', 'base64').toString();
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    ...(user.token === undefined && {
      cert: decode(user['client-certificate-data']),
      key: decode(user['client-key-data']),
    }),
  });
  const auth: Record<string, string> =
    user.token === undefined ? {} : { Authorization: `Bearer ${user.token}` };
  const home = mkdtempSync(join(tmpdir(), 'rouse-conformance-'));
  const ownConfig = join(home, 'config');
  writeFileSync(ownConfig, readFileSync(kubeconfigPath), { mode: 0o600 });
  const start = (method: string, path: string, options: RequestOptions): Promise<IncomingMessage> =>
    startRequest({ agent, url: cluster.server + path, method, auth }, options);
  const send = async (method: string, path: string, options: RequestOptions = {}): Promise<Reply> =>
    readReply(await start(method, path, options));
  return {
    url: cluster.server,
    nodes: await readNodes(send),
    send,
    open: (path, accept) => start('GET', path, { headers: { Accept: accept } }),
    kubectl: (program, args, input) => runKubectl(program, args, { home, ownConfig, input }),
    close: () => {
      agent.destroy();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function readNodes(send: ServerUnderTest['send']): Promise<string[]> {
  const { body } = await send('GET', '/api/v1/nodes');
  const { items } = body as { items: { metadata: { name: string } }[] };
  return items.map((one) => one.metadata.name);
}

interface Target {
  readonly agent: Agent;
  readonly url: string;
  readonly method: string;
  readonly auth: Readonly<Record<string, string>>;
}

function startRequest(target: Target, options: RequestOptions): Promise<IncomingMessage> {
  const { agent, url, method, auth } = target;
  const { body, headers = {} } = options;
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = body === undefined ? undefined : isRaw ? body : JSON.stringify(body);
  const type = bytes === undefined ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      {
        agent,
        method,
        timeout: requestTimeoutMs,
        headers: {
          Accept: 'application/json',
          ...type,
          ...(bytes === undefined ? {} : { 'Content-Length': Buffer.byteLength(bytes) }),
          ...auth,
          ...headers,
        },
      },
      resolve,
    );
    request.once('timeout', () => request.destroy(new Error(`no answer to ${method} ${url}`)));
    request.once('error', reject);
    request.end(bytes);
  });
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const headers: Record<string, string | string[]> = {};
  for (const name of comparedHeaders) {
    const value = response.headersDistinct[name];
    if (value !== undefined) headers[name] = value.length === 1 ? (value[0] ?? '') : value;
  }
  return { status: response.statusCode ?? 0, headers, body: readBody(bytes) };
}

function readBody(bytes: Buffer): unknown {
  const text = bytes.toString();
  if (!/^\s*[{[]/.test(text))
    return bytes.subarray(0, 4).toString() === 'k8s\0' ? 'protobuf' : text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

interface KubectlPlace {
  readonly home: string;
  readonly ownConfig: string;
  readonly input: string;
}

function runKubectl(program: string, args: readonly string[], place: KubectlPlace): Promise<Reply> {
  const env = {
    PATH: process.env['PATH'],
    HOME: place.home,
    KUBECONFIG: place.ownConfig,
    // Without times and names of files that are never the same.
    KUBECTL_EXTERNAL_DIFF: 'diff -u -N --label=LIVE --label=MERGED',
    KUBE_EDITOR: process.env['ROUSE_CONFORMANCE_EDITOR'] ?? 'true',
  };
  return new Promise((resolve) => {
    const options = { env, timeout: kubectlTimeoutMs, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      const out = readBody(Buffer.from(stdout));
      resolve({
        status: code,
        headers: {},
        body: { stdout: typeof out === 'string' ? linesOf(out) : out, stderr: linesOf(stderr) },
      });
    });
    child.stdin?.end(place.input);
  });
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
