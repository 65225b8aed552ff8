// What the warm pool does, as metrics: rouse_pool_*.

import { Counter, Gauge, type Registry } from 'prom-client';
import type { ClaimOutcome } from '../../api/wire.ts';
import { indexes, type Caches } from '../caches.ts';
import { labels } from '../../api/names.ts';
import { sizeIn } from './build-pool-objects.ts';

export type AdoptionOutcome =
  'adopted' | 'gone' | 'foreign' | 'free' | 'deleted' | 'resize_refused';

export class PoolMetrics {
  readonly #claims: Counter<'outcome'>;
  readonly #adoptions: Counter<'outcome'>;

  constructor(registry: Registry, caches: Pick<Caches, 'poolTemplates' | 'pods'>) {
    const registers = [registry];
    this.#claims = new Counter({
      name: 'rouse_pool_claims_told_total',
      help: 'Pool pods that activators, or the sweep, said had been sent a function, by what came of it.',
      labelNames: ['outcome'],
      registers,
    });
    this.#adoptions = new Counter({
      name: 'rouse_pool_adoptions_total',
      help: 'Ends of claims: adopted by the Revision, deleted, or nothing to adopt any more.',
      labelNames: ['outcome'],
      registers,
    });
    this.#gauge('size', 'Parked pods wanted, over all namespaces.', registry, (count) => {
      for (const one of caches.poolTemplates.list()) {
        count(one.metadata.labels?.[labels.pool] ?? '', sizeIn(one));
      }
    });
    this.#gauge('parked', 'Parked pods there are, over all namespaces.', registry, (count) => {
      for (const one of caches.pods.byIndex(indexes.parked, indexes.parked)) {
        count(one.metadata.labels?.[labels.pool] ?? '', 1);
      }
    });
  }

  claimed(outcome: ClaimOutcome): void {
    this.#claims.inc({ outcome });
  }

  ended(outcome: AdoptionOutcome): void {
    this.#adoptions.inc({ outcome });
  }

  #gauge(
    name: string,
    help: string,
    registry: Registry,
    read: (count: (runtime: string, number: number) => void) => void,
  ): void {
    // prom-client calls it with the gauge as `this`.
    function collect(this: Gauge<'runtime'>): void {
      this.reset();
      read((runtime, number) => this.inc({ runtime }, number));
    }
    const labelNames = ['runtime'] as const;
    new Gauge({ name: `rouse_pool_${name}`, help, labelNames, registers: [registry], collect });
  }
}
