// When there is more to start than the nodes get done.

import { describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../../api/kubernetes.ts';
import { deriveCrowded } from '../../../../controller/autoscaler/derive-crowded.ts';

interface Change {
  readonly metadata?: Partial<Pod['metadata']>;
  readonly spec?: Partial<Pod['spec']>;
  readonly status?: Partial<Pod['status']>;
}

const pod = (change: Change = {}): Pod =>
  ({
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name: 'a', ...change.metadata },
    spec: { containers: [], nodeName: 'one', ...change.spec },
    status: { phase: 'Pending', ...change.status },
  }) as unknown as Pod;
const many = (count: number, change?: Change): Pod[] =>
  Array.from({ length: count }, () => pod(change));

describe('deriveCrowded', () => {
  it('is so with more than two starting per node', () => {
    expect(deriveCrowded([])).toBe(false);
    expect(deriveCrowded(many(2))).toBe(false);
    expect(deriveCrowded(many(3))).toBe(true);
    const running = pod({ spec: { nodeName: 'two' }, status: { phase: 'Running' } });
    expect(deriveCrowded([...many(3), running])).toBe(false);
    expect(deriveCrowded([...many(5), running])).toBe(true);
  });

  it.each<[string, Change]>([
    ['run', { status: { phase: 'Running' } }],
    ['have ended', { status: { phase: 'Succeeded' } }],
    ['are being deleted', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
    ['are gated', { spec: { schedulingGates: [{ name: 'rouse.dev/claim' }] } }],
    [
      'find no room',
      {
        status: {
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
        },
      },
    ],
  ])('does not count those that %s', (_what, change) => {
    expect(deriveCrowded(many(9, change))).toBe(false);
  });
});
