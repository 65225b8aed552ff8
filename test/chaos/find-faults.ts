// What is not as it should be once nobody kills any more and nobody calls: empty when all is well.

import type { Pod } from '../../api/kubernetes.ts';
import { labels, poolName } from '../../api/names.ts';
import {
  deployments,
  functions,
  podTemplates,
  replicaSets,
  revisions,
} from '../../api/resources.ts';
import { sizeIn } from '../../controller/pool/build-pool-objects.ts';
import { isReady } from '../../controller/pool/derive-pod-state.ts';
import { condition, type Target } from '../support/target.ts';
import type { ChaosWorld } from './chaos-world.ts';
import { lookAtPods, type SeenPod } from './pod-states.ts';

/** At rest every Function is Ready and asleep, every pod is a parked one, and there are as many as wanted. */
export async function findFaultsAtRest(
  world: ChaosWorld,
  pool: { readonly min: number; readonly max: number },
): Promise<string[]> {
  const { target } = world;
  const seen = await lookAtPods(target);
  return [
    ...(await findUnready(target)),
    ...(await findAwake(target)),
    ...(await findOrphans(target, seen)),
    ...(await findPoolFaults(target, seen, pool)),
    ...seen.filter((one) => one.state !== 'parked').map((one) => `${nameOf(one)} is there`),
    ...(await world.findStrays(seen)),
  ];
}

async function findUnready({ kube, namespace }: Target): Promise<string[]> {
  const { items } = await kube.list(functions, { namespace });
  return items.flatMap((one) => {
    const ready = condition(one, 'Ready');
    return ready?.status === 'True'
      ? []
      : [`Function ${one.metadata.name} is not Ready: ${ready?.message}`];
  });
}

async function findAwake({ kube, namespace }: Target): Promise<string[]> {
  const { items } = await kube.list(deployments, { namespace, labelSelector: labels.revision });
  return items
    .filter(({ spec, status }) => spec.replicas !== 0 || (status?.replicas ?? 0) !== 0)
    .map(({ metadata, spec, status }) => {
      return `Deployment ${metadata.name} wants ${spec.replicas} and has ${status?.replicas}`;
    });
}

async function findOrphans(
  { kube, namespace }: Target,
  seen: readonly SeenPod[],
): Promise<string[]> {
  const owners = [
    ...(await kube.list(replicaSets, { namespace })).items,
    ...(await kube.list(podTemplates, { namespace })).items,
    ...(await kube.list(revisions, { namespace })).items,
  ];
  const uids = new Set(owners.map(({ metadata }) => metadata.uid));
  const isOwned = (pod: Pod): boolean =>
    pod.metadata.ownerReferences?.some((owner) => owner.controller && uids.has(owner.uid)) === true;
  return seen.filter(({ pod }) => !isOwned(pod)).map((one) => `${nameOf(one)} has no owner`);
}

async function findPoolFaults(
  { kube, namespace }: Target,
  seen: readonly SeenPod[],
  { min, max }: { readonly min: number; readonly max: number },
): Promise<string[]> {
  const wanted = sizeIn(await kube.get(podTemplates, { namespace, name: poolName('node') }));
  const parked = seen.filter((one) => one.state === 'parked');
  const faults = parked
    .filter((one) => one.answer?.state !== 'waiting')
    .map((one) => `${nameOf(one)} says ${JSON.stringify(one.answer)}`);
  if (wanted < min || wanted > max) faults.push(`the pool wants ${wanted} pods`);
  if (parked.length !== wanted) faults.push(`${parked.length} of ${wanted} pods are parked`);
  const ready = parked.filter(({ pod }) => isReady(pod)).length;
  if (ready !== wanted) faults.push(`${ready} of ${wanted} parked pods are ready`);
  return faults;
}

/** Revisions that more pods serve than their Deployment wants. */
export async function findCrowded(target: Target): Promise<string[]> {
  const { kube, namespace } = target;
  const seen = await lookAtPods(target);
  const { items } = await kube.list(deployments, { namespace, labelSelector: labels.revision });
  return items.flatMap(({ metadata, spec }) => {
    const serving = seen.filter(({ pod, state, answer }) => {
      if (state === 'claimed') return answer?.revision === metadata.name;
      const isUp = state === 'own' || state === 'adopted';
      return isUp && pod.metadata.labels?.[labels.revision] === metadata.name;
    });
    if (serving.length <= (spec.replicas ?? 0)) return [];
    return [`${metadata.name} wants ${spec.replicas}: ${serving.map(nameOf).join(', ')}`];
  });
}

function nameOf({ pod, state, answer }: SeenPod): string {
  const { name, labels: own } = pod.metadata;
  const whose = answer?.revision ?? own?.[labels.revision];
  return `${state} pod ${name}${whose === undefined ? '' : ` of ${whose}`}`;
}
