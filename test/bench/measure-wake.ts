// How long a request at zero waits for its first byte, beside a bare Node that is spawned in the same round.

import { call } from '../support/call.ts';
import type { Target } from '../support/target.ts';
import { median, percentile, type Measurement } from './report.ts';
import { spawnAndAsk } from './spawn-bare.ts';

const rounds = 30;
const name = 'cold';
const inline =
  "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });";

export async function measureWake(
  target: Target,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  await target.deploy(name, { runtime: 'node', source: { inline }, scaling: { idleSeconds: 1 } });
  const host = await target.hostOf(name);
  const cold: number[] = [];
  const cjs: number[] = [];
  const esm: number[] = [];
  const phases: string[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    // Everything sleeps, so all three start on an equally quiet machine.
    await target.sleeps(name);
    cjs.push(await spawnAndAsk('server.cjs'));
    esm.push(await spawnAndAsk('server.mjs'));
    const answer = await call({ gatewayUrl: target.gatewayUrl, host });
    if (answer.status !== 200) throw new Error(`cold start: ${answer.status} ${answer.text}`);
    const timing = String(answer.headers['server-timing']);
    if (!/\b(claim|schedule|pull|start);/.test(timing)) throw new Error(`no cold start: ${timing}`);
    cold.push(answer.firstByteMs);
    phases.push(timing);
    // A claimed pod is adopted a moment later: until then its Function looks as if it slept.
    await target.awake(name);
    if (round % 10 === 0) progress(`cold start: round ${round} of ${rounds}`);
  }
  const what = 'cold start, request to first byte';
  return [
    {
      what: `${what}, p50`,
      value: median(cold),
      unit: 'ms',
      target: { below: 80 },
      raw: cold,
      note: `phases of the last: ${phases.at(-1)}`,
    },
    { what: `${what}, p95`, value: percentile(cold, 0.95), unit: 'ms' },
    {
      what: 'bare node (CommonJS), spawn to answer, p50',
      value: median(cjs),
      unit: 'ms',
      raw: cjs,
    },
    { what: 'bare node (ESM), spawn to answer, p50', value: median(esm), unit: 'ms', raw: esm },
    {
      what: 'cold start / bare node (CommonJS)',
      value: median(cold) / median(cjs),
      unit: 'x',
      target: { below: 2 },
    },
    {
      what: 'cold start / bare node (ESM)',
      value: median(cold) / median(esm),
      unit: 'x',
      target: { below: 2 },
    },
  ];
}
