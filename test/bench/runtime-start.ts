// Measures a runtime's start: spawn, listening, specialized, first answer, beside bare Node programs in the same run.

import { cpus } from 'node:os';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import {
  bundleOf,
  call,
  freePort,
  knock,
  prepareNode,
  RuntimeProcess,
} from '../conformance/runtime/runtime-process.ts';
import type { Program } from '../conformance/runtime/runtime-process.ts';

const roundsDefault = 15;

const handlers = {
  'lambda, ES module': {
    'index.mjs':
      "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath })",
  },
  'lambda, CommonJS': {
    'index.cjs': "exports.handler = async () => ({ statusCode: 200, body: 'hi' })",
  },
  'lambda, .js found to be an ES module': {
    'index.js': "export const handler = async () => ({ statusCode: 200, body: 'hi' })",
  },
  'lambda, top-level await': {
    'index.mjs': "await 1; export const handler = async () => ({ statusCode: 200, body: 'hi' })",
  },
  'lambda, TypeScript': {
    'index.ts': "export const handler = async (event: object) => ({ statusCode: 200, body: 'hi' })",
  },
  'http (req, res)': { 'index.cjs': "module.exports = (req, res) => res.send('hi')" },
  fetch: { 'index.mjs': "export default { fetch: () => new Response('hi') }" },
  cloudevent: { 'index.mjs': 'export const cloudevent = () => undefined' },
} as const;

const bare = {
  'bare node, CommonJS': { file: 'hello.cjs', text: "const http = require('node:http');" },
  'bare node, ES module': { file: 'hello.mjs', text: "import http from 'node:http';" },
} as const;

interface Phases {
  listeningMs: number;
  specializedMs: number;
  answeredMs: number;
}

async function startBare(file: string): Promise<Phases> {
  const port = await freePort();
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [file], {
    stdio: 'ignore',
    env: { PORT: String(port), PATH: process.env['PATH'] },
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await knock(() => call(port, '/'));
  const answeredMs = performance.now() - startedAtMs;
  child.kill('SIGKILL');
  await exited;
  return { listeningMs: NaN, specializedMs: NaN, answeredMs };
}

/** The knocker's way: nothing is asked for but what a wake needs. */
async function startRuntime(
  program: Program,
  files: Record<string, string>,
  env: Record<string, string>,
): Promise<Phases> {
  const bundle = bundleOf(files);
  const pod = await RuntimeProcess.start(program, env);
  const startedAtMs = pod.spawnedAtMs;
  let listeningMs = NaN;
  const body = JSON.stringify(bundle);
  const answer = await knock(async () => {
    const headers = { 'x-rouse-signature': pod.signature('/specialize', body) };
    return call(pod.controlPort, '/specialize', {
      method: 'POST',
      headers,
      body,
      onSocket: () => (listeningMs = performance.now() - startedAtMs),
    });
  });
  const specializedMs = performance.now() - startedAtMs;
  if (answer.status !== 200) throw new Error(answer.text);
  await call(pod.port, '/x');
  const answeredMs = performance.now() - startedAtMs;
  await pod.kill();
  return { listeningMs, specializedMs, answeredMs };
}

function median(values: number[]): string {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? '-' : middle.toFixed(1);
}

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/rouse-bench-`);
  const program = await prepareNode();
  const variants = new Map<string, () => Promise<Phases>>();
  for (const [name, { file, text }] of Object.entries(bare)) {
    const path = `${folder}/${file}`;
    writeFileSync(
      path,
      `${text}\nhttp.createServer((q, r) => r.end('hi')).listen(process.env.PORT, '127.0.0.1');`,
    );
    variants.set(name, () => startBare(path));
  }
  for (const [name, files] of Object.entries(handlers)) {
    variants.set(name, () => startRuntime(program, files, {}));
  }
  const cached = { NODE_COMPILE_CACHE: `${folder}/cache` };
  const hello = handlers['lambda, ES module'];
  variants.set('lambda, ES module, compile cache', () => startRuntime(program, hello, cached));

  const results = new Map<string, Phases[]>();
  // Turn by turn, so that a noisy moment of the machine falls on all alike.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of variants) {
      const phases = await run();
      if (round > 0) results.set(name, [...(results.get(name) ?? []), phases]);
    }
  }
  rmSync(folder, { recursive: true });
  print(results, rounds);
}

function print(results: Map<string, Phases[]>, rounds: number): void {
  const machine = `${process.platform} ${process.arch}, ${cpus().length} x ${cpus()[0]?.model ?? '?'}`;
  console.log(`node ${process.version}, ${machine}, ${new Date().toISOString().slice(0, 10)}`);
  console.log(`medians of ${rounds} rounds, milliseconds since spawn\n`);
  console.log('| program | listening | specialized | first answer | fastest | x bare |');
  console.log('| --- | --: | --: | --: | --: | --: |');
  const base = Number(
    median((results.get('bare node, CommonJS') ?? []).map((one) => one.answeredMs)),
  );
  for (const [name, phases] of results) {
    const answered = phases.map((one) => one.answeredMs);
    const cells = [
      name,
      median(phases.map((one) => one.listeningMs)),
      median(phases.map((one) => one.specializedMs)),
      median(answered),
      Math.min(...answered).toFixed(1),
      (Number(median(answered)) / base).toFixed(2),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

await main(Number(process.argv[2] ?? roundsDefault));
