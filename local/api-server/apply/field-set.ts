// A set of field paths as a tree, and how Kubernetes writes it down in managedFields (FieldsV1).

import { isMap } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import { comparePathElements, parsePathElement } from './path-element.ts';

/** A field is in the set when its node is `own`; a node without `own` is only on the way to one. Never changed. */
export interface FieldSet {
  readonly own: boolean;
  /** By path element, as path-element.ts writes it; never an empty map. */
  readonly kids?: ReadonlyMap<string, FieldSet>;
}

export const emptySet: FieldSet = { own: false };
export const onlySelf: FieldSet = { own: true };

/** Deeper than this is no Kubernetes object; a longer way down is cut off. */
const depthMax = 500;

type Kids = Map<string, FieldSet>;

function node(own: boolean, kids: Kids): FieldSet {
  return kids.size === 0 ? (own ? onlySelf : emptySet) : { own, kids };
}

export function isEmptySet(set: FieldSet): boolean {
  return !set.own && set.kids === undefined;
}

export function kidOf(set: FieldSet, element: string): FieldSet {
  return set.kids?.get(element) ?? emptySet;
}

export function hasPath(set: FieldSet, path: readonly string[]): boolean {
  let at = set;
  for (const element of path) at = kidOf(at, element);
  return at.own;
}

export function setOf(paths: readonly (readonly string[])[]): FieldSet {
  const builder = new FieldSetBuilder();
  for (const path of paths) builder.add(path);
  return builder.build();
}

export function unionSets(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(left)) return right;
  if (isEmptySet(right)) return left;
  const kids: Kids = new Map(left.kids);
  for (const [element, kid] of right.kids ?? []) {
    const mine = kids.get(element);
    kids.set(element, mine === undefined ? kid : unionSets(mine, kid));
  }
  return node(left.own || right.own, kids);
}

export function intersectSets(left: FieldSet, right: FieldSet): FieldSet {
  const kids: Kids = new Map();
  for (const [element, kid] of left.kids ?? []) {
    const other = right.kids?.get(element);
    if (other === undefined) continue;
    const both = intersectSets(kid, other);
    if (!isEmptySet(both)) kids.set(element, both);
  }
  return node(left.own && right.own, kids);
}

/** What is in `left` only. A field of `right` takes away itself, not what is below it. */
export function subtractSets(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  const kids: Kids = new Map();
  for (const [element, kid] of left.kids ?? []) {
    const rest = subtractSets(kid, kidOf(right, element));
    if (!isEmptySet(rest)) kids.set(element, rest);
  }
  return node(left.own && !right.own, kids);
}

/** The same, but a field of `right` takes away everything below it, too. */
export function subtractTrees(left: FieldSet, right: FieldSet): FieldSet {
  if (isEmptySet(right)) return left;
  const kids: Kids = new Map();
  for (const [element, kid] of left.kids ?? []) {
    const other = kidOf(right, element);
    const rest = other.own ? emptySet : subtractTrees(kid, other);
    if (!isEmptySet(rest)) kids.set(element, rest);
  }
  return node(left.own && !right.own, kids);
}

/** Every path of the set in Kubernetes' order: at each level first the fields themselves, then what is below. */
export function listPaths(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const paths: string[][] = [];
  const sorted = sortKids(set);
  for (const [element, kid] of sorted) if (kid.own) paths.push([...prefix, element]);
  for (const [element, kid] of sorted) paths.push(...listPaths(kid, [...prefix, element]));
  return paths;
}

function sortKids(set: FieldSet): [string, FieldSet][] {
  const kids = [...(set.kids ?? [])];
  return kids.length < 2 ? kids : kids.sort(([left], [right]) => comparePathElements(left, right));
}

/** FieldsV1. */
export function encodeSet(set: FieldSet): JsonMap {
  const fields: JsonMap = {};
  if (set.own && set.kids !== undefined) fields['.'] = {};
  // No element is a name that an assignment would take for something else: all have a prefix.
  for (const [element, kid] of sortKids(set)) fields[element] = encodeSet(kid);
  return fields;
}

/** Undefined for what isn't FieldsV1. Elements of a kind that nobody knows are left out, as Kubernetes does. */
export function decodeSet(fields: unknown): FieldSet | undefined {
  if (!isMap(fields)) return undefined;
  return decodeNode(fields, false, 0);
}

function decodeNode(fields: JsonMap, own: boolean, depth: number): FieldSet | undefined {
  if (depth > depthMax) return undefined;
  const kids: Kids = new Map();
  for (const key of Object.keys(fields)) {
    if (key === '.') continue;
    const element = parsePathElement(key);
    if (element === 'unknown') continue;
    const inner = fields[key];
    if (element === 'invalid' || !isMap(inner)) return undefined;
    const isLeaf = Object.keys(inner).every((one) => one === '.');
    const kid = decodeNode(inner, isLeaf || Object.hasOwn(inner, '.'), depth + 1);
    if (kid === undefined) return undefined;
    kids.set(element, kid);
  }
  return node(own, kids);
}

interface Draft {
  own: boolean;
  kids?: Map<string, Draft>;
}

/** Collects paths one by one. */
export class FieldSetBuilder {
  readonly #root: Draft = { own: false };

  /** The whole object has no owner, so an empty path adds nothing. */
  add(path: readonly string[]): void {
    if (path.length === 0) return;
    let at = this.#root;
    for (const element of path) {
      at.kids ??= new Map();
      let next = at.kids.get(element);
      if (next === undefined) {
        next = { own: false };
        at.kids.set(element, next);
      }
      at = next;
    }
    at.own = true;
  }

  /** The builder must not be used afterwards. */
  build(): FieldSet {
    return this.#root;
  }
}
