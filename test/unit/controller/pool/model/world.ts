// One state of the model: an API server's objects, pods, activators and one controller with caches that may lag.

import type { ClaimOutcome } from '../../../../../api/wire.ts';

/** Index of a Function; its Revision, Deployment and ReplicaSet have no names in the model. */
export type FunctionIndex = number;

export interface ModelClaim {
  readonly pod: number;
  readonly fn: FunctionIndex;
  /** Uid of the Revision. */
  readonly rev: number;
  readonly outcome: ClaimOutcome;
}

export interface ModelPod {
  /** Its uid, and its name: of two the lesser one comes first. */
  readonly id: number;
  /** -1: the pool's. */
  readonly label: FunctionIndex;
  /** Uid of its ReplicaSet; 0 is the pool's. */
  readonly owner: number;
  readonly gated: boolean;
  /** Its process answers. */
  readonly up: boolean;
  /** Uid of the Revision whose code runs in it; 0: none. */
  readonly serves: number;
  /** Uid of the Revision it once was sent, which outlives its process. */
  readonly bound: number;
  /** The code could not be loaded. */
  readonly failed: boolean;
}

export interface ModelDeployment {
  readonly uid: number;
  readonly replicas: number;
}

export interface ModelReplicaSet {
  readonly uid: number;
  readonly dep: number;
  readonly replicas: number;
}

export interface ModelFunction {
  /** Uid of the Revision; 0: deleted. */
  readonly rev: number;
  readonly dep: ModelDeployment | null;
  readonly rs: ModelReplicaSet | null;
  /** What wakes and claims have asked for since the Deployment was made: no more replicas than this. */
  readonly asked: number;
  /** The autoscaler has taken replicas away: then ReplicaSets may delete pods that serve. */
  readonly scaledIn: boolean;
  /** Deleted once and made again, with a Revision of the same name. */
  readonly renewed: boolean;
}

export interface ModelActivator {
  /** One per pod. */
  readonly holds: readonly ModelClaim[];
  /** Per Function: 0 nobody waits, 1 somebody does, 2 and the ordinary way was taken. */
  readonly waits: readonly number[];
}

export interface Cache {
  readonly deps: readonly Pick<ModelFunction, 'rev' | 'dep'>[];
  readonly sets: readonly (ModelReplicaSet | null)[];
  /** What their processes do is in here as well, and not looked at: no field of a pod's object says it. */
  readonly pods: readonly ModelPod[];
}

/** What is in it is replaced, never changed, so a copy of the outermost object is a copy of all. */
export interface World {
  fns: readonly ModelFunction[];
  pods: readonly ModelPod[];
  activators: readonly ModelActivator[];
  /** A copy of a report that still wanders about. */
  late: ModelClaim | null;
  /** One per pod. */
  book: readonly ModelClaim[];
  /** Whether the controller has asked all parked pods since it leads. */
  swept: boolean;
  cache: Cache;
  poolSize: number;
  faults: number;
  nextUid: number;
  /** For pods whose names come before those of all others. */
  nextLowUid: number;
  /** Set by a step that broke a promise. */
  broken: string | null;
}

export const poolLabel = -1;

export function takeCache({ fns, pods }: Pick<World, 'fns' | 'pods'>): Cache {
  return { deps: fns, sets: fns.map(({ rs }) => rs), pods };
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
    ...{ id: 500 + index, label: poolLabel, owner: 0, gated: false, up: true },
    ...{ serves: 0, bound: 0, failed: false },
  }));
  return {
    ...{ fns, pods },
    activators: Array.from({ length: options.activators }, () => ({
      holds: [],
      waits: fns.map(() => 1),
    })),
    ...{ late: null, book: [], swept: false, cache: takeCache({ fns, pods }) },
    ...{ poolSize: options.parked, faults: options.faults },
    // Of as many digits as all that are handed out, since names are compared as texts.
    ...{ nextUid: 600, nextLowUid: 499, broken: null },
  };
}

export function podOf(world: World, id: number): ModelPod {
  const found = world.pods.find((pod) => pod.id === id);
  if (found === undefined) throw new Error(`the model has no pod ${id}`);
  return found;
}

export function changePod(world: World, id: number, change: Partial<ModelPod>): void {
  world.pods = world.pods.map((pod) => (pod.id === id ? { ...pod, ...change } : pod));
}

export function removePod(world: World, id: number): void {
  world.pods = world.pods.filter((pod) => pod.id !== id);
}

export function changeFunction(
  world: World,
  index: number,
  change: Partial<ModelFunction>,
): ModelFunction {
  const fn = { ...(world.fns[index] as ModelFunction), ...change };
  world.fns = world.fns.with(index, fn);
  return fn;
}

export function changeActivator(
  world: World,
  index: number,
  change: Partial<ModelActivator>,
): void {
  const activator = { ...(world.activators[index] as ModelActivator), ...change };
  world.activators = world.activators.with(index, activator);
}
