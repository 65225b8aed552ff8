// When containers start again, what probes and pods say of themselves, which ports are tried, how log lines look.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Pod } from '../../../../api/kubernetes.ts';
import { buildLogLine, parseLogLine } from '../../../../local/kubelet/build-log-line.ts';
import {
  decideProbe,
  deriveEagerDelaysMs,
  deriveProbeTimes,
  probeStateFirst,
} from '../../../../local/kubelet/decide-probe.ts';
import { decideRestart, type Backoff } from '../../../../local/kubelet/decide-restart.ts';
import {
  derivePhase,
  derivePodStatus,
  type ContainerFacts,
} from '../../../../local/kubelet/derive-pod-status.ts';
import {
  derivePortNext,
  derivePortStart,
  portFirst,
  portLast,
} from '../../../../local/kubelet/derive-port-order.ts';

describe('decideRestart', () => {
  it('restarts at once, then after 10 s, doubled up to 5 minutes', () => {
    let backoff: Backoff | undefined;
    let endedAtMs = 0;
    const delays: number[] = [];
    for (let crash = 0; crash < 8; crash += 1) {
      const decision = decideRestart('Always', { exitCode: 1, endedAtMs }, backoff);
      if (decision.kind === 'stay') throw new Error('it must restart');
      delays.push(decision.delayMs / 1000);
      backoff = decision.backoff;
      endedAtMs += decision.delayMs + 100;
    }
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it('begins anew after ten minutes of health', () => {
    const backoff = { delayMs: 300_000, updatedAtMs: 0 };
    const healthy = decideRestart('Always', { exitCode: 1, endedAtMs: 600_001 }, backoff);
    expect(healthy).toMatchObject({ kind: 'restart', delayMs: 0 });
    const sick = decideRestart('Always', { exitCode: 1, endedAtMs: 599_999 }, backoff);
    expect(sick).toMatchObject({ kind: 'restart', delayMs: 300_000 });
  });

  it('follows the policy', () => {
    const end = (exitCode: number) => ({ exitCode, endedAtMs: 0 });
    expect(decideRestart('Never', end(1), undefined).kind).toBe('stay');
    expect(decideRestart('OnFailure', end(0), undefined).kind).toBe('stay');
    expect(decideRestart('OnFailure', end(1), undefined).kind).toBe('restart');
    expect(decideRestart('Always', end(0), undefined).kind).toBe('restart');
    expect(decideRestart(undefined, end(0), undefined).kind).toBe('restart');
  });
});

describe('decideProbe', () => {
  const times = deriveProbeTimes({ failureThreshold: 2 });

  it('changes its mind only at the threshold', () => {
    const results = [true, false, true, false, false, true].map(
      (
        (state) => (isSuccess: boolean) =>
          (state = decideProbe(state, isSuccess, times)).result
      )(probeStateFirst),
    );
    expect(results).toEqual([true, true, true, true, false, true]);
  });

  it('has the defaults of Kubernetes', () => {
    expect(deriveProbeTimes({})).toEqual({
      initialDelayMs: 0,
      periodMs: 10_000,
      timeoutMs: 1_000,
      successThreshold: 1,
      failureThreshold: 3,
    });
  });

  it('looks early and ever more rarely until a period has passed', () => {
    expect(deriveEagerDelaysMs(1_000)).toEqual([50, 100, 200, 400, 800]);
  });
});

const container = (facts: Partial<ContainerFacts>): ContainerFacts => ({
  name: 'c',
  state: { running: {} },
  lastState: undefined,
  restartCount: 0,
  isReady: true,
  isStarted: true,
  processId: '1-2',
  isFinal: false,
  ...facts,
});
const ended = (exitCode: number) => ({ state: { terminated: { exitCode } }, isFinal: true });

describe('derivePhase', () => {
  it('follows the containers', () => {
    expect(derivePhase([container({})])).toBe('Running');
    expect(derivePhase([container({ state: { waiting: {} } }), container({})])).toBe('Pending');
    expect(derivePhase([container(ended(0))])).toBe('Succeeded');
    expect(derivePhase([container(ended(0)), container(ended(1))])).toBe('Failed');
    expect(derivePhase([container(ended(0)), container({})])).toBe('Running');
    const lastState = { terminated: { exitCode: 1 } };
    expect(derivePhase([container({ state: { waiting: {} }, lastState })])).toBe('Running');
  });
});

describe('derivePodStatus', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }] },
  };
  const derive = (one: Pod, facts: ContainerFacts, nowMs = 0) =>
    derivePodStatus(one, {
      address: '127.0.0.1',
      startedAtMs: 0,
      nowMs,
      containers: [facts],
      initContainers: [],
    });

  it('is ready when all containers are', () => {
    const status = derive(pod, container({}));
    expect(status.conditions?.map((one) => [one.type, one.status])).toEqual([
      ['PodReadyToStartContainers', 'True'],
      ['Initialized', 'True'],
      ['Ready', 'True'],
      ['ContainersReady', 'True'],
      ['PodScheduled', 'True'],
    ]);
    expect(status).toMatchObject({ phase: 'Running', podIP: '127.0.0.1', hostIP: '127.0.0.1' });
    expect(status.containerStatuses?.[0]).toMatchObject({ allocatedResources: { cpu: '1' } });
  });

  it('keeps the times of conditions that did not change, and conditions of others', () => {
    const conditions = [{ type: 'Custom', status: 'True' as const }];
    const first = derive({ ...pod, status: { conditions } }, container({}));
    const second = derive({ ...pod, status: first }, container({ isReady: false }), 60_000);
    const times = second.conditions?.map((one) => [one.type, one.lastTransitionTime]);
    expect(times).toEqual([
      ['PodReadyToStartContainers', '1970-01-01T00:00:00Z'],
      ['Initialized', '1970-01-01T00:00:00Z'],
      ['Ready', '1970-01-01T00:01:00Z'],
      ['ContainersReady', '1970-01-01T00:01:00Z'],
      ['PodScheduled', '1970-01-01T00:00:00Z'],
      ['Custom', undefined],
    ]);
  });

  it('says which generation it is of', () => {
    const resized = { ...pod, metadata: { name: 'p', generation: 3 } };
    const status = derive(resized, container({}));
    expect(status.observedGeneration).toBe(3);
    expect(status.conditions?.every((one) => one.observedGeneration === 3)).toBe(true);
  });

  it('waits for readiness gates', () => {
    const gated = { ...pod, spec: { ...pod.spec, readinessGates: [{ conditionType: 'x/y' }] } };
    const ready = derive(gated, container({})).conditions?.find((one) => one.type === 'Ready');
    expect(ready).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' });
  });
});

describe('derivePortStart', () => {
  it('stays in the range and comes to every port', () => {
    fc.assert(
      fc.property(fc.string(), (home) => {
        const start = derivePortStart(home);
        expect(start).toBeGreaterThanOrEqual(portFirst);
        expect(start).toBeLessThanOrEqual(portLast);
      }),
    );
    expect(derivePortNext(portLast)).toBe(portFirst);
    expect(derivePortNext(portFirst)).toBe(portFirst + 1);
  });

  it('begins elsewhere for another home', () => {
    expect(derivePortStart('/one/.rouse')).not.toBe(derivePortStart('/two/.rouse'));
  });
});

describe('parseLogLine', () => {
  it('reads what buildLogLine wrote', () => {
    const text = fc.string().filter((one) => !one.includes('\n'));
    fc.assert(
      fc.property(text, fc.boolean(), (line, isFull) => {
        const entry = {
          time: '2026-01-01T00:00:00.000000000Z',
          stream: 'stderr',
          isFull,
          text: line,
        } as const;
        expect(parseLogLine(buildLogLine(entry).slice(0, -1))).toEqual(entry);
      }),
    );
  });

  it('finds nothing in what is no log line', () => {
    expect(parseLogLine('')).toBeUndefined();
    expect(parseLogLine('half a li')).toBeUndefined();
  });
});
