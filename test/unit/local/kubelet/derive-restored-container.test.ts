// What a kubelet makes of containers that an earlier one left.

import { describe, expect, it } from '@jest/globals';
import type { ContainerStatus } from '../../../../api/kubernetes.ts';
import { deriveRestoredContainer } from '../../../../local/kubelet/derive-restored-container.ts';

const status = (facts: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'c',
  image: '',
  ready: false,
  restartCount: 2,
  ...facts,
});
const ended = { terminated: { exitCode: 1 } };

describe('deriveRestoredContainer', () => {
  it('starts what never ran', () => {
    const restored = deriveRestoredContainer(undefined, false, 0);
    const state = { waiting: { reason: 'ContainerCreating' } };
    expect(restored).toEqual({ state, lastState: undefined, restartCount: 0 });
  });

  it('takes what was running for killed', () => {
    const before = status({ state: { running: { startedAt: 'then' } } });
    const { state, restartCount } = deriveRestoredContainer(before, false, 0);
    expect(state.terminated).toMatchObject({ exitCode: 137, reason: 'Error', startedAt: 'then' });
    expect(restartCount).toBe(2);
  });

  it('takes what was recorded but never reported for killed too', () => {
    expect(deriveRestoredContainer(undefined, true, 0).state.terminated?.exitCode).toBe(137);
  });

  it('keeps how a container ended', () => {
    const before = status({ state: ended });
    expect(deriveRestoredContainer(before, true, 0).state).toBe(ended);
  });

  it('ends a back-off, and counts the restart', () => {
    const before = status({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended });
    const restored = deriveRestoredContainer(before, true, 0);
    expect(restored).toMatchObject({ lastState: ended, restartCount: 3 });
    expect(restored.state.waiting?.reason).toBe('ContainerCreating');
  });
});
