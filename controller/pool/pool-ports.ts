// What the parts of the warm pool are given: client, caches, settings, and whom they tell.

import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import type { Caches } from '../caches.ts';
import type { PodSettings } from '../function/build-pod-template.ts';
import type { ClaimBook } from './claim-book.ts';
import type { PoolMetrics } from './pool-metrics.ts';

export interface PoolSettings extends PodSettings {
  readonly poolMin: number;
}

export interface PoolPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: PoolSettings;
  readonly book: ClaimBook;
  readonly metrics: PoolMetrics;
}
