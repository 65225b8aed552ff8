// The claim and adopt protocol as a whole: which steps there are, what must hold always, and what at rest.

import {
  listActivatorChanges,
  listClusterChanges,
  listFaults,
  listRenewals,
} from './cluster-steps.ts';
import { listControllerChanges, type NamedChange } from './controller-steps.ts';
import type { Planners } from './planners.ts';
import { search, type SearchResult, type Step } from './search.ts';
import { forgetInert } from './forget-inert.ts';
import { hashWords, hashWorld } from './hash-world.ts';
import { buildWorld, poolLabel, type World } from './world.ts';

export interface ProtocolOptions {
  readonly functions: number;
  readonly activators: number;
  readonly parked: number;
  /** Things that go wrong on one way through the model, at most. */
  readonly faults: number;
  readonly statesMax: number;
}

export function checkProtocol(planners: Planners, options: ProtocolOptions): SearchResult {
  return search<World>({
    start: buildWorld(options),
    hashWords,
    hash: hashWorld,
    stepsOf: (world) => stepsOf(world, planners),
    findBroken,
    findUnfinished,
    statesMax: options.statesMax,
  });
}

function stepsOf(world: World, planners: Planners): Step<World>[] {
  if (world.broken !== null) return [];
  const changes: NamedChange[] = [
    ...listControllerChanges(world, planners),
    ...listClusterChanges(world),
    ...listActivatorChanges(world, planners),
    ...listRenewals(world),
    ...(world.faults > 0 ? listFaults(world) : []),
  ];
  const steps: Step<World>[] = [];
  for (const { name, change, isFault = false } of changes) {
    const state = { ...world };
    change(state);
    if (state.faults < 0) continue;
    forgetInert(state);
    steps.push({ name, state, isFault });
  }
  return steps;
}

function findBroken(world: World): string | undefined {
  if (world.broken !== null) return world.broken;
  for (const [index, { dep, rev, rs, asked }] of world.fns.entries()) {
    if (dep !== null && dep.replicas > asked) {
      return `f${index} has ${dep.replicas} replicas, and ${asked} were asked for`;
    }
    const odd = world.pods.find(
      (pod) =>
        pod.label === index && pod.owner === rs?.uid && pod.serves !== 0 && pod.serves !== rev,
    );
    if (odd !== undefined && rev !== 0 && rs?.dep === dep?.uid) {
      return `pod ${odd.id} counts as f${index} and serves another Revision`;
    }
  }
  return undefined;
}

/** Nothing is left to do. */
function findUnfinished(world: World): string | undefined {
  const orphan = world.pods.find((pod) => pod.label === poolLabel && pod.bound !== 0);
  if (orphan !== undefined) return `pod ${orphan.id} was claimed and belongs to nobody`;
  const gated = world.pods.find((pod) => pod.gated);
  if (gated !== undefined) return `pod ${gated.id} waits at its gate for ever`;
  const parked = world.pods.filter((pod) => pod.label === poolLabel && pod.up);
  if (parked.length !== world.poolSize) return `the pool holds ${parked.length} pods`;
  const waiting = world.activators.some(({ waits }) => waits.some((one) => one !== 0));
  if (waiting) return 'somebody waits for ever';
  for (const [index, { rs, dep }] of world.fns.entries()) {
    const own = world.pods.filter((pod) => pod.label === index);
    if (own.length !== (dep?.replicas ?? 0) || rs?.uid === undefined) {
      if (dep !== null) return `f${index} has ${own.length} pods of ${dep.replicas}`;
    }
  }
  return world.book.length > 0 ? 'a claim is never done with' : undefined;
}
