// How many pods the nodes have to start, and which wait for their turn.

import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../api/kubernetes.ts';
import { claimGate, refillGate } from '../../../api/names.ts';
import { deriveStarts, startMsMax } from '../../../controller/derive-starts.ts';

interface Change {
  readonly metadata?: Partial<Pod['metadata']>;
  readonly spec?: Partial<Pod['spec']>;
  readonly status?: Partial<Pod['status']>;
}

const nowMs = Date.parse('2026-01-01T00:01:00Z');
const pod = (change: Change = {}): Pod =>
  ({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'a', namespace: 'shop', ...change.metadata },
    spec: { containers: [], nodeName: 'one', ...change.spec },
    status: { phase: 'Pending', ...change.status },
  }) as unknown as Pod;
const scheduledAgo = (ms: number): Change => ({
  status: {
    conditions: [
      {
        ...{ type: 'PodScheduled', status: 'True' },
        lastTransitionTime: new Date(nowMs - ms).toISOString(),
      },
    ],
  },
});

describe('deriveStarts', () => {
  it('counts what is on its way, and the nodes', () => {
    expect(deriveStarts([], nowMs)).toEqual({ nodes: 1, starting: 0, isFull: false, waiting: [] });
    const running = pod({ spec: { nodeName: 'two' }, status: { phase: 'Running' } });
    const found = deriveStarts([pod(), pod(scheduledAgo(startMsMax)), running], nowMs);
    expect(found).toEqual({ nodes: 2, starting: 2, isFull: false, waiting: [] });
  });

  it.each<[string, Change]>([
    ['run', { status: { phase: 'Running' } }],
    ['have ended', { status: { phase: 'Succeeded' } }],
    ['are being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    ['are gated', { spec: { schedulingGates: [{ name: claimGate }] } }],
    ['take long', scheduledAgo(startMsMax + 1)],
    [
      'find no room',
      {
        status: {
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
        },
      },
    ],
  ])('does not count those that %s', (_what, change) => {
    expect(deriveStarts([pod(change)], nowMs)).toMatchObject({ starting: 0, waiting: [] });
  });

  it('says when a pod finds no room', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' },
    ] as const;
    const full = pod({ status: { conditions: [...conditions] } });
    expect(deriveStarts([pod(), full], nowMs)).toMatchObject({ starting: 1, isFull: true });
  });

  it('lists parked pods that are held back, the oldest first', () => {
    const held = (name: string, second: number): Pod =>
      pod({
        metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` },
        spec: { schedulingGates: [{ name: refillGate }] },
      });
    const { starting, waiting } = deriveStarts([held('b', 2), held('c', 1), held('a', 2)], nowMs);
    expect(starting).toBe(0);
    expect(waiting.map((one) => one.metadata.name)).toEqual(['c', 'a', 'b']);
  });
});
