// What the workers of a kubelet's pods share.

import { join } from 'node:path';
import type { Pod } from '../../api/kubernetes.ts';
import type { EventInput } from '../../platform/kube/record-event.ts';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import type { References, Values } from './build-environment.ts';
import type { Runtimes } from './pick-program.ts';
import type { ProcessRecords } from './process-records.ts';
import type { Reaper } from './reaper.ts';

export interface ResolvedReferences {
  readonly secrets: ReadonlyMap<string, Values>;
  readonly configMaps: ReadonlyMap<string, Values>;
  /** Variables that name the pod's credentials, if it has any. */
  readonly credentials: Readonly<Record<string, string>>;
}

export interface PodPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  /** Parent of the pods' private folders. */
  readonly podsFolder: string;
  readonly address: string;
  readonly runtimes: Runtimes;
  readonly reaper: Reaper;
  readonly records: ProcessRecords;
  readonly node: { readonly cpus: number; readonly memoryBytes: number };
  readonly resolve: (pod: Pod, references: References) => Promise<ResolvedReferences>;
  /** Whether its containers may have to wait for credentials. */
  readonly wantsCredentials: (pod: Pod) => boolean;
  /** Where the API server is, and the Services if the pod wants to know. */
  readonly clusterVariables: (pod: Pod) => Record<string, string>;
  readonly recordEvent: (input: EventInput) => void;
}

/** The pod's private folder: its working directory, HOME and TMPDIR. */
export function podFolder(podsFolder: string, uid: string): string {
  return join(podsFolder, uid);
}

export function podLogFolder(home: string, pod: Pod): string {
  const { namespace, name, uid } = pod.metadata;
  return join(home, 'logs', 'pods', `${namespace}_${name}_${uid}`);
}

export function containerLogPath(
  home: string,
  pod: Pod,
  run: { readonly container: string; readonly attempt: number },
): string {
  return join(podLogFolder(home, pod), run.container, `${run.attempt}.log`);
}
