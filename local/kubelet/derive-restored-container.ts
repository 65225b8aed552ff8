// Where a container stands when a kubelet takes it over from an earlier one.

import type { ContainerState, ContainerStatus } from '../../api/kubernetes.ts';
import { timeText } from './derive-pod-status.ts';

export interface RestoredContainer {
  /** Terminated: the restart policy decides what follows. Waiting: it is started. */
  readonly state: ContainerState;
  readonly lastState: ContainerState | undefined;
  readonly restartCount: number;
}

/** As if SIGKILL had ended it: nobody saw how it ended. */
const exitCodeLost = 137;

/**
 * No process outlives its kubelet, so one that was reported as running has ended. `hasRun`: a process was recorded, so
 * it ran even if no status got to say so.
 */
export function deriveRestoredContainer(
  before: ContainerStatus | undefined,
  hasRun: boolean,
  nowMs: number,
): RestoredContainer {
  const { restartCount = 0, state, lastState: last } = before ?? {};
  const lastState = last?.terminated === undefined ? undefined : last;
  if (state?.terminated !== undefined) return { state, lastState, restartCount };
  if (state?.running !== undefined) {
    return { state: lost(state.running.startedAt, nowMs), lastState, restartCount };
  }
  const creating = { waiting: { reason: 'ContainerCreating' } };
  // In back-off when the kubelet stopped: the count goes on, the waiting does not.
  if (lastState !== undefined) {
    return { state: creating, lastState, restartCount: restartCount + 1 };
  }
  return { state: hasRun ? lost(undefined, nowMs) : creating, lastState, restartCount };
}

function lost(startedAt: string | undefined, nowMs: number): ContainerState {
  return {
    terminated: {
      exitCode: exitCodeLost,
      reason: 'Error',
      message: 'the process ended with the local cluster',
      ...(startedAt !== undefined && { startedAt }),
      finishedAt: timeText(nowMs),
    },
  };
}
