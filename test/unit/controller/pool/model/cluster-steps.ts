// What Kubernetes and the activators do in the model, and what goes wrong with them.

import type { ClaimOutcome } from '../../../../../api/wire.ts';
import { put, type NamedChange } from './controller-steps.ts';
import type { Planners } from './planners.ts';
import {
  changeActivator,
  changeFunction,
  changePod,
  podOf,
  poolLabel,
  removePod,
  takeCache,
  type ModelClaim,
  type ModelFunction,
  type ModelPod,
  type World,
} from './world.ts';

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
    changes.push({ name: `pod ${id} starts`, change: (one) => changePod(one, id, { up: true }) });
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

function collect(world: World): void {
  world.fns.forEach((fn, index) => {
    const dep = fn.rev === 0 ? null : fn.dep;
    const rs = fn.rs?.dep === dep?.uid ? fn.rs : null;
    if (dep !== fn.dep || rs !== fn.rs) changeFunction(world, index, { dep, rs });
  });
  const sets = new Set([0, ...world.fns.map((fn) => fn.rs?.uid)]);
  const isOrphan = ({ owner }: ModelPod): boolean => !sets.has(owner);
  if (world.pods.some(isOrphan)) world.pods = world.pods.filter((pod) => !isOrphan(pod));
}

/** `isFirst`: its name comes before those of all others, as chance may have it. */
function makePod(world: World, label: number, owner: number, isFirst = false): void {
  const id = isFirst ? world.nextLowUid-- : world.nextUid++;
  const pod = { id, label, owner, gated: label !== poolLabel, up: false };
  world.pods = [...world.pods, { ...pod, serves: 0, bound: 0, failed: false }];
}

function makeDeployment(world: World, index: number): void {
  const fn = world.fns[index];
  if (fn === undefined || fn.rev === 0 || fn.dep !== null) return;
  changeFunction(world, index, { dep: { uid: world.nextUid++, replicas: 0 } });
}

function makeReplicaSet(world: World, index: number): void {
  const fn = world.fns[index];
  if (!fn?.dep) return;
  // The same template has the same name, which is taken until the old one is collected.
  const rs = fn.rs ?? { uid: world.nextUid++, dep: fn.dep.uid, replicas: 0 };
  const { replicas } = rs.dep === fn.dep.uid ? fn.dep : rs;
  changeFunction(world, index, { rs: { ...rs, replicas } });
}

/** One more, or one less: unscheduled pods go first, then those that don't run, those that aren't ready, any other. */
function listReplicaChanges(world: World, index: number): NamedChange[] {
  const rs = world.fns[index]?.rs;
  if (!rs) return [];
  const own = world.pods.filter((pod) => pod.owner === rs.uid && pod.label === index);
  if (own.length < rs.replicas) {
    const name = `the ReplicaSet of f${index} makes a pod`;
    const isGated = (pod: ModelPod): boolean => pod.label === index && pod.gated;
    const isOrdered = world.pods.some(isGated) || world.cache.pods.some(isGated);
    return (isOrdered ? [false, true] : [false]).map((isFirst) => ({
      name: isFirst ? `${name} with a name before all others` : name,
      change: (one) => makePod(one, index, rs.uid, isFirst),
    }));
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
        removePod(one, id);
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
      if (known?.rev !== claim.rev || known.outcome !== claim.outcome) {
        changes.push({ name, change: (one) => put(one, claim, planners) });
      }
      const pod = world.pods.find((one) => one.id === claim.pod);
      if (pod !== undefined && pod.label === poolLabel) continue;
      const forget = (one: World): void =>
        changeActivator(one, index, { holds: holds.filter((held) => held !== claim) });
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

interface Target {
  readonly index: number;
  readonly fn: number;
  readonly sent: number;
  /** 0: it is deleted, and the activator has not heard of it. */
  readonly rev: number;
}

function listSends(pod: ModelPod, target: Target, planners: Planners): NamedChange[] {
  const { index, fn, sent, rev } = target;
  const name = `activator ${index} sends f${fn} to pod ${pod.id}`;
  if (!pod.up || pod.failed) return [];
  if (pod.serves !== 0) return pod.serves === sent ? listSecondClaims(pod, target, name) : [];
  if (planners.isMarked && pod.bound !== 0 && pod.bound !== sent) return [];
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

/** Two activators wake the same Function, and both come to the same pod: it says to the second that it is ready. */
function listSecondClaims(pod: ModelPod, target: Target, name: string): NamedChange[] {
  const { index, fn, sent, rev } = target;
  if (pod.label !== poolLabel) return [];
  const change = (one: World): void => {
    if (rev === 0) one.faults -= 1;
    setWait(one, index, fn, 0);
    hold(one, index, { pod: pod.id, fn, rev: sent, outcome: 'serving' });
  };
  return [{ name: `${name}, which serves it`, isFault: true, change }];
}

function specialize(
  world: World,
  claim: { index: number; fn: number; rev: number; id: number; outcome?: ClaimOutcome },
): void {
  const { index, fn, rev, id, outcome } = claim;
  const pod = podOf(world, id);
  if (pod.bound !== 0 && pod.bound !== rev) world.broken = 'a pod served two Revisions';
  changePod(world, id, { serves: rev, bound: rev, failed: outcome === 'failed' });
  if (outcome !== 'unknown') setWait(world, index, fn, 0);
  if (outcome === undefined) return;
  const target = world.fns[fn];
  if (target !== undefined) changeFunction(world, fn, { asked: target.asked + 1 });
  hold(world, index, { pod: id, fn, rev, outcome });
}

/** What an activator tells of a pod is what it knows last. */
function hold(world: World, index: number, claim: ModelClaim): void {
  const others = world.activators[index]?.holds.filter((one) => one.pod !== claim.pod) ?? [];
  changeActivator(world, index, { holds: [...others, claim] });
}

function setWait(world: World, index: number, fn: number, wait: number): void {
  const waits = world.activators[index]?.waits.with(fn, wait);
  if (waits !== undefined) changeActivator(world, index, { waits });
}

/**
 * PATCH of the scale from 0 to 1, and then of one gate, for as long as it waits. With a second one lifted while the
 * first is on its way the controller would count both, ask for one more, and have that one lifted as well, and so on.
 */
function wake(world: World, index: number, fn: number, planners: Planners): void {
  const target = world.fns[fn];
  if (!target?.dep) return;
  const { dep } = target;
  const isAsking = dep.replicas === 0 || world.activators[index]?.waits[fn] === 1;
  const replicas = Math.max(1, dep.replicas);
  const asked = target.asked + Number(isAsking);
  if (isAsking) changeFunction(world, fn, { asked, dep: { ...dep, replicas } });
  setWait(world, index, fn, 2);
  const own = world.pods.filter((pod) => pod.label === fn);
  const gated = own.filter((pod) => pod.gated).sort((a, b) => a.id - b.id);
  const isFirst = gated.length === own.length;
  const lifted = planners.isLiftingOne ? gated.slice(0, isFirst ? 1 : 0) : gated;
  for (const { id } of lifted) changePod(world, id, { gated: false });
}

/** Costs no fault: that it was deleted did. */
export function listRenewals(world: World): NamedChange[] {
  return world.fns.flatMap(({ rev, dep, renewed }, fn) => {
    if (rev !== 0 || dep !== null || renewed) return [];
    const change = (one: World): void => {
      changeFunction(one, fn, { rev: fn + 3, renewed: true });
    };
    return [{ name: `f${fn} is made again`, isFault: true, change }];
  });
}

/**
 * In the place of pods that went an activator and the controller may let two start where one was on its way: each takes
 * the first by name of those that it sees, and neither has seen yet what the other took. The controller counts both
 * then, and asks for one replica more than anybody needs. One, once for each time that pods went.
 */
function allowForGone(world: World, label: number): void {
  const fn = world.fns[label];
  if (fn !== undefined) changeFunction(world, label, { asked: fn.asked + 1 });
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
      changeActivator(one, index, { holds: [], waits: waits.map(() => 0) });
    });
    for (const claim of holds) {
      if (world.late === null)
        add(`a report of pod ${claim.pod} lingers`, (one) => (one.late = claim));
    }
  });
  for (const { id, label, up, gated } of world.pods) {
    if (gated) continue;
    add(`pod ${id} is gone`, (one) => {
      removePod(one, id);
      allowForGone(one, label);
    });
    if (!up) continue;
    add(`the process in pod ${id} ends and starts again`, (one) => {
      changePod(one, id, { serves: 0, failed: false });
    });
  }
  world.fns.forEach(({ rev, dep, asked }, fn) => {
    const addChange = (name: string, change: Partial<ModelFunction>): void =>
      add(name, (one) => changeFunction(one, fn, change));
    if (dep !== null) {
      // Its pods count until they are collected, and may for a moment be one too many.
      addChange(`the Deployment of f${fn} is deleted`, { dep: null, asked: asked + 1 });
    }
    if (rev !== 0) addChange(`f${fn} is deleted`, { rev: 0 });
    if (dep === null || dep.replicas === 0) return;
    const asleep = { scaledIn: true, asked: asked + 1, dep: { ...dep, replicas: 0 } };
    addChange(`the autoscaler puts f${fn} to sleep`, asleep);
  });
  return faults;
}
