// An object with the applied configuration merged into it: what the configuration says wins, the rest stays.

import { isMap, setKey } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import { groupItems, itemElement } from './list-items.ts';
import type { ListType, MapType, MergeType, Shape } from './merge-type.ts';
import { shapeOf } from './merge-type.ts';

/** Undefined when nothing is left. Parts of the arguments are taken over, not copied. */
export function mergeTyped(type: MergeType, live: unknown, config: unknown): unknown {
  return mergeShape(type, shapeOf(type, config === undefined ? live : config), live, config);
}

function mergeShape(type: MergeType, shape: Shape, live: unknown, config: unknown): unknown {
  if (shape === 'map' && type.map !== undefined) return mergeMap(type.map, live, config);
  if (shape === 'list' && type.list !== undefined) return mergeList(type.list, live, config);
  return config === undefined ? live : config;
}

function mergeMap(map: MapType, live: unknown, config: unknown): unknown {
  const mine = isMap(live) ? live : {};
  const theirs = isMap(config) ? config : {};
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  if (map.isAtomic || names.size === 0) return config === undefined ? live : config;
  const merged: JsonMap = {};
  for (const name of names) {
    const type = map.fields.get(name)?.type ?? map.rest;
    if (type === undefined) continue;
    const before = Object.hasOwn(mine, name) ? mine[name] : undefined;
    const after = Object.hasOwn(theirs, name) ? theirs[name] : undefined;
    const value = mergeTyped(type, before, after);
    if (value !== undefined) setKey(merged, name, value);
  }
  return Object.keys(merged).length > 0 ? merged : undefined;
}

function mergeList(list: ListType, live: unknown, config: unknown): unknown {
  const mine = Array.isArray(live) ? (live as unknown[]) : [];
  const theirs = Array.isArray(config) ? (config as unknown[]) : [];
  if (list.isAtomic || (mine.length === 0 && theirs.length === 0)) {
    return config === undefined ? live : config;
  }
  const known = groupItems(list, mine);
  const order = planOrder(
    mine.map((item) => itemElement(list, item)),
    theirs.map((item) => itemElement(list, item)),
  );
  return order.map(({ from, at, element }) => {
    if (from === 'live') return mergeTyped(list.item, mine[at], undefined);
    const items = known.get(element) ?? [];
    // Items that repeat aren't merged with: nobody could say with which of them.
    const before = items.length > 1 ? null : items[0];
    return mergeTyped(list.item, before, theirs[at]);
  });
}

interface Slot {
  readonly from: 'live' | 'config';
  readonly at: number;
  readonly element: string;
}

/**
 * Items of the configuration keep its order; those that only the live list has stay in front of the next item that
 * both have.
 */
function planOrder(live: readonly string[], config: readonly string[]): Slot[] {
  const [inLive, inConfig, done] = [new Set(live), new Set(config), new Set<string>()];
  const shared = config.filter((one) => inLive.has(one));
  const slots: Slot[] = [];
  let left = 0;
  let right = 0;
  const take = (element: string): void => {
    slots.push({ from: 'config', at: right, element });
    done.add(element);
    right += 1;
    if (shared[0] === element) shared.shift();
  };
  while (left < live.length || right < config.length) {
    const mine = live[left];
    const theirs = config[right];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        left += 1;
        take(theirs);
        continue;
      }
      if (inConfig.has(mine) && shared.length > 0 && shared[0] !== mine) {
        left += 1;
        continue;
      }
    }
    if (mine !== undefined && !inConfig.has(mine)) {
      slots.push({ from: 'live', at: left, element: mine });
      left += 1;
      continue;
    }
    if (mine !== undefined && done.has(mine)) left += 1;
    if (theirs !== undefined) take(theirs);
  }
  return slots;
}
