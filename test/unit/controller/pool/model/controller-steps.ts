// What the controller does in the model: the real planners on its caches, and each write as the API server takes it.

import type { AdoptionStep, Claim, SeenPod } from '../../../../../controller/pool/plan-adoption.ts';
import type { GatedPod } from '../../../../../controller/pool/plan-gates.ts';
import type { Planners } from './planners.ts';
import {
  changeFunction,
  changePod,
  poolLabel,
  removePod,
  takeCache,
  type Cache,
  type ModelClaim,
  type ModelPod,
  type World,
} from './world.ts';

/** Changes the world that it is given, which is a copy. */
export type Change = (world: World) => void;
export interface NamedChange {
  readonly name: string;
  readonly change: Change;
  readonly isFault?: boolean;
}

const nameOf = (fn: number): string => `f${fn}`;
const indexOf = (revision: string): number => Number(revision.slice(1));
const digestOf = (rev: number): string => `code-${rev}`;

export function listControllerChanges(world: World, planners: Planners): NamedChange[] {
  const changes = listSyncs(world);
  if (planners.isSwept) {
    changes.push({
      name: 'the controller asks all parked pods',
      change: (one) => sweep(one, planners),
    });
    // A controller that leads anew looks at what is there before it acts on a part of it.
    if (!world.swept) return changes;
  }
  for (const claim of world.book) {
    const step = planners.planAdoption(viewOf(world, claim, planners, false));
    if (step.kind === 'wait') continue;
    changes.push({
      name: `the controller sees to pod ${claim.pod} for f${claim.fn}: ${nameStep(step)}`,
      change: (one) => adoptStep(one, claim, step, planners),
    });
  }
  world.fns.forEach((_, fn) => {
    const lifts = planLifts(world, fn, planners);
    if (lifts.length === 0) return;
    changes.push({
      name: `the controller lifts gates of f${fn}`,
      change: (one) => liftGates(one, lifts),
    });
  });
  return changes;
}

function nameStep(step: AdoptionStep): string {
  return step.kind === 'scale' ? `scale to ${step.replicas}` : step.kind;
}

function listSyncs(world: World): NamedChange[] {
  const truth = takeCache(world);
  const follow = (kind: keyof Cache): NamedChange => ({
    name: `the cache follows: ${kind}`,
    change: (one) => (one.cache = { ...one.cache, [kind]: truth[kind] }),
  });
  return (['deps', 'sets', 'pods'] as const)
    .filter((kind) => isNews[kind](world.cache, truth))
    .map(follow);
}

/** Cheap, and sometimes true of what is the same: such a step leads nowhere. */
const isNews: Readonly<Record<keyof Cache, (seen: Cache, truth: Cache) => boolean>> = {
  deps: (seen, truth) =>
    truth.deps.some(({ rev, dep }, fn) => seen.deps[fn]?.rev !== rev || seen.deps[fn]?.dep !== dep),
  sets: (seen, truth) => truth.sets.some((set, fn) => seen.sets[fn] !== set),
  pods: (seen, truth) => seen.pods !== truth.pods,
};

/** What GET /ready of a pod answers. */
function ask(pod: ModelPod, planners: Planners): Claim | undefined {
  const rev = pod.serves === 0 ? pod.bound : pod.serves;
  const names = {
    revision: nameOf((rev - 1) % 2),
    revisionUid: String(rev),
    codeDigest: digestOf(rev),
  };
  const state = pod.failed ? 'failed' : pod.serves === 0 ? 'waiting' : 'ready';
  return planners.deriveAnsweredClaim(
    { namespace: 'default', pod: String(pod.id), uid: String(pod.id) },
    { state, ...(rev !== 0 && names) },
  );
}

function sweep(world: World, planners: Planners): void {
  world.swept = true;
  for (const seen of world.cache.pods) {
    const pod = world.pods.find((one) => one.id === seen.id);
    if (seen.label !== poolLabel || pod === undefined || !pod.up) continue;
    const answered = ask(pod, planners);
    if (answered !== undefined) put(world, toModel(answered), planners);
  }
}

/** The book keeps one claim per pod, by the same rule as the controller's. */
export function put(world: World, told: ModelClaim, planners: Planners): void {
  const known = world.book.find((one) => one.pod === told.pod);
  const picked = toModel(planners.pickClaim(known && toClaim(known), toClaim(told)));
  world.book = [...world.book.filter((one) => one.pod !== told.pod), picked];
}

function drop(world: World, claim: ModelClaim): void {
  world.book = world.book.filter((one) => one.pod !== claim.pod);
}

function toClaim(claim: ModelClaim): Claim {
  return {
    ...{ namespace: 'default', revision: nameOf(claim.fn), revisionUid: String(claim.rev) },
    ...{ pod: String(claim.pod), uid: String(claim.pod), outcome: claim.outcome },
  };
}

function toModel(claim: Claim): ModelClaim {
  const { uid, revision, revisionUid, outcome } = claim;
  return { pod: Number(uid), fn: indexOf(revision), rev: Number(revisionUid), outcome };
}

function toSeen(pod: ModelPod | undefined): SeenPod | undefined {
  if (pod === undefined) return undefined;
  const revision = pod.label === poolLabel ? undefined : nameOf(pod.label);
  return { uid: String(pod.id), revision, isGone: false, isToBeResized: false };
}

function seenRevision(rev: number): { uid: string; codeDigest: string } {
  return { uid: String(rev), codeDigest: digestOf(rev) };
}

function claimedIn(world: World, fn: number, rev: number, planners: Planners): Set<string> {
  const { pods } = world.cache;
  return planners.deriveClaimed(
    world.book.filter((one) => one.fn === fn).map(toClaim),
    seenRevision(rev),
    (claim) => toSeen(pods.find((one) => String(one.id) === claim.uid)),
  );
}

function ungated(world: World, fn: number, isUp = false): Map<string, string> {
  const own = world.cache.pods.filter((one) => one.label === fn && !one.gated && (one.up || !isUp));
  return new Map(own.map((one) => [String(one.id), String(one.owner)]));
}

/** The caches may show the ReplicaSet of a Deployment that is gone. */
function currentSet({ cache }: World, fn: number) {
  const set = cache.sets[fn];
  return set?.dep === cache.deps[fn]?.dep?.uid ? (set ?? undefined) : undefined;
}

function viewOf(world: World, claim: ModelClaim, planners: Planners, isConfirmed: boolean) {
  const { cache } = world;
  const { rev, dep } = cache.deps[claim.fn] ?? { rev: 0, dep: null };
  const truth = world.fns[claim.fn]?.rev ?? 0;
  const known = isConfirmed ? truth : rev;
  const set = currentSet(world, claim.fn);
  return {
    claim: toClaim(claim),
    pod: toSeen(cache.pods.find((one) => one.id === claim.pod)),
    revision:
      known === 0 ? undefined : { ...seenRevision(known), isGoing: false, isPoolable: true },
    deployment:
      dep === null ? undefined : { replicas: dep.replicas, isGoing: false, isGated: true },
    replicaSet: set === undefined ? undefined : { uid: String(set.uid), replicas: set.replicas },
    replicaSets: new Set(set === undefined ? [] : [String(set.uid)]),
    podsUp: ungated(world, claim.fn, true),
    claimed: claimedIn(world, claim.fn, rev, planners),
    isConfirmed,
  };
}

function adoptStep(
  world: World,
  claim: ModelClaim,
  planned: AdoptionStep,
  planners: Planners,
): void {
  let step = planned;
  if (step.kind === 'confirm') {
    step = planners.planAdoption(viewOf(world, claim, planners, true));
    // The Revision is there: the cache will show it.
    if (step.kind !== 'delete') return;
  }
  const pod = world.pods.find((one) => one.id === claim.pod);
  if (step.kind === 'done') drop(world, claim);
  else if (step.kind === 'delete') {
    removePod(world, claim.pod);
    drop(world, claim);
  } else if (step.kind === 'ask' && pod !== undefined) {
    const answered = ask(pod, planners);
    drop(world, claim);
    if (answered !== undefined) put(world, toModel(answered), planners);
  } else if (step.kind === 'scale') scale(world, claim.fn, step.replicas);
  else if (step.kind === 'adopt') adopt(world, claim, Number(step.replicaSetUid));
}

/** Refused when the Deployment has changed since the cache saw it. */
function scale(world: World, fn: number, replicas: number): void {
  const dep = world.fns[fn]?.dep;
  const seen = world.cache.deps[fn]?.dep;
  if (!dep || !seen || dep.uid !== seen.uid || dep.replicas !== seen.replicas) return;
  changeFunction(world, fn, { dep: { ...dep, replicas } });
}

function adopt(world: World, claim: ModelClaim, owner: number): void {
  const pod = world.pods.find((one) => one.id === claim.pod);
  const seen = world.cache.pods.find((one) => one.id === claim.pod);
  if (pod === undefined || seen === undefined) return;
  if (pod.label !== seen.label || pod.owner !== seen.owner) return;
  changePod(world, pod.id, { label: claim.fn, owner });
}

function liftGates(world: World, lifts: readonly GatedPod[]): void {
  for (const { uid } of lifts) changePod(world, Number(uid), { gated: false });
}

function planLifts(world: World, fn: number, planners: Planners): GatedPod[] {
  const { cache } = world;
  const set = cache.sets[fn] ?? null;
  const current = currentSet(world, fn);
  const own = cache.pods.filter((one) => one.label === fn && one.gated);
  if (own.length === 0) return [];
  const gated: GatedPod[] = own.map((one) => ({
    ...{ name: String(one.id), uid: String(one.id), owner: String(one.owner) },
  }));
  return planners.planGates({
    ...{ gated, ungated: ungated(world, fn) },
    replicaSets: new Map(set === null ? [] : [[String(set.uid), set.replicas]]),
    current: current === undefined ? undefined : String(current.uid),
    claimed: claimedIn(world, fn, cache.deps[fn]?.rev ?? 0, planners),
  });
}
