// The ranking of pods that a ReplicaSet gives up.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pickPodsToDelete } from '../../../../local/workloads/pick-pods-to-delete.ts';
import { buildPodWith, nowMs, type PodFacts } from './build-workloads.ts';

/** The name of the one of two that goes. */
function first(a: PodFacts, b: PodFacts): string {
  const pods = [buildPodWith({ ...a, name: 'a' }), buildPodWith({ ...b, name: 'b' })];
  const forth = pickPodsToDelete(pods, pods, { count: 1, nowMs })[0]?.metadata.name;
  const back = pickPodsToDelete([...pods].reverse(), pods, { count: 1, nowMs })[0]?.metadata.name;
  expect(back).toBe(forth);
  return forth ?? '';
}

describe('pickPodsToDelete', () => {
  it('gives up a gated pod before a claimed one, whatever else speaks for it', () => {
    const gated = { node: '', phase: 'Pending', cost: '1000' } as const;
    expect(first(gated, { readySeconds: 1, cost: '-1000', restarts: 9 })).toBe('a');
  });

  it.each<[string, PodFacts, PodFacts]>([
    ['pending before unknown', { phase: 'Pending' }, { phase: 'Unknown' }],
    ['unknown before running', { phase: 'Unknown' }, { phase: 'Running' }],
    ['not ready before ready', {}, { readySeconds: 1 }],
    ['not ready before ready at a lower cost', { cost: '5' }, { readySeconds: 1, cost: '-5' }],
    ['the cheaper before the dearer', { readySeconds: 9, cost: '-1' }, { readySeconds: 1 }],
    ['ready for less time', { readySeconds: 1 }, { readySeconds: 1000 }],
    ['more restarts', { readySeconds: 5, restarts: 2 }, { readySeconds: 5, restarts: 1 }],
    ['the newer', { ageSeconds: 1 }, { ageSeconds: 1000 }],
  ])('gives up %s', (_what, goes, stays) => {
    expect(first(goes, stays)).toBe('a');
  });

  it('takes a cost that is no 32-bit integer for none', () => {
    for (const cost of ['cheap', '1.5', '+1', '01', '4294967296', '']) {
      expect(first({ cost: '-1' }, { cost })).toBe('a');
    }
  });

  it('gives up pods that share their node with more of their kind', () => {
    const pods = ['x', 'x', 'y'].map((node, index) =>
      buildPodWith({ name: `${node}${index}`, node, readySeconds: 10 }),
    );
    const [gone] = pickPodsToDelete(pods, pods, { count: 1, nowMs });
    expect(gone?.spec.nodeName).toBe('x');
  });

  it('takes pods of about one age in the order of their uids', () => {
    expect(first({ readySeconds: 1000 }, { readySeconds: 900 })).toBe('a');
    expect(first({ readySeconds: 900 }, { readySeconds: 1000 })).toBe('a');
  });

  it('never keeps an unassigned or unready pod and gives up a better one', () => {
    const facts = fc.record({
      node: fc.constantFrom('', 'n', 'm'),
      phase: fc.constantFrom('Pending', 'Running', 'Unknown'),
      readySeconds: fc.option(fc.nat(10_000), { nil: undefined }),
      cost: fc.option(fc.integer({ min: -9, max: 9 }).map(String), { nil: undefined }),
      restarts: fc.nat(5),
      ageSeconds: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(facts, { maxLength: 12 }), fc.nat(12), (all, count) => {
        const pods = all.map((one, index) =>
          buildPodWith({ ...(one as PodFacts), name: `p${index}` }),
        );
        const gone = pickPodsToDelete(pods, pods, { count, nowMs });
        expect(gone).toHaveLength(Math.min(count, pods.length));
        const kept = pods.filter((pod) => !gone.includes(pod));
        const assigned = (pod: (typeof pods)[0]) => Number(pod.spec.nodeName !== undefined);
        for (const one of gone) {
          for (const other of kept) expect(assigned(one)).toBeLessThanOrEqual(assigned(other));
        }
      }),
    );
  });
});
