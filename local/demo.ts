// `npm run demo`: does the main job by itself on free ports, prints a timeline, and leaves nothing behind.

import { readFileSync, rmSync, mkdtempSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { RouseFunction } from '../api/function.ts';
import { labels } from '../api/names.ts';
import { functions, pods } from '../api/resources.ts';
import { KubeClient } from '../platform/kube/client.ts';
import { loadTransport } from '../platform/kube/kubeconfig.ts';
import { runPlatform, type RunningPlatform } from './run-platform.ts';

/** Short, so that going to zero can be watched; the default of a Function is 30. */
const idleSeconds = 1;
const burstCallers = 50;
const stepDeadlineMs = 15_000;
const lookEveryMs = 20;
const exampleFile = resolve(import.meta.dirname, '../examples/hello.yaml');
const namespace = 'default';

interface DemoAnswer {
  readonly status: number;
  readonly body: string;
  readonly timing: string;
  readonly firstByteMs: number;
}

interface Stage {
  readonly platform: RunningPlatform;
  readonly kube: KubeClient;
  readonly host: string;
  readonly name: string;
}

const startedMs = performance.now();
const agent = new Agent({ keepAlive: true, maxSockets: burstCallers });
const home = mkdtempSync(join(tmpdir(), 'rouse-demo-'));
const stopper = new AbortController();
let starting: Promise<RunningPlatform> | undefined;
let isLeaving = false;

process.once('SIGINT', () => void leave(130));
process.once('SIGTERM', () => void leave(143));

try {
  await play();
  say('stopping everything');
  await leave(0);
} catch (error) {
  if (!isLeaving) console.error(`the demo failed: ${(error as Error).message}`);
  await leave(1);
}

async function play(): Promise<void> {
  console.log('  seconds  what happened');
  starting = runPlatform({ home, signal: stopper.signal });
  const platform = await starting;
  say(`the platform is ready, ${Math.round(platform.readyMs)} ms after its start`);
  const stage = await applyExample(platform);
  say(`examples/hello.yaml is Ready at ${await replicas(stage)} replicas: ${stage.host}`);
  report('called from zero', await ask(stage));
  report('called again, warm', await ask(stage));
  say(`replicas: ${await replicas(stage)}`);
  await becomesZero(stage);
  say(`nobody called for ${idleSeconds} s: replicas 0, no pod`);
  await burst(stage);
  await becomesZero(stage);
  say('replicas 0 again, no pod');
}

async function applyExample(platform: RunningPlatform): Promise<Stage> {
  const env = { ...process.env, KUBECONFIG: platform.kubeconfig };
  const kube = new KubeClient(loadTransport(env), { fieldManager: 'rouse-demo' });
  const given = parse(readFileSync(exampleFile, 'utf8')) as RouseFunction;
  const { name } = given.metadata;
  const scaling = { ...given.spec.scaling, idleSeconds };
  const spec = { ...given.spec, scaling };
  await kube.create(functions, { ...given, metadata: { name, namespace }, spec });
  const ready = await until('the Function to be Ready', async () => {
    const found = await kube.get(functions, { name, namespace });
    const condition = found.status?.conditions?.find((one) => one.type === 'Ready');
    if (condition?.status === 'False' && found.status?.latestCreatedRevision !== undefined) {
      throw new Error(`the Function is not Ready: ${condition.message}`);
    }
    return condition?.status === 'True' && found.status?.url !== undefined && found;
  });
  return { platform, kube, name, host: new URL(ready.status?.url ?? '').host };
}

async function burst(stage: Stage): Promise<void> {
  say(`${burstCallers} callers at once, from zero`);
  const answers = await Promise.all(Array.from({ length: burstCallers }, () => ask(stage)));
  const good = answers.filter((answer) => answer.status === 200);
  const times = answers.map((answer) => answer.firstByteMs).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] ?? 0;
  const found = await stage.kube.list(pods, {
    namespace,
    labelSelector: `${labels.function}=${stage.name}`,
  });
  say(
    `${good.length} of ${burstCallers} answered 200, first byte p50 ${median.toFixed(0)} ms, ` +
      `slowest ${times.at(-1)?.toFixed(0)} ms, by ${found.items.length} pod(s)`,
  );
  if (good.length !== burstCallers) throw new Error('not every caller was answered');
}

function report(what: string, answer: DemoAnswer): void {
  if (answer.status !== 200) throw new Error(`${what}: ${answer.status} ${answer.body}`);
  const text = answer.body.trim();
  say(`${what}: ${answer.status} "${text}" first byte after ${answer.firstByteMs.toFixed(1)} ms`);
  for (const [phase, ms] of parsePhases(answer.timing)) {
    console.log(`${' '.repeat(13)}${phase.padEnd(9)} ${ms.toFixed(1).padStart(7)} ms`);
  }
}

/** `queue;dur=1.5, load;dur=20` -> pairs of phase and milliseconds. */
function parsePhases(header: string): [string, number][] {
  return [...header.matchAll(/([\w-]+);[^,]*?dur=([\d.]+)/g)].map(([, phase, ms]) => [
    phase ?? '',
    Number(ms),
  ]);
}

/** One GET. The gateway is named by address, since not every resolver knows *.localhost. */
function ask(stage: Stage): Promise<DemoAnswer> {
  const sentMs = performance.now();
  const { gateway } = stage.platform.ports;
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      host: '127.0.0.1',
      port: gateway,
      path: '/',
      headers: { host: stage.host },
      timeout: stepDeadlineMs,
    });
    sent.once('timeout', () => sent.destroy(new Error(`no answer in ${stepDeadlineMs} ms`)));
    sent.once('error', reject);
    sent.once('response', (response) => {
      const firstByteMs = performance.now() - sentMs;
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      response.once('error', reject);
      response.once('end', () => {
        const timing = String(response.headers['server-timing'] ?? '');
        resolve({ status: response.statusCode ?? 0, body, timing, firstByteMs });
      });
    });
    sent.end();
  });
}

async function replicas(stage: Stage): Promise<number> {
  const labelSelector = `${labels.function}=${stage.name}`;
  const found = await stage.kube.list(pods, { namespace, labelSelector });
  const staying = found.items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  return staying.filter((pod) => pod.metadata.labels?.[labels.proof] === undefined).length;
}

async function becomesZero(stage: Stage): Promise<void> {
  const labelSelector = `${labels.function}=${stage.name}`;
  await until('the Function to go to zero', async () => {
    const found = await stage.kube.list(pods, { namespace, labelSelector });
    const { status } = await stage.kube.get(functions, { name: stage.name, namespace });
    return found.items.length === 0 && (status?.replicas ?? 0) === 0;
  });
}

async function until<T>(what: string, look: () => Promise<T | false>): Promise<T> {
  const sinceMs = performance.now();
  for (;;) {
    const seen = await look();
    if (seen !== false) return seen;
    if (isLeaving) throw new Error('stopped');
    if (performance.now() - sinceMs > stepDeadlineMs) {
      throw new Error(`waited ${stepDeadlineMs / 1000} s for ${what}`);
    }
    await new Promise((again) => setTimeout(again, lookEveryMs));
  }
}

function say(line: string): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(2);
  console.log(`${seconds.padStart(9)}  ${line}`);
}

/** Stops what runs, removes the temporary home, and exits. */
async function leave(exitCode: number): Promise<void> {
  if (isLeaving) return;
  isLeaving = true;
  stopper.abort();
  // One that failed to start has stopped already, and play() has said why.
  await starting?.then((platform) => platform.exited).catch(() => {});
  agent.destroy();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  if (exitCode === 0) say('done');
  process.exit(exitCode);
}
