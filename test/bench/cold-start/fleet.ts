// The Functions that are woken, all alike, in turn: so that none has to fall asleep before it is called again.

import { functionDefaults } from '../../../api/function.ts';
import { functions } from '../../../api/resources.ts';
import type { Bed, Progress } from './bed.ts';

/** As many as a minute of `measure-sustained.ts` wakes; fewer for a quick look. */
export const fleetSize = Number(process.env['ROUSE_BENCH_FUNCTIONS'] ?? 120);
/** Of those that are woken one by one. */
export const resizedSize = 12;
const appliedAtOnce = 8;
/** Other than a parked pod's, so that a resize is seen. */
export const requests = { cpu: '6m', memory: '72Mi' } as const;
const inline =
  "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });";

/** `soon`: a round is over when all sleep again. `default`: what a Function has that says nothing. */
export const idleSeconds = { soon: 3, default: functionDefaults.scaling.idleSeconds } as const;

export interface Sleeper {
  readonly name: string;
  readonly host: string;
}

/** Hands out Functions in turn, those first that were called longest ago. */
export class Fleet {
  readonly #sleepers: readonly Sleeper[];
  #next = 0;

  private constructor(sleepers: readonly Sleeper[]) {
    this.#sleepers = sleepers;
  }

  /** Resolves when all are Ready. `isResized`: they ask for other resources than a parked pod has, else for none. */
  static async create(
    { target, watch }: Bed,
    kind: { readonly prefix: string; readonly count: number; readonly isResized: boolean },
    progress: Progress,
  ): Promise<Fleet> {
    const { prefix, count, isResized } = kind;
    progress(`${count} Functions: applying`);
    const names = Array.from({ length: count }, (_, number) => `${prefix}-${number}`);
    const scaling = { idleSeconds: idleSeconds.soon };
    const resources = isResized ? { resources: { requests } } : {};
    const spec = { runtime: 'node', source: { inline }, scaling, ...resources };
    await forEach(names, (name) => target.apply(name, spec));
    await watch.allReady(names);
    const [first = ''] = names;
    const host = new URL((await target.get(first)).status?.url ?? '').host;
    return new Fleet(names.map((name) => ({ name, host: host.replace(first, name) })));
  }

  next(): Sleeper {
    const one = this.#sleepers[this.#next++ % this.#sleepers.length];
    if (one === undefined) throw new Error('there are no Functions');
    return one;
  }

  /** From now on they fall asleep after so many seconds with nothing to do. */
  async setIdle({ target }: Bed, seconds: number): Promise<void> {
    const patch = { spec: { scaling: { idleSeconds: seconds } } };
    await forEach(this.#sleepers, ({ name }) =>
      target.kube.patch(functions, { namespace: target.namespace, name }, patch),
    );
  }

  take(count: number): Sleeper[] {
    return Array.from({ length: Math.min(count, this.#sleepers.length) }, () => this.next());
  }
}

/** A few at a time. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: appliedAtOnce }, worker));
}
