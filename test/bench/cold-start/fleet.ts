// The Functions that are woken: a hundred, all alike, so that none has to fall asleep before the next start.

import type { Bed, Progress } from './bed.ts';

/** Fewer for a quick look. */
export const fleetSize = Number(process.env['ROUSE_BENCH_FUNCTIONS'] ?? 100);
const appliedAtOnce = 8;
/** Other than a parked pod's, so that a resize is seen; small, so that a node takes them all. */
export const requests = { cpu: '5m', memory: '72Mi' } as const;
const inline =
  "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });";

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

  static async create({ target, watch }: Bed, progress: Progress): Promise<Fleet> {
    progress(`${fleetSize} Functions: applying`);
    const names = Array.from({ length: fleetSize }, (_, number) => `cold-${number}`);
    const left = names.values();
    const worker = async (): Promise<void> => {
      for (const name of left) {
        const scaling = { idleSeconds: 3 };
        await target.apply(name, {
          runtime: 'node',
          source: { inline },
          scaling,
          resources: { requests },
        });
      }
    };
    await Promise.all(Array.from({ length: appliedAtOnce }, worker));
    await watch.allReady(fleetSize);
    const host = new URL((await target.get('cold-0')).status?.url ?? '').host;
    return new Fleet(names.map((name) => ({ name, host: host.replace('cold-0', name) })));
  }

  next(): Sleeper {
    const one = this.#sleepers[this.#next++ % fleetSize];
    if (one === undefined) throw new Error('there are no Functions');
    return one;
  }

  take(count: number): Sleeper[] {
    return Array.from({ length: Math.min(count, fleetSize) }, () => this.next());
  }
}
