// The cells of a pod in a table: how many containers are ready, what state they are in, how often they restarted.

import type { Container, ContainerStatus, Pod } from '../../../api/kubernetes.ts';
import { buildAge } from './build-age.ts';

type PodStatus = NonNullable<Pod['status']> & {
  initContainerStatuses?: ContainerStatus[];
  nominatedNodeName?: string;
};

interface Tally {
  reason: string;
  ready: number;
  restarts: number;
  /** Milliseconds since the epoch; 0: never. */
  lastRestartMs: number;
}

export function buildPodCells(pod: Pod, nowMs: number): unknown[] {
  const status: PodStatus = pod.status ?? {};
  const tally: Tally = { reason: startReason(status), ready: 0, restarts: 0, lastRestartMs: 0 };
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
  const isInitializing = tallyInitContainers(pod, status, tally);
  if (!isInitializing || hasCondition(status, 'Initialized')) tallyContainers(pod, status, tally);
  const total = pod.spec.containers.length + sidecars.length;
  const { restarts, lastRestartMs } = tally;
  const since =
    restarts > 0 && lastRestartMs > 0
      ? ` (${buildAge(new Date(lastRestartMs).toISOString(), nowMs)} ago)`
      : '';
  return [
    pod.metadata.name,
    `${tally.ready}/${total}`,
    endReason(pod, status, tally.reason),
    `${restarts}${since}`,
    buildAge(pod.metadata.creationTimestamp, nowMs),
    status.podIPs?.[0]?.ip || '<none>',
    pod.spec.nodeName || '<none>',
    status.nominatedNodeName || '<none>',
    readinessGates(pod, status),
  ];
}

/** Marks of a row that `kubectl get --field-selector`-like filters of old clients use. */
export function buildPodRowConditions(pod: Pod): object[] | undefined {
  const phase = pod.status?.phase;
  if (phase !== 'Succeeded' && phase !== 'Failed') return undefined;
  const message = phase === 'Succeeded' ? 'The pod has completed successfully.' : 'The pod failed.';
  return [{ type: 'Completed', status: 'True', reason: phase, message }];
}

function startReason(status: PodStatus): string {
  const isGated = status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (isGated === true) return 'SchedulingGated';
  return status.reason || status.phase || '';
}

function endReason(pod: Pod, status: PodStatus, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (status.reason === 'NodeLost') return 'Unknown';
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed';
  return isOver ? reason : 'Terminating';
}

const isSidecar = (container: Container | undefined): boolean =>
  container?.['restartPolicy'] === 'Always';

/** Whether an init container still has to finish. */
function tallyInitContainers(pod: Pod, status: PodStatus, tally: Tally): boolean {
  const containers = new Map((pod.spec.initContainers ?? []).map((one) => [one.name, one]));
  const statuses = status.initContainerStatuses ?? [];
  for (const [index, one] of statuses.entries()) {
    countRestarts(one, tally);
    const isOwn = isSidecar(containers.get(one.name));
    if (one.state?.terminated?.exitCode === 0) continue;
    if (isOwn && one.started === true) {
      if (one.ready) tally.ready++;
      continue;
    }
    tally.reason = `Init:${initReason(one) ?? `${index}/${containers.size}`}`;
    return true;
  }
  return false;
}

function initReason({ state }: ContainerStatus): string | undefined {
  if (state?.terminated !== undefined) return exitReason(state.terminated);
  const waiting = state?.waiting?.reason;
  return waiting === undefined || waiting === '' || waiting === 'PodInitializing'
    ? undefined
    : waiting;
}

function exitReason(ended: { reason?: string; signal?: number; exitCode: number }): string {
  if (ended.reason !== undefined && ended.reason !== '') return ended.reason;
  if (ended.signal !== undefined && ended.signal !== 0) return `Signal:${ended.signal}`;
  return `ExitCode:${ended.exitCode}`;
}

function tallyContainers(pod: Pod, status: PodStatus, tally: Tally): void {
  const containers = new Map((pod.spec.initContainers ?? []).map((one) => [one.name, one]));
  // Restarts of init containers that are over don't count, those of sidecars do.
  tally.restarts = 0;
  tally.lastRestartMs = 0;
  for (const one of status.initContainerStatuses ?? []) {
    if (isSidecar(containers.get(one.name))) countRestarts(one, tally);
  }
  const seen: Seen = { isRunning: false, errorReason: '' };
  // From the last to the first, so that the first container's state is the one that shows.
  for (const one of (status.containerStatuses ?? []).toReversed()) {
    countRestarts(one, tally);
    tallyState(one, tally, seen);
  }
  if (tally.reason === 'Completed') tally.reason = completedReason(status, seen);
}

interface Seen {
  isRunning: boolean;
  errorReason: string;
}

function tallyState({ state, ready }: ContainerStatus, tally: Tally, seen: Seen): void {
  const { waiting, terminated, running } = state ?? {};
  if (waiting?.reason !== undefined && waiting.reason !== '') {
    tally.reason = waiting.reason;
  } else if (terminated !== undefined) {
    tally.reason = exitReason(terminated);
    if (terminated.exitCode !== 0) seen.errorReason = tally.reason;
  } else if (ready && running !== undefined) {
    seen.isRunning = true;
    tally.ready++;
  }
}

/** One container being done doesn't make a pod done. */
function completedReason(status: PodStatus, { isRunning, errorReason }: Seen): string {
  if (isRunning && hasCondition(status, 'Ready')) return 'Running';
  if (errorReason !== '') return errorReason;
  return isRunning ? 'NotReady' : 'Completed';
}

function countRestarts(status: ContainerStatus, tally: Tally): void {
  tally.restarts += status.restartCount ?? 0;
  const finished = Date.parse(status.lastState?.terminated?.finishedAt ?? '');
  if (finished > tally.lastRestartMs) tally.lastRestartMs = finished;
}

function hasCondition(status: PodStatus, type: string): boolean {
  return (status.conditions ?? []).some((one) => one.type === type && one.status === 'True');
}

function readinessGates(pod: Pod, status: PodStatus): string {
  const gates = (pod.spec['readinessGates'] ?? []) as { conditionType: string }[];
  if (gates.length === 0) return '<none>';
  const open = gates.filter((gate) => hasCondition(status, gate.conditionType));
  return `${open.length}/${gates.length}`;
}
