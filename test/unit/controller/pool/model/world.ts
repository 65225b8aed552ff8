// One state of the model: an API server's objects, pods, activators and one controller with caches that may lag.

import type { ClaimOutcome } from '../../../../../api/wire.ts';

/** Index of a Function; its Revision, Deployment and ReplicaSet have no names in the model. */
export type FunctionIndex = number;

export interface ModelClaim {
  pod: number;
  fn: FunctionIndex;
  /** Uid of the Revision. */
  rev: number;
  outcome: ClaimOutcome;
}

export interface ModelPod {
  id: number;
  /** -1: the pool's. */
  label: FunctionIndex;
  /** Uid of its ReplicaSet; 0 is the pool's. */
  owner: number;
  gated: boolean;
  /** Its process answers. */
  up: boolean;
  /** Uid of the Revision whose code runs in it; 0: none. */
  serves: number;
  /** Uid of the Revision it once was sent, which outlives its process. */
  bound: number;
  /** The code could not be loaded. */
  failed: boolean;
}

export interface ModelFunction {
  /** Uid of the Revision; 0: deleted. */
  rev: number;
  dep: { uid: number; replicas: number } | null;
  rs: { uid: number; dep: number; replicas: number } | null;
  /** What wakes and claims have asked for since the Deployment was made: no more replicas than this. */
  asked: number;
  /** The autoscaler has taken replicas away: then ReplicaSets may delete pods that serve. */
  scaledIn: boolean;
  /** Deleted once and made again, with a Revision of the same name. */
  renewed: boolean;
}

export interface ModelActivator {
  holds: ModelClaim[];
  /** Per Function: 0 nobody waits, 1 somebody does, 2 and the ordinary way was taken. */
  waits: number[];
}

export interface Cache {
  deps: { rev: number; dep: { uid: number; replicas: number } | null }[];
  sets: ({ uid: number; dep: number; replicas: number } | null)[];
  pods: ModelPod[];
}

export interface World {
  fns: ModelFunction[];
  pods: ModelPod[];
  activators: ModelActivator[];
  /** A copy of a report that still wanders about. */
  late: ModelClaim | null;
  book: ModelClaim[];
  /** Whether the controller has asked all parked pods since it leads. */
  swept: boolean;
  cache: Cache;
  poolSize: number;
  faults: number;
  nextUid: number;
  /** Set by a step that broke a promise. */
  broken: string | null;
}

export const poolLabel = -1;

export function takeCache(world: Pick<World, 'fns' | 'pods'>): Cache {
  return {
    deps: world.fns.map(({ rev, dep }) => ({ rev, dep: dep && { ...dep } })),
    sets: world.fns.map(({ rs }) => rs && { ...rs }),
    pods: world.pods.map((pod) => ({ ...pod })),
  };
}

export function buildWorld(options: {
  functions: number;
  activators: number;
  parked: number;
  faults: number;
}): World {
  const fns = Array.from({ length: options.functions }, (_, index) => ({
    rev: index + 1,
    dep: { uid: 10 + index, replicas: 0 },
    rs: { uid: 20 + index, dep: 10 + index, replicas: 0 },
    asked: 0,
    scaledIn: false,
    renewed: false,
  }));
  const pods = Array.from({ length: options.parked }, (_, index) => ({
    ...{ id: 100 + index, label: poolLabel, owner: 0, gated: false, up: true },
    ...{ serves: 0, bound: 0, failed: false },
  }));
  return {
    ...{ fns, pods },
    activators: Array.from({ length: options.activators }, () => ({
      holds: [],
      waits: fns.map(() => 1),
    })),
    ...{ late: null, book: [], swept: false, cache: takeCache({ fns, pods }) },
    ...{ poolSize: options.parked, faults: options.faults, nextUid: 200, broken: null },
  };
}

export function copyWorld(world: World): World {
  const { cache } = world;
  return {
    ...world,
    fns: world.fns.map((fn) => ({
      ...fn,
      dep: fn.dep && { ...fn.dep },
      rs: fn.rs && { ...fn.rs },
    })),
    pods: world.pods.map((pod) => ({ ...pod })),
    activators: world.activators.map(({ holds, waits }) => ({
      holds: [...holds],
      waits: [...waits],
    })),
    book: [...world.book],
    // Replaced, never changed.
    cache: { ...cache },
  };
}

/**
 * The same text for states that differ only in uids. What a pod is and who knows it is all that there is to it,
 * whatever its own uid; other uids are given anew in order of appearance.
 */
export function keyOf(world: World): string {
  const parts = [
    ...describePods(world),
    ...world.fns.map(({ rev, dep, rs, asked, scaledIn, renewed }) =>
      [
        rev,
        dep?.uid,
        dep?.replicas,
        rs?.uid,
        rs?.dep,
        rs?.replicas,
        asked,
        scaledIn,
        renewed,
      ].join(),
    ),
    ...world.activators.map(({ waits }) => waits.join(',')),
    ...world.cache.deps.map(({ rev, dep }) => [rev, dep?.uid, dep?.replicas].join(',')),
    ...world.cache.sets.map((rs) => [rs?.uid, rs?.dep, rs?.replicas].join(',')),
  ];
  return renumber(`${parts.join('|')}|${world.swept},${world.faults},${world.broken}`);
}

function describePods(world: World): string[] {
  const known = new Map<number, string>();
  const add = (id: number, text: string): void => {
    known.set(id, (known.get(id) ?? '') + text);
  };
  for (const pod of world.pods) add(pod.id, `t${describePod(pod)}`);
  for (const pod of world.cache.pods) add(pod.id, `c${describePod(pod)}`);
  world.activators.forEach((one, index) => {
    for (const claim of one.holds) add(claim.pod, `a${index}${describeClaim(claim)}`);
  });
  for (const claim of world.book) add(claim.pod, `b${describeClaim(claim)}`);
  if (world.late !== null) add(world.late.pod, `l${describeClaim(world.late)}`);
  return [...known.values()].sort();
}

function describePod({ label, owner, gated, up, failed, serves, bound }: ModelPod): string {
  return `${label},${owner},${+gated},${+up},${+failed},${serves},${bound};`;
}

function describeClaim({ fn, rev, outcome }: ModelClaim): string {
  return `${fn},${rev},${outcome[0]};`;
}

/** Uids handed out by `nextUid` have three digits: by order of appearance. Nothing else in the text has. */
function renumber(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(/\d{3,}/g, (uid) => {
    const name = names.get(uid) ?? `u${names.size}`;
    names.set(uid, name);
    return name;
  });
}
