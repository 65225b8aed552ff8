// What a parked pod does while it waits: it loads and answers a function of its own, so that the real one is fast.

import net from 'node:net';
import type { Server } from 'node:net';
import type { FoundSignature } from './pick-signature.ts';
import type { SpecializeBundle } from './contract-names.ts';
import { createAdapter } from './create-adapter.ts';
import { FunctionServer } from './function-server.ts';
import { headers, signatureLifeMs } from './contract-names.ts';
import { describeThrown, logLine } from './log-lines.ts';
import { forgetModule, importModule } from './import-module.ts';
import { listen } from './listen.ts';
import { parseBundle } from './parse-bundle.ts';
import { parseHandler, pickEntryFile } from './parse-handler.ts';
import { pickHandler } from './pick-handler.ts';
import { pickSignature } from './pick-signature.ts';
import { removeFiles, writeFiles } from './write-files.ts';

export interface RehearsalPorts {
  /** The control server, which has refused a request before the first real one comes. */
  readonly control: Server;
  readonly codeDirectory: string | undefined;
  readonly bodyBytesMax: number;
  /** Node makes Request and Response on first use: 3 MB of memory, and 20 ms less for the first `fetch` function. */
  readonly wantsFetch: boolean;
  /** Asked before every step: a pod that is sent a function has better things to do. */
  readonly isWaiting: () => boolean;
}

const loopback = '127.0.0.1';
/** A claim in the first moments finds a pod that has nothing else to do. */
const rehearseAfterMs = 100;
const collectEveryMs = 60_000;
/** A step that gets no answer on its own machine in this time is given up. */
const answerMsMax = 2_000;

const sources = {
  lambda: 'export const handler = async (event) => ({ statusCode: 200, body: event.rawPath });',
  fetch:
    'export default { fetch: async (request) => new Response(new URL(request.url).pathname) };',
} as const satisfies Partial<Record<FoundSignature, string>>;

/**
 * V8 compiles a function when it is first called, and a first load and answer call most of ours and many of Node's:
 * rehearsed, they take half the time. Nothing of it is seen by user code: no variable, no file, no log line but
 * the one that says that this machine doesn't let it.
 */
export function rehearseSoon(ports: RehearsalPorts): void {
  const start = (): void => {
    rehearse(ports).catch((error: unknown) => {
      const message = 'the rehearsal failed; the first function will load slower';
      logLine('warn', message, describeThrown(error));
    });
  };
  setTimeout(start, rehearseAfterMs);
}

async function rehearse(ports: RehearsalPorts): Promise<void> {
  await rehearseControl(ports);
  if (ports.isWaiting()) await rehearseFunction(ports, 'lambda');
  if (ports.isWaiting() && ports.wantsFetch) await rehearseFunction(ports, 'fetch');
  if (ports.isWaiting()) keepSmall(ports.isWaiting);
}

/**
 * Takes the garbage of start and rehearsal away: 12.1 MB private before, 10.3 MB after. Probes leave more all the time,
 * which V8 would let grow by 6 MB in half an hour.
 */
function keepSmall(isWaiting: () => boolean): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  // Flags stand only for a moment. Those that Node is started with are part of what V8 compares before it takes the
  // compiled code that Node brings along: without that code a start costs 1 MB and much time more.
  setFlagsFromString('--expose-gc');
  const gc = process.getBuiltinModule('node:vm').runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  const collect = (): void => {
    // Or V8 forgets what it compiled for the rehearsal, since nobody has called it for a while.
    setFlagsFromString('--no-flush-bytecode');
    gc({ type: 'major', flavor: 'last-resort' });
    setFlagsFromString('--flush-bytecode');
  };
  collect();
  const timer = setInterval(() => {
    if (isWaiting()) collect();
    else clearInterval(timer);
  }, collectEveryMs);
}

/** A request that is refused for its signature has been through everything but the load. */
async function rehearseControl({ control, isWaiting }: RehearsalPorts): Promise<void> {
  const address = control.address();
  if (!isWaiting() || typeof address !== 'object' || address === null) return;
  const body = JSON.stringify(buildBundle(sources.lambda));
  const signature = `v1,${Date.now() + signatureLifeMs},${'A'.repeat(86)}==`;
  const host =
    address.address === '::' || address.address === '0.0.0.0' ? loopback : address.address;
  await ask({ host, port: address.port }, [
    'POST /specialize HTTP/1.1',
    'host: rehearsal',
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `${headers.signature}: ${signature}`,
    '',
    body,
  ]);
}

async function rehearseFunction(
  ports: RehearsalPorts,
  signature: keyof typeof sources,
): Promise<void> {
  const bundle = parseBundle(JSON.stringify(buildBundle(sources[signature])));
  if (typeof bundle === 'string') throw new Error(bundle);
  const folder = writeFiles(bundle.files, ports.codeDirectory);
  try {
    const server = await load(ports, bundle, { folder, signature });
    if (ports.isWaiting()) await answerOnce(server);
  } finally {
    removeFiles(folder);
  }
}

async function load(
  { bodyBytesMax }: RehearsalPorts,
  bundle: SpecializeBundle,
  { folder, signature }: { folder: string; signature: FoundSignature },
): Promise<FunctionServer> {
  const reference = parseHandler(bundle.handler);
  if (typeof reference === 'string') throw new Error(reference);
  const file = pickEntryFile(reference, Object.keys(bundle.files));
  if (typeof file === 'string') throw new Error(file);
  const module = await importModule(folder, file.path);
  forgetModule(folder, file.path);
  const found = pickHandler(module, reference, file.path);
  if (typeof found === 'string') throw new Error(found);
  if (pickSignature(found) !== signature) throw new Error(`${file.path} is not ${signature}`);
  const adapter = await createAdapter(signature, { module, found, bundle, bodyBytesMax });
  const server = new FunctionServer();
  server.serve({ signature, adapter, timeoutMs: bundle.timeoutMs, concurrencyLimit: 0 });
  return server;
}

/** On a port of its own: the pod's function port must never answer with anything but its function. */
async function answerOnce({ server }: FunctionServer): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('listening', resolve);
      listen(server, { port: 0, host: loopback }, reject);
    });
    const { port } = server.address() as net.AddressInfo;
    const lines = ['GET /rehearsal HTTP/1.1', 'host: rehearsal', 'connection: close', '', ''];
    await ask({ host: loopback, port }, lines);
  } finally {
    server.close();
  }
}

/** Without Node's HTTP client, which many functions never load. */
function ask(address: { host: string; port: number }, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(address, () => socket.write(lines.join('\r\n')));
    socket.setTimeout(answerMsMax, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('close', () => resolve());
    socket.resume();
  });
}

function buildBundle(text: string): SpecializeBundle {
  return {
    version: 1,
    namespace: 'rehearsal',
    function: 'rehearsal',
    revision: 'rehearsal',
    signature: 'auto',
    files: { 'index.mjs': text },
    codeDigest: 'rehearsal',
    env: {},
    timeoutMs: answerMsMax,
    concurrencyLimit: 0,
  };
}
