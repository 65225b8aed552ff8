// What Kubernetes and the activators do in the model, and what goes wrong with them.

import type { ClaimOutcome } from '../../../../../api/wire.ts';
import { put, type NamedChange } from './controller-steps.ts';
import type { Planners } from './planners.ts';
import { poolLabel, takeCache, type ModelPod, type World } from './world.ts';

export function listClusterChanges(world: World): NamedChange[] {
  const changes: NamedChange[] = [
    { name: 'Kubernetes collects what has no owner', change: collect },
  ];
  const parked = world.pods.filter((pod) => pod.label === poolLabel);
  if (parked.length < world.poolSize) {
    changes.push({
      name: 'the pool is filled up',
      change: (one) => makePod(one, poolLabel, 0),
    });
  }
  world.fns.forEach(({ rev, dep, rs }, fn) => {
    if (rev !== 0 && dep === null) {
      changes.push({
        name: `f${fn} gets its Deployment`,
        change: (one) => makeDeployment(one, fn),
      });
    }
    if (dep !== null && (rs === null || rs.replicas !== dep.replicas)) {
      changes.push({
        name: `f${fn} gets its ReplicaSet`,
        change: (one) => makeReplicaSet(one, fn),
      });
    }
    changes.push(...listReplicaChanges(world, fn));
  });
  for (const pod of world.pods) {
    const { id, gated, up } = pod;
    if (gated || up || !isWanted(world, pod)) continue;
    changes.push({ name: `pod ${id} starts`, change: (one) => (podOf(one, id).up = true) });
  }
  return changes;
}

/**
 * The first of two assumptions on time: a pod takes hundreds of milliseconds to start, in which a ReplicaSet that has
 * one too many takes it away. Where that fails a pod that serves may be deleted, which then finishes what it has.
 */
function isWanted(world: World, pod: ModelPod): boolean {
  if (pod.label === poolLabel) return true;
  const own = world.pods.filter((one) => one.owner === pod.owner && one.label === pod.label);
  return own.length <= (world.fns[pod.label]?.rs?.replicas ?? 0);
}

/** The second one: until the code sent to a pod has loaded, the controller has heard of the pod's address as well. */
function isKnown(world: World, pod: ModelPod): boolean {
  return world.cache.pods.some((one) => one.id === pod.id && one.up) && isWanted(world, pod);
}

export function podOf(world: World, id: number): ModelPod {
  const found = world.pods.find((pod) => pod.id === id);
  if (found === undefined) throw new Error(`the model has no pod ${id}`);
  return found;
}

function collect(world: World): void {
  for (const fn of world.fns) {
    if (fn.dep !== null && fn.rev === 0) fn.dep = null;
    if (fn.rs !== null && fn.rs.dep !== fn.dep?.uid) fn.rs = null;
  }
  const sets = new Set([0, ...world.fns.map((fn) => fn.rs?.uid)]);
  world.pods = world.pods.filter((pod) => sets.has(pod.owner));
}

function makePod(world: World, label: number, owner: number): void {
  world.pods.push({
    ...{ id: world.nextUid++, label, owner, gated: label !== poolLabel, up: false },
    ...{ serves: 0, bound: 0, failed: false },
  });
}

function makeDeployment(world: World, index: number): void {
  const fn = world.fns[index];
  if (fn === undefined || fn.rev === 0 || fn.dep !== null) return;
  fn.dep = { uid: world.nextUid++, replicas: 0 };
}

function makeReplicaSet(world: World, index: number): void {
  const fn = world.fns[index];
  if (!fn?.dep) return;
  // The same template has the same name, which is taken until the old one is collected.
  fn.rs ??= { uid: world.nextUid++, dep: fn.dep.uid, replicas: 0 };
  if (fn.rs.dep === fn.dep.uid) fn.rs.replicas = fn.dep.replicas;
}

/** One more, or one less: unscheduled pods go first, then those that don't run, those that aren't ready, any other. */
function listReplicaChanges(world: World, index: number): NamedChange[] {
  const rs = world.fns[index]?.rs;
  if (!rs) return [];
  const own = world.pods.filter((pod) => pod.owner === rs.uid && pod.label === index);
  if (own.length < rs.replicas) {
    const change = (one: World): void => makePod(one, index, rs.uid);
    return [{ name: `the ReplicaSet of f${index} makes a pod`, change }];
  }
  if (own.length === rs.replicas) return [];
  const rankOf = (pod: ModelPod): number =>
    [pod.gated, !pod.up, pod.serves === 0, true].indexOf(true);
  const rank = Math.min(...own.map(rankOf));
  return own
    .filter((pod) => rankOf(pod) === rank)
    .map(({ id }) => ({
      name: `the ReplicaSet of f${index} deletes pod ${id}`,
      change: (one) => {
        if (podOf(one, id).serves !== 0 && one.fns[index]?.scaledIn === false) {
          one.broken = 'a ReplicaSet deleted a pod that serves';
        }
        one.pods = one.pods.filter((pod) => pod.id !== id);
      },
    }));
}

export function listActivatorChanges(world: World, planners: Planners): NamedChange[] {
  const changes: NamedChange[] = [];
  world.activators.forEach(({ holds, waits }, index) => {
    waits.forEach((wait, fn) => {
      if (wait !== 0) changes.push(...listWaitChanges(world, index, fn, planners));
    });
    for (const claim of holds) {
      const name = `activator ${index} tells of pod ${claim.pod}`;
      const known = world.book.find((one) => one.pod === claim.pod);
      if (JSON.stringify(known) !== JSON.stringify(claim)) {
        changes.push({ name, change: (one) => put(one, claim, planners) });
      }
      const pod = world.pods.find((one) => one.id === claim.pod);
      if (pod !== undefined && pod.label === poolLabel) continue;
      const forget = (one: World): void => {
        const activator = one.activators[index];
        if (activator) activator.holds = activator.holds.filter((held) => held.pod !== claim.pod);
      };
      changes.push({
        name: `activator ${index} stops telling of pod ${claim.pod}`,
        change: forget,
      });
    }
  });
  const { late } = world;
  if (late !== null) {
    const arrive = (one: World): void => {
      put(one, late, planners);
      one.late = null;
    };
    changes.push({ name: 'an old report arrives', change: arrive });
  }
  return changes;
}

function listWaitChanges(
  world: World,
  index: number,
  fn: number,
  planners: Planners,
): NamedChange[] {
  const who = `activator ${index}`;
  const rev = world.fns[fn]?.rev ?? 0;
  const changes: NamedChange[] = [];
  // 404 for whoever waits.
  if (rev === 0) {
    changes.push({ name: `${who} gives f${fn} up`, change: (one) => setWait(one, index, fn, 0) });
  }
  // It may not have heard of the deletion yet.
  const sent = rev === 0 ? fn + 1 : rev;
  for (const pod of world.pods) {
    if (pod.label === fn && !isKnown(world, pod)) continue;
    changes.push(...listSends(pod, { index, fn, sent, rev }, planners));
  }
  const isServed = world.pods.some((pod) => pod.label === fn && pod.serves === rev && rev !== 0);
  if (isServed) {
    changes.push({
      name: `${who} finds f${fn} awake`,
      change: (one) => setWait(one, index, fn, 0),
    });
  }
  if (rev !== 0) {
    const name = `${who} wakes f${fn} the ordinary way`;
    changes.push({ name, change: (one) => wake(one, index, fn, planners) });
  }
  return changes;
}

function listSends(
  pod: ModelPod,
  target: { index: number; fn: number; sent: number; rev: number },
  planners: Planners,
): NamedChange[] {
  const { index, fn, sent, rev } = target;
  if (!pod.up || pod.serves !== 0 || pod.failed) return [];
  if (planners.isMarked && pod.bound !== 0 && pod.bound !== sent) return [];
  const name = `activator ${index} sends f${fn} to pod ${pod.id}`;
  const claim = { index, fn, rev: sent, id: pod.id };
  if (pod.label === fn) return [{ name, change: (one) => specialize(one, claim) }];
  if (pod.label !== poolLabel) return [];
  return (['serving', 'failed', 'unknown'] as const).map((outcome) => ({
    ...{ name: `${name}: ${outcome}`, isFault: true },
    change: (one) => {
      if (outcome !== 'serving' || rev === 0) one.faults -= 1;
      specialize(one, { ...claim, outcome });
    },
  }));
}

function specialize(
  world: World,
  claim: { index: number; fn: number; rev: number; id: number; outcome?: ClaimOutcome },
): void {
  const { index, fn, rev, id, outcome } = claim;
  const pod = podOf(world, id);
  if (pod.bound !== 0 && pod.bound !== rev) world.broken = 'a pod served two Revisions';
  pod.serves = rev;
  pod.bound = rev;
  pod.failed = outcome === 'failed';
  if (outcome !== 'unknown') setWait(world, index, fn, 0);
  if (outcome === undefined) return;
  const target = world.fns[fn];
  if (target !== undefined) target.asked += 1;
  world.activators[index]?.holds.push({ pod: id, fn, rev, outcome });
}

function setWait(world: World, index: number, fn: number, wait: number): void {
  const activator = world.activators[index];
  if (activator !== undefined) activator.waits[fn] = wait;
}

/**
 * PATCH of the scale from 0 to 1, and then of one gate, for as long as it waits. With a second one lifted while the
 * first is on its way the controller would count both, ask for one more, and have that one lifted as well, and so on.
 */
function wake(world: World, index: number, fn: number, planners: Planners): void {
  const target = world.fns[fn];
  if (!target?.dep) return;
  if (target.dep.replicas === 0 || world.activators[index]?.waits[fn] === 1) target.asked += 1;
  target.dep.replicas = Math.max(1, target.dep.replicas);
  setWait(world, index, fn, 2);
  const own = world.pods.filter((pod) => pod.label === fn);
  const gated = own.filter((pod) => pod.gated);
  const isFirst = gated.length === own.length;
  const lifted = planners.isLiftingOne ? gated.slice(0, isFirst ? 1 : 0) : gated;
  for (const pod of lifted) pod.gated = false;
}

/** Costs no fault: that it was deleted did. */
export function listRenewals(world: World): NamedChange[] {
  return world.fns.flatMap(({ rev, dep, renewed }, fn) => {
    if (rev !== 0 || dep !== null || renewed) return [];
    const change = (one: World): void => {
      Object.assign(one.fns[fn] ?? {}, { rev: fn + 3, renewed: true });
    };
    return [{ name: `f${fn} is made again`, isFault: true, change }];
  });
}

export function listFaults(world: World): NamedChange[] {
  const faults: NamedChange[] = [];
  const add = (name: string, change: (one: World) => void): void => {
    faults.push({
      name,
      isFault: true,
      change: (one) => {
        one.faults -= 1;
        change(one);
      },
    });
  };
  add('the controller starts anew', (one) => {
    one.book = [];
    one.swept = false;
    one.cache = takeCache(one);
  });
  world.activators.forEach(({ holds, waits }, index) => {
    if (holds.length === 0 && waits.every((one) => one === 0)) return;
    add(`activator ${index} dies`, (one) => {
      one.activators[index] = { holds: [], waits: waits.map(() => 0) };
    });
    for (const claim of holds) {
      if (world.late === null)
        add(`a report of pod ${claim.pod} lingers`, (one) => (one.late = claim));
    }
  });
  for (const { id, up, gated } of world.pods) {
    if (gated) continue;
    add(`pod ${id} is gone`, (one) => (one.pods = one.pods.filter((pod) => pod.id !== id)));
    if (!up) continue;
    add(`the process in pod ${id} ends and starts again`, (one) => {
      Object.assign(podOf(one, id), { serves: 0, failed: false });
    });
  }
  world.fns.forEach(({ rev, dep }, fn) => {
    const at = (one: World) => one.fns[fn] as World['fns'][number];
    if (dep !== null) {
      add(`the Deployment of f${fn} is deleted`, (one) => {
        // Its pods count until they are collected, and may for a moment be one too many.
        Object.assign(at(one), { dep: null, asked: at(one).asked + 1 });
      });
    }
    if (rev !== 0) add(`f${fn} is deleted`, (one) => (at(one).rev = 0));
    if (dep === null || dep.replicas === 0) return;
    add(`the autoscaler puts f${fn} to sleep`, (one) => {
      Object.assign(at(one), { scaledIn: true });
      const { dep: found } = at(one);
      if (found) found.replicas = 0;
    });
  });
  return faults;
}
