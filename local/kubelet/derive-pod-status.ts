// A pod's status, from what the kubelet knows of its containers.

import type { Condition, ContainerState, ContainerStatus, Pod } from '../../api/kubernetes.ts';

export interface ContainerFacts {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState: ContainerState | undefined;
  readonly restartCount: number;
  readonly isReady: boolean;
  readonly isStarted: boolean;
  /** Identity of the running or last process, for containerID. */
  readonly processId: string | undefined;
  /** It ended and will not be started again. */
  readonly isFinal: boolean;
}

export interface PodFacts {
  readonly address: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly containers: readonly ContainerFacts[];
  /** In order; sidecars among them count as done when they have started. */
  readonly initContainers: readonly InitContainerFacts[];
}

export interface InitContainerFacts extends ContainerFacts {
  /** An init container that goes on running beside the others. */
  readonly isSidecar: boolean;
}

export type PodStatus = NonNullable<Pod['status']> & {
  hostIPs?: { ip: string }[];
  observedGeneration?: number;
  initContainerStatuses?: ContainerStatus[];
};

export function derivePodStatus(pod: Pod, facts: PodFacts): PodStatus {
  const { address, initContainers } = facts;
  const { generation } = pod.metadata;
  const isInitialized = initContainers.every(isInitDone);
  const phase = derivePhase(facts.containers, initContainers);
  return {
    ...pod.status,
    // A change takes effect at once, so what is reported is never of an older one.
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    hostIP: address,
    hostIPs: [{ ip: address }],
    podIP: address,
    podIPs: [{ ip: address }],
    startTime: pod.status?.startTime ?? timeText(facts.startedAtMs),
    conditions: deriveConditions(pod, facts, phase),
    containerStatuses: facts.containers.map((one) =>
      deriveContainerStatus(pod, isInitialized ? one : { ...one, state: initializing }),
    ),
    ...(initContainers.length > 0 && {
      initContainerStatuses: initContainers.map((one) => deriveContainerStatus(pod, one)),
    }),
  };
}

const initializing: ContainerState = { waiting: { reason: 'PodInitializing' } };

/** The next container may start. */
export function isInitDone(one: InitContainerFacts): boolean {
  if (one.isSidecar) return one.isStarted;
  return one.isFinal && one.state.terminated?.exitCode === 0;
}

function hasInitFailed(one: InitContainerFacts): boolean {
  return !one.isSidecar && one.isFinal && one.state.terminated?.exitCode !== 0;
}

export function derivePhase(
  containers: readonly ContainerFacts[],
  initContainers: readonly InitContainerFacts[] = [],
): NonNullable<PodStatus['phase']> {
  if (initContainers.some(hasInitFailed)) return 'Failed';
  if (containers.length > 0 && containers.every((one) => one.isFinal)) {
    const isGood = containers.every((one) => one.state.terminated?.exitCode === 0);
    return isGood ? 'Succeeded' : 'Failed';
  }
  const hasStarted = (one: ContainerFacts): boolean =>
    one.state.running !== undefined ||
    one.state.terminated !== undefined ||
    one.lastState?.terminated !== undefined;
  return containers.every(hasStarted) ? 'Running' : 'Pending';
}

function deriveContainerStatus(pod: Pod, facts: ContainerFacts): ContainerStatus {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const spec = all.find((one) => one.name === facts.name);
  const requests = spec?.resources?.requests;
  const image = spec?.image ?? '';
  return {
    name: facts.name,
    state: facts.state,
    lastState: facts.lastState ?? {},
    ready: facts.isReady,
    started: facts.isStarted,
    restartCount: facts.restartCount,
    image,
    imageID: image,
    ...(facts.processId !== undefined && { containerID: `process://${facts.processId}` }),
    // A resize takes effect at once: processes have no limits that would have to be changed.
    ...(spec?.resources !== undefined && { resources: spec.resources }),
    ...(requests !== undefined && { allocatedResources: requests }),
  };
}

function deriveConditions(pod: Pod, facts: PodFacts, phase: string): Condition[] {
  const unready = facts.containers.filter((one) => !one.isReady).map((one) => one.name);
  const why: Partial<Condition> =
    phase === 'Succeeded'
      ? { reason: 'PodCompleted' }
      : phase === 'Failed'
        ? { reason: 'PodFailed' }
        : {
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          };
  const isReady = unready.length === 0;
  const readiness = isReady ? { status: 'True' as const } : { status: 'False' as const, ...why };
  const mine: Condition[] = [
    // Of network and volumes, which a process needs none of.
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', ...deriveInitialized(facts) },
    { type: 'Ready', ...deriveReady(pod, readiness) },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', status: 'True' },
  ];
  const { generation } = pod.metadata;
  const before = pod.status?.conditions ?? [];
  const others = before.filter((one) => !mine.some((own) => own.type === one.type));
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  return [
    ...mine.map((one) => ({ ...keepTime(before, one, facts.nowMs), ...observed })),
    ...others,
  ];
}

function deriveInitialized(facts: PodFacts): Pick<Condition, 'status' | 'reason' | 'message'> {
  const missing = facts.initContainers.filter((one) => !isInitDone(one)).map((one) => one.name);
  if (missing.length === 0) return { status: 'True' };
  const message = `containers with incomplete status: [${missing.join(' ')}]`;
  return { status: 'False', reason: 'ContainersNotInitialized', message };
}

/** Readiness gates are conditions that others write; all must be True. */
function deriveReady(
  pod: Pod,
  readiness: Pick<Condition, 'status' | 'reason' | 'message'>,
): Pick<Condition, 'status' | 'reason' | 'message'> {
  const gates = (pod.spec['readinessGates'] ?? []) as { conditionType: string }[];
  const closed = gates.filter(
    ({ conditionType }) =>
      pod.status?.conditions?.find((one) => one.type === conditionType)?.status !== 'True',
  );
  if (readiness.status !== 'True' || closed.length === 0) return readiness;
  const message = `the status of pod readiness gate "${closed[0]?.conditionType}" is not "True"`;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message };
}

function keepTime(before: readonly Condition[], now: Condition, nowMs: number): Condition {
  const old = before.find((one) => one.type === now.type);
  const isSame = old?.status === now.status && old.lastTransitionTime !== undefined;
  return { ...now, lastTransitionTime: isSame ? old.lastTransitionTime! : timeText(nowMs) };
}

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
