// Lets pods start that no claimed pod takes the place of.

import { claimGate } from '../../api/names.ts';
import { indexes } from '../caches.ts';
import type { LookResult } from './conflict-pace.ts';
import { liftGate } from './lift-gate.ts';
import {
  findReplicaSet,
  isGated,
  observeClaimed,
  observeUngated,
  ownerOf,
} from './observe-adoption.ts';
import { planGates } from './plan-gates.ts';
import { isAlive } from './derive-pod-state.ts';
import type { PoolPorts } from './pool-ports.ts';

/** `key`: namespace/name of a Revision. */
export async function liftGates(key: string, ports: PoolPorts): Promise<LookResult> {
  const { caches, client } = ports;
  const own = caches.pods.byIndex(indexes.revision, key);
  const gated = own.filter((pod) => isAlive(pod) && isGated(pod));
  if (gated.length === 0) return null;
  const [namespace, name = ''] = key.split('/');
  const sets = caches.replicaSets.byIndex(indexes.revision, key);
  const lifted = planGates({
    gated: gated.map((pod) => ({
      ...{ name: pod.metadata.name, uid: pod.metadata.uid ?? '', owner: ownerOf(pod) },
    })),
    ungated: observeUngated(key, ports),
    replicaSets: new Map(sets.map((one) => [one.metadata.uid ?? '', one.spec.replicas ?? 0])),
    current: findReplicaSet(caches.deployments.get(namespace, name), ports)?.metadata.uid,
    claimed: observeClaimed(key, ports),
  });
  const uids = new Set(lifted.map((one) => one.uid));
  const chosen = gated.filter((pod) => uids.has(pod.metadata.uid ?? ''));
  const results = await Promise.all(chosen.map((pod) => liftGate(pod, claimGate, client)));
  return results.every(Boolean) ? null : 'conflict';
}
