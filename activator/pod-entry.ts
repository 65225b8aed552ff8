// One pod of a Revision as the activator keeps it.

import type { PodView } from './derive-pod-view.ts';
import type { Endpoint } from './endpoint.ts';

/** One pod of a Revision, from its first sight until it leaves. */
export interface PodEntry {
  view: PodView;
  /** When it was seen first to have a node, on the requests' clock; 0 before. */
  scheduledAtMs: number;
  /** When its address was seen first, on the requests' clock. */
  addressAtMs: number;
  /**
   * Made when it first serves, and kept while its process lives: it counts what is in flight there.
   */
  endpoint: Endpoint | undefined;
  isServing: boolean;
  /** Its gate was lifted from here, or is being lifted: its object may show it a little longer. */
  isLifted: boolean;
  /** Set while somebody knocks on it. */
  knocking: AbortController | undefined;
  /** Its runtime refused the code; it is asked again when the next request comes. */
  hasFailed: boolean;
}
