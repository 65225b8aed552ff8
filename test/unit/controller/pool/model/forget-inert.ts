// Takes out of a state what no later step can tell from its absence, so that fewer states are to be looked at.

import {
  changeActivator,
  changeFunction,
  poolLabel,
  type ModelClaim,
  type ModelPod,
  type World,
} from './world.ts';

/**
 * Each rule says why the two states can do the same: whatever one does, the other does too, or it does nothing that
 * counts (a stuttering bisimulation: Browne, Clarke and Gruemberg, "Characterizing finite Kripke structures in
 * propositional temporal logic", 1988). So a promise is broken, or kept, in both. Where a fault less can happen
 * afterwards, it is one that would have changed nothing but the number of faults left.
 */
export function forgetInert(world: World): void {
  forgetFreePods(world);
  forgetClaims(world);
  forgetCachedPods(world);
  world.fns.forEach((_, index) => forgetFunction(world, index));
}

/**
 * Nobody waits any more, and nobody begins to. A parked pod that holds nothing is then claimed by nobody: the sweep
 * asks it in vain, and whether the pool has been filled up by then is asked of no one.
 */
function forgetFreePods(world: World): void {
  const isAwaited = world.activators.some(({ waits }) => waits.some((one) => one !== 0));
  if (isAwaited) return;
  world.poolSize = 0;
  const isFree = ({ label, bound }: ModelPod): boolean => label === poolLabel && bound === 0;
  if (world.pods.some(isFree)) world.pods = world.pods.filter((pod) => !isFree(pod));
}

/** Claims that are told and dropped for ever, and change nothing while they are known. */
function forgetClaims(world: World): void {
  const isInert = (claim: ModelClaim): boolean => isOfGonePod(world, claim) || isOver(world, claim);
  if (world.book.some(isInert)) world.book = world.book.filter((one) => !isInert(one));
  if (world.late !== null && isInert(world.late)) world.late = null;
  world.activators.forEach(({ holds }, index) => {
    if (!holds.some(isInert)) return;
    changeActivator(world, index, { holds: holds.filter((one) => !isInert(one)) });
  });
}

/** In no object and no cache: it never comes back. */
function isOfGonePod({ pods, cache }: World, { pod: id }: ModelClaim): boolean {
  return !pods.some((pod) => pod.id === id) && !cache.pods.some((pod) => pod.id === id);
}

/**
 * The pod is known as the Function's own, so the claim is dropped when it is looked at. Until then it may only count as
 * one more pod that is needed. It does not for another Revision, of which there is none to come back; and not where
 * the pod counts already, as one of the ReplicaSet that is and stays the Function's.
 */
function isOver(world: World, claim: ModelClaim): boolean {
  const { pods, cache } = world;
  const pod = pods.find((one) => one.id === claim.pod);
  const seen = cache.pods.find((one) => one.id === claim.pod);
  if (seen?.label !== claim.fn || (pod !== undefined && pod.label !== claim.fn)) return false;
  if (world.fns[claim.fn]?.rev !== claim.rev) return cache.deps[claim.fn]?.rev !== claim.rev;
  const isUp = seen.up && !seen.gated;
  return world.faults === 0 && isUp && isSettled(world, claim.fn, seen.owner);
}

/** The Function's ReplicaSet is this one, and the cache has it: its Deployment is not deleted without a fault. */
function isSettled({ fns, cache }: World, index: number, owner: number): boolean {
  const { dep, rs } = fns[index] as World['fns'][number];
  const set = cache.sets[index];
  if (dep === null || rs?.uid !== owner || set?.uid !== owner) return false;
  return set.dep === dep.uid && cache.deps[index]?.dep?.uid === dep.uid;
}

/** One of the pool that is gone counts only where somebody claims it: the sweep can't reach it. */
function forgetCachedPods(world: World): void {
  const { pods, cache } = world;
  if (cache.pods === pods) return;
  const isInert = (pod: ModelPod): boolean =>
    pod.label === poolLabel &&
    !pods.some((one) => one.id === pod.id) &&
    !listClaims(world).some((one) => one.pod === pod.id);
  if (!cache.pods.some(isInert)) return;
  world.cache = { ...cache, pods: cache.pods.filter((pod) => !isInert(pod)) };
}

/**
 * Nobody waits for it or claims for it, now or later: nobody asks for replicas or compares them with what was asked
 * for, and what the cache says of its Deployment is read for claims only.
 */
function forgetFunction(world: World, index: number): void {
  const isOf = ({ rev }: Pick<ModelClaim, 'rev'>): boolean => rev !== 0 && (rev - 1) % 2 === index;
  if (world.activators.some(({ waits }) => waits[index] !== 0)) return;
  if (listClaims(world).some(isOf)) return;
  if (world.pods.some(({ label, bound }) => label === poolLabel && isOf({ rev: bound }))) return;
  settleFunction(world, index);
}

function settleFunction(world: World, index: number): void {
  const fn = world.fns[index];
  if (fn === undefined) return;
  const { dep, rev, rs, renewed } = fn;
  const asked = dep?.replicas ?? 0;
  // Deleted for the second time, it gets no Deployment again.
  const scaledIn = fn.scaledIn && !(rev === 0 && renewed && dep === null && rs === null);
  if (fn.asked !== asked || fn.scaledIn !== scaledIn) {
    changeFunction(world, index, { asked, scaledIn });
  }
  const { cache } = world;
  const seen = cache.deps[index];
  if (seen?.rev === rev && seen.dep === dep) return;
  world.cache = { ...cache, deps: cache.deps.with(index, { rev, dep }) };
}

function listClaims({ late, book, activators }: World): ModelClaim[] {
  const claims = [...book, ...activators.flatMap(({ holds }) => holds)];
  return late === null ? claims : [...claims, late];
}
