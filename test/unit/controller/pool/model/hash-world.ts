// A number for a state, the same for states that differ in names only: of pods, activators, Functions and uids.

import { poolLabel, type ModelClaim, type ModelPod, type World } from './world.ts';

/** Looked up once: inside a test each use of a global costs more than what it does. */
const { floor, imul, min } = Math;

/**
 * A hash of 96 bits stands for the state. Two of n states share one with a probability of n * n / 2^97 at most, for
 * forty million 1e-14; then one of them would not be looked at (Wolper and Leroy, "Reliable hashing without collision
 * detection", 1993, as later in Holzmann's SPIN).
 */
export const hashWords = 3;

/**
 * What each place in here is for is in `world.ts`; no step asks an activator for its index or a Function for its name,
 * so all orders of these have the same future (Clarke, Emerson, Jha and Sistla, "Symmetry reductions in model
 * checking", 1998). The least hash of all orders stands for them. Pods are sorted by what they are; only those with a
 * gate are told apart by the order of their names too, since whoever lifts one takes the first.
 */
export function hashWorld(world: World, hash: Uint32Array): void {
  hash.fill(0xff_ff_ff_ff);
  const fnOrders = orders[world.fns.length] ?? [];
  const activatorOrders = orders[world.activators.length] ?? [];
  for (const fnOrder of fnOrders) {
    for (const activatorOrder of activatorOrders) {
      hashInOrder(world, fnOrder, activatorOrder);
      if (isLess(lanes, hash)) hash.set(lanes);
    }
  }
}

/** By number of things: every order of them. */
const orders: readonly (readonly (readonly number[])[])[] = [
  [[]],
  [[0]],
  [
    [0, 1],
    [1, 0],
  ],
  [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ],
];

const lanes = new Uint32Array(hashWords);

function isLess(one: Uint32Array, other: Uint32Array): boolean {
  for (let at = 0; at < hashWords; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** As MurmurHash3 mixes, three times over with other constants. */
let a = 0;
let b = 0;
let c = 0;

function add(value: number): void {
  let k = imul(value, 0xcc_9e_2d_51);
  k = (k << 15) | (k >>> 17);
  a ^= imul(k, 0x1b_87_35_93);
  a = (a << 13) | (a >>> 19);
  a = (imul(a, 5) + 0xe6_54_6b_64) | 0;
  k = imul(value, 0x23_9b_96_1b);
  k = (k << 16) | (k >>> 16);
  b ^= imul(k, 0xab_0e_97_89);
  b = (b << 19) | (b >>> 13);
  b = (imul(b, 5) + 0x56_1c_cd_1b) | 0;
  k = imul(value, 0x38_b3_4a_e5);
  k = (k << 17) | (k >>> 15);
  c ^= imul(k, 0xa1_e3_8b_93);
  c = (c << 15) | (c >>> 17);
  c = (imul(c, 5) + 0x0b_ca_a7_47) | 0;
}

function finish(value: number): number {
  let h = imul(value ^ (value >>> 16), 0x85_eb_ca_6b);
  h = imul(h ^ (h >>> 13), 0xc2_b2_ae_35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashInOrder(
  world: World,
  fnOrder: readonly number[],
  activatorOrder: readonly number[],
): void {
  [a, b, c] = [0x2f_6e_2b_1, 0x51_ed_27_0b, 0x7a_c3_95_5d];
  add(world.faults * 2 + +world.swept);
  if (world.broken !== null) add(-world.broken.length);
  for (const fn of fnOrder) addFunction(world, fn);
  for (const activator of activatorOrder) {
    let waits = 0;
    for (const fn of fnOrder) waits = waits * 3 + (world.activators[activator]?.waits[fn] ?? 0);
    add(waits);
  }
  addPods(world, fnOrder, activatorOrder);
  [a, b, c] = [a ^ b, b ^ c, c ^ a];
  lanes[0] = finish(a);
  lanes[1] = finish(b);
  lanes[2] = finish(c);
}

/** Of uids only who shares which can be told. */
function addFunction({ fns, cache }: World, index: number): void {
  const fn = fns[index];
  const seen = cache.deps[index];
  if (fn === undefined || seen === undefined) return;
  const { dep, rs } = fn;
  const set = cache.sets[index] ?? null;
  add(generationOf(fn.rev) * 4 + +fn.renewed * 2 + +fn.scaledIn);
  add(fn.asked * 4 + generationOf(seen.rev));
  add(sizeOf(dep) * 4096 + sizeOf(rs) * 256 + sizeOf(seen.dep) * 16 + sizeOf(set));
  let uids = indexOfUid(rs?.dep, dep?.uid) * 1000;
  uids += indexOfUid(seen.dep?.uid, dep?.uid, rs?.dep) * 100;
  uids += indexOfUid(set?.dep, dep?.uid, rs?.dep, seen.dep?.uid) * 10;
  add(uids + indexOfUid(set?.uid, rs?.uid));
}

function generationOf(rev: number): number {
  return rev === 0 ? 0 : 1 + ((rev - 1) >> 1);
}

function sizeOf(scaled: { readonly replicas: number } | null): number {
  return scaled === null ? 0 : 1 + scaled.replicas;
}

function indexOfUid(uid: number | undefined, ...others: (number | undefined)[]): number {
  return uid === undefined ? 9 : others.indexOf(uid) + 1;
}

const codes: number[] = [];

function addPods(
  world: World,
  fnOrder: readonly number[],
  activatorOrder: readonly number[],
): void {
  const { pods, cache } = world;
  codes.length = 0;
  for (const pod of pods) {
    const cached = cache.pods === pods ? pod : cache.pods.find((one) => one.id === pod.id);
    const claims = codeClaims(world, pod.id, fnOrder, activatorOrder);
    insert(codePod(world, pod, cached, fnOrder) * 2 ** 20 + claims);
  }
  for (const cached of cache.pods === pods ? [] : cache.pods) {
    if (pods.some((one) => one.id === cached.id)) continue;
    const claims = codeClaims(world, cached.id, fnOrder, activatorOrder);
    insert(codePod(world, undefined, cached, fnOrder) * 2 ** 20 + claims);
  }
  for (const code of codes) {
    add(floor(code / 2 ** 24));
    add(code % 2 ** 24);
  }
}

/** Sorted. */
function insert(code: number): void {
  let at = codes.length;
  for (; at > 0 && (codes[at - 1] ?? 0) > code; at -= 1) codes[at] = codes[at - 1] ?? 0;
  codes[at] = code;
}

function codePod(
  world: World,
  pod: ModelPod | undefined,
  cached: ModelPod | undefined,
  fnOrder: readonly number[],
): number {
  let code = 0;
  if (pod !== undefined) {
    code = codeObject(world, pod, fnOrder) * 2 + +pod.failed;
    code = 1 + (code * 5 + codeRevision(pod.serves, fnOrder)) * 5;
    code += codeRevision(pod.bound, fnOrder);
  }
  code = code * 256 + codeCached(world, pod, cached, fnOrder);
  return code * 8 + rankOfName(world, pod, cached);
}

/**
 * Whether a pod that the cache has as the pool's is up is asked only when it is a Function's and serves nothing: after
 * its process has ended once more, or if it has before.
 */
function codeCached(
  world: World,
  pod: ModelPod | undefined,
  cached: ModelPod | undefined,
  fnOrder: readonly number[],
): number {
  if (cached === undefined) return 0;
  const isAgain = world.faults > 0 || (pod !== undefined && pod.bound !== 0 && pod.serves === 0);
  if (cached.label === poolLabel && !isAgain) return 1;
  return 1 + codeObject(world, cached, fnOrder);
}

/** What the API server's object of it says, in less than 192. */
function codeObject(world: World, pod: ModelPod, fnOrder: readonly number[]): number {
  if (pod.label === poolLabel) return +pod.up;
  const code = (1 + fnOrder.indexOf(pod.label)) * 16 + codeOwner(world, pod);
  return (code * 2 + +pod.gated) * 2 + +pod.up;
}

/** What somebody knows by its uid, and of the others only which are the same. */
function codeOwner(world: World, { label, owner }: ModelPod): number {
  if (owner === 0) return 0;
  if (owner === world.fns[label]?.rs?.uid) return 1;
  if (owner === world.cache.sets[label]?.uid) return 2;
  const lesser = new Set<number>();
  const note = (one: ModelPod): void => {
    if (one.label === label && one.owner !== 0 && one.owner < owner) lesser.add(one.owner);
  };
  world.pods.forEach(note);
  world.cache.pods.forEach(note);
  return min(15, 3 + lesser.size);
}

/** Among the pods of the Function that have a gate, as far as anybody knows. */
function rankOfName(world: World, pod?: ModelPod, cached?: ModelPod): number {
  if (pod?.gated !== true && cached?.gated !== true) return 0;
  const { id, label } = (pod ?? cached) as ModelPod;
  const lesser = new Set<number>();
  const note = (one: ModelPod): void => {
    if (one.gated && one.label === label && one.id < id) lesser.add(one.id);
  };
  world.pods.forEach(note);
  world.cache.pods.forEach(note);
  return min(7, lesser.size);
}

function codeRevision(rev: number, fnOrder: readonly number[]): number {
  return rev === 0 ? 0 : 1 + fnOrder.indexOf((rev - 1) % 2) + ((rev - 1) >> 1) * 2;
}

/** Who claims the pod for which Revision, in less than 2^19 with three activators. */
function codeClaims(
  { late, book, activators }: World,
  id: number,
  fnOrder: readonly number[],
  activatorOrder: readonly number[],
): number {
  let code = late?.pod === id ? codeClaim(late, fnOrder) : 0;
  code = code * 13 + codeClaim(claimOf(book, id), fnOrder);
  for (const index of activatorOrder) {
    code = code * 13 + codeClaim(claimOf(activators[index]?.holds ?? [], id), fnOrder);
  }
  return code;
}

function claimOf(claims: readonly ModelClaim[], id: number): ModelClaim | undefined {
  return claims.find((one) => one.pod === id);
}

function codeClaim(claim: ModelClaim | undefined, fnOrder: readonly number[]): number {
  if (claim === undefined) return 0;
  return (codeRevision(claim.rev, fnOrder) - 1) * 3 + outcomes.indexOf(claim.outcome) + 1;
}

const outcomes = ['unknown', 'serving', 'failed'];
