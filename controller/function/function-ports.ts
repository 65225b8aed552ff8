// What the reconciler of Functions is given: clients, caches, settings.

import type { RouseFunction } from '../../api/function.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import type { EventRecorder } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Caches } from '../caches.ts';
import type { PodSettings } from './build-pod-template.ts';

export interface FunctionSettings extends PodSettings {
  /** The last part of every Function's host name. */
  readonly domain: string;
  /** Port of the URLs; 80 is left out of them. */
  readonly externalPort: number;
  /** Revisions that take no traffic and are kept, newest first. Default 10. */
  readonly revisionsKeptMax: number;
}

export interface FunctionPorts {
  readonly client: KubeClient;
  readonly caches: Caches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly settings: FunctionSettings;
  /** Digest of the status that was sent last, for as long as the cache shows this state of the Function. */
  readonly statusesSent: WeakMap<RouseFunction, string>;
  /** By key of a Deployment: why it could not get a pod, as it was told last. */
  readonly failuresTold: Map<string, string>;
  /** Asks for a proof; asking again while one is due or under way changes nothing. */
  readonly prove: (revisionKey: string) => void;
}
