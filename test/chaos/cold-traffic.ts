// Callers of many Functions that sleep most of the time, who check that each answer is the Function's own.

import { randomBytes } from 'node:crypto';
import { call, errorCode, type Answer } from '../support/call.ts';
import { condition, type FunctionSpecGiven, type Target } from '../support/target.ts';
import { waitFor } from '../support/wait-for.ts';
import type { Failure } from './judge-losses.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface CalledFunction {
  readonly name: string;
  readonly host: string;
  /** In its environment, and nobody else's. */
  readonly secret: string;
}

export interface ColdTraffic {
  /** How long each right or wrong answer took, in milliseconds. */
  readonly answersMs: readonly number[];
  readonly failures: readonly Failure[];
  /** Answers that are not the called Function's own: there must be none, whatever is killed. */
  readonly wrong: readonly string[];
  /** By process, the Functions it has answered for: never more than one. */
  readonly servedBy: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ends after the calls in flight. */
  stop(): Promise<void>;
}

const pauseMs = { min: 200, max: 7_000 };
/** On a machine that is ten times slower, and busy. */
const readyMsMax = 120_000;
/** Past every wake: the platform says itself when it gives one up. */
const callMsMax = 240_000;
/** At once to one Function. */
const crowdMax = 3;

export async function deployCalled(
  target: Target,
  name: string,
  spec: FunctionSpecGiven = {},
): Promise<CalledFunction> {
  const secret = randomBytes(8).toString('hex');
  const inline = `
    import { hostname } from 'node:os';
    const self = [process.pid, hostname(), performance.timeOrigin].join('@');
    export const handler = async () => {
      await new Promise((done) => setTimeout(done, Math.random() * 30));
      return { statusCode: 200, body: ['${name}', process.env.SECRET, self].join(' ') };
    };`;
  await target.apply(name, {
    runtime: 'node',
    source: { inline },
    env: [{ name: 'SECRET', value: secret }],
    scaling: { idleSeconds: 1, maxReplicas: 2 },
    ...spec,
  });
  await waitFor(async () => condition(await target.get(name), 'Ready')?.status === 'True', {
    what: `Function ${name} to be Ready`,
    deadlineMs: readyMsMax,
  });
  return { name, secret, host: await target.hostOf(name) };
}

/** A connection for each call, so that what breaks was this call's alone. */
export function callOnce(gatewayUrl: string, { host }: CalledFunction): Promise<Answer> {
  return call({ gatewayUrl, host, headers: { connection: 'close' }, timeoutMs: callMsMax });
}

/** The process that answered; `undefined` when the answer is not the Function's own. */
export function processOf(answer: Answer, called: CalledFunction): string | undefined {
  const [name, secret, process, ...rest] = answer.text.split(' ');
  const isOwn = name === called.name && secret === called.secret && rest.length === 0;
  return isOwn ? process : undefined;
}

export function startColdTraffic(
  called: readonly CalledFunction[],
  options: { readonly listGateways: () => readonly string[]; readonly random: SeededRandom },
): ColdTraffic {
  const { listGateways, random } = options;
  const stopped = new AbortController();
  const failures: Failure[] = [];
  const wrong: string[] = [];
  const servedBy = new Map<string, Set<string>>();
  const answersMs: number[] = [];

  const take = (answer: Answer, one: CalledFunction): void => {
    answersMs.push(answer.totalMs);
    const process = processOf(answer, one);
    if (process === undefined) wrong.push(`${one.name} was answered: ${answer.text}`);
    else servedBy.set(process, (servedBy.get(process) ?? new Set()).add(one.name));
  };
  const callAndJudge = async (one: CalledFunction): Promise<void> => {
    const gateway = random.pick(listGateways());
    // Nobody is there to be called: every activator has been killed a moment ago.
    if (gateway === undefined) return;
    const startMs = performance.now();
    const fail = (brokeWith: string | undefined, what: string): void => {
      const endMs = performance.now();
      failures.push({ functionName: one.name, gateway, startMs, endMs, brokeWith, what });
    };
    try {
      const answer = await callOnce(gateway, one);
      if (answer.status === 200) take(answer, one);
      else fail(undefined, `${answer.status} ${errorCode(answer) ?? ''} ${answer.text}`);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      fail(code ?? 'unknown', message);
    }
  };
  const callForEver = async (one: CalledFunction): Promise<void> => {
    while (!stopped.signal.aborted) {
      await pauseUnless(stopped.signal, random.between(pauseMs.min, pauseMs.max));
      if (stopped.signal.aborted) return;
      const crowd = Math.floor(random.between(1, crowdMax + 1));
      await Promise.all(Array.from({ length: crowd }, () => callAndJudge(one)));
    }
  };
  const running = called.map(callForEver);
  return {
    answersMs,
    failures,
    wrong,
    servedBy,
    stop: async () => {
      stopped.abort();
      await Promise.all(running);
    },
  };
}

/** The time between two calls or two kills, cut short when it is all over. */
export function pauseUnless(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
