// The wake of one Revision and the handing out of slots, with a clock that stands still.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ColdStart } from '../../../activator/cold-start.ts';
import type { PodView } from '../../../activator/derive-pod-view.ts';
import type { Endpoint } from '../../../activator/endpoint.ts';
import type { PodAnswer } from '../../../activator/knock-pod.ts';
import type { Waiter } from '../../../activator/request-queue.ts';
import { spreadMs, type RevisionState } from '../../../activator/revision-state.ts';
import { RevisionTable } from '../../../activator/revision-table.ts';
import { limitDefaults } from '../../../activator/settings.ts';
import type { WakeReport } from '../../../api/wire.ts';
import { KubeError } from '../../../platform/kube/kube-error.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function pod(number: number, change: Partial<PodView> = {}): PodView {
  return {
    namespace: 'default',
    name: `pod-${number}`,
    uid: `uid-${number}`,
    revision: 'hello-00001',
    isLeaving: false,
    isReady: false,
    restarts: 0,
    http: { host: '10.0.0.1', port: 8000 + number },
    control: { host: '10.0.0.1', port: 9000 + number },
    obstacle: undefined,
    isScheduled: true,
    gateIndex: undefined,
    isAdopted: false,
    stuck: undefined,
    ...change,
  };
}

class World {
  readonly clock = new FakeClock(0);
  readonly reports: WakeReport[] = [];
  readonly granted: Endpoint[] = [];
  readonly refused: string[] = [];
  readonly knocks: { pod: PodView; answer: (answer: PodAnswer) => void; signal: AbortSignal }[] =
    [];
  readonly lifted: string[] = [];
  liftFailure: Error | undefined;
  raises = 0;
  raiseFailures = 0;
  raiseError: Error = new Error('no');
  replicas = 0;
  readonly coldStart: ColdStart;
  readonly state: RevisionState;

  constructor(limits = { timeoutMs: 1_000, podRequestsMax: 10, target: 10 }) {
    this.coldStart = new ColdStart({
      cluster: {
        findScale: () => ({ replicas: this.replicas, resourceVersion: String(this.replicas) }),
        liftGate: ({ name }) => {
          this.lifted.push(name);
          return this.liftFailure === undefined
            ? Promise.resolve()
            : Promise.reject(this.liftFailure);
        },
        raiseFromZero: () => {
          this.raises += 1;
          this.raiseFailures -= 1;
          return this.raiseFailures >= 0 ? Promise.reject(this.raiseError) : Promise.resolve();
        },
      },
      knockPod: (view, signal) =>
        new Promise((answer) => this.knocks.push({ pod: view, answer, signal })),
      prefetch: () => undefined,
      onWakeStart: () => undefined,
      onWakeEnd: (report) => void this.reports.push(report),
      clock: this.clock,
      log: silentLog,
    });
    this.state = new RevisionTable(limitDefaults, this.clock).getOrMake(
      'default',
      'hello-00001',
      limits,
    );
  }

  wait(deadlineAtMs = 30_000): Waiter<Endpoint> {
    const waiter: Waiter<Endpoint> = {
      bytes: 1,
      enteredAtMs: this.clock.now(),
      deadlineAtMs,
      onGrant: (endpoint) => void this.granted.push(endpoint),
      onExpire: () => {
        const error = this.coldStart.buildTimeout(this.state, 30_000);
        this.refused.push(error.code);
      },
      onRefuse: (error) => void this.refused.push(error.message),
    };
    this.state.queue.push(waiter);
    this.coldStart.evaluate(this.state);
    return waiter;
  }

  async ready(number: number, loadMs = 0): Promise<void> {
    this.coldStart.pods.apply(this.state, pod(number));
    this.knocks.at(-1)?.answer({ kind: 'ready', loadMs });
    await this.clock.advance(0);
  }
}

const gated = { isScheduled: false, gateIndex: 0, http: undefined, control: undefined };

describe('ColdStart', () => {
  it('lifts the gate of one pod, however many wait and however long its object shows it', async () => {
    const world = new World();
    world.replicas = 3;
    for (const number of [2, 3, 4]) {
      world.coldStart.pods.apply(world.state, pod(number, gated));
    }
    world.wait();
    await world.clock.advance(10);
    // Its name comes first, but the other one is on its way.
    world.coldStart.pods.apply(world.state, pod(1, gated));
    world.wait();
    await world.clock.advance(10);
    expect(world.lifted).toEqual(['pod-2']);
    world.coldStart.pods.apply(world.state, pod(2));
    world.wait();
    expect(world.lifted).toEqual(['pod-2']);
    // It was deleted before it served: the next one's turn.
    world.coldStart.pods.remove(world.state, pod(2));
    expect(world.lifted).toEqual(['pod-2', 'pod-1']);
  });

  it('turns to a gate again that could not be lifted', async () => {
    const world = new World();
    world.replicas = 1;
    world.liftFailure = new KubeError(503, { kind: 'Status' }, 'PATCH');
    world.coldStart.pods.apply(world.state, pod(1, gated));
    world.wait();
    await world.clock.advance(10_000);
    const tried = world.lifted.length;
    world.liftFailure = undefined;
    world.wait();
    expect(world.lifted).toHaveLength(tried + 1);
  });

  it('refuses all who wait, and stops trying, when the Revision is deleted', async () => {
    const world = new World();
    world.raiseFailures = Infinity;
    world.wait();
    world.wait();
    await world.clock.advance(200);
    world.coldStart.onRevisionGone(world.state);
    expect(world.refused).toEqual(Array(2).fill(expect.stringContaining('was deleted')));
    await world.clock.advance(1_000);
    const { raises } = world;
    await world.clock.advance(5_000);
    expect(world.raises).toBe(raises);
    expect(world.state.isIdle).toBe(true);
  });

  it('refuses those who wait when it may not scale, tries anew for the next, and remembers nothing', async () => {
    const world = new World();
    world.raiseFailures = Infinity;
    const message = 'deployments.apps "a" is forbidden: User "x" cannot patch resource';
    world.raiseError = new KubeError(403, { kind: 'Status', message }, 'PATCH');
    world.wait();
    // A server that has just started refuses everybody for a moment.
    await world.clock.advance(500);
    expect(world.refused).toEqual([]);
    await world.clock.advance(2_000);
    expect(world.refused).toEqual([expect.stringMatching(/cannot patch resource.*helm upgrade/)]);
    expect(world.reports[0]?.failure?.code).toBe('no_capacity');
    const { raises } = world;
    await world.clock.advance(10_000);
    expect(world.raises).toBe(raises);
    world.raiseFailures = 0;
    world.wait();
    await world.clock.advance(10);
    await world.ready(1);
    expect(world.granted).toHaveLength(1);
  });

  it('refuses those who wait as soon as the pod can not have its image, and serves when it can', async () => {
    const world = new World();
    world.wait();
    await world.clock.advance(10);
    const stuck = { stuck: 'image', obstacle: 'ErrImagePull: not found', http: undefined } as const;
    world.coldStart.pods.apply(world.state, pod(1, stuck));
    world.coldStart.evaluate(world.state);
    world.wait();
    expect(world.refused).toEqual(Array(2).fill(expect.stringContaining('ErrImagePull')));
    await world.ready(1);
    world.wait();
    world.state.handOut();
    expect(world.granted).toHaveLength(1);
  });

  it('waits for room on a node, and says after the budget that there was none', async () => {
    const world = new World();
    world.wait();
    await world.clock.advance(10);
    const obstacle = 'Unschedulable: 0/1 nodes';
    world.coldStart.pods.apply(
      world.state,
      pod(1, { stuck: 'unschedulable', obstacle, http: undefined }),
    );
    world.coldStart.evaluate(world.state);
    await world.clock.advance(29_000);
    expect(world.refused).toEqual([]);
    await world.clock.advance(1_000);
    expect(world.refused).toEqual(['no_capacity']);
    expect(world.reports[0]?.failure?.message).toContain(obstacle);
  });

  it('raises once for many and reports how long it took', async () => {
    const world = new World();
    for (let i = 0; i < 5; i += 1) world.wait();
    await world.clock.advance(20);
    await world.ready(1, 3);
    expect(world.raises).toBe(1);
    expect(world.granted).toHaveLength(5);
    expect(world.reports).toEqual([
      { namespace: 'default', revision: 'hello-00001', durationMs: 20 },
    ]);
    expect(world.state.lastWake).toEqual({
      path: 'ordinary',
      startedAtMs: 0,
      scheduledAtMs: 20,
      addressAtMs: 20,
      readyAtMs: 20,
      loadMs: 3,
    });
  });

  it('tries to raise again, more and more seldom, as long as somebody waits', async () => {
    const world = new World();
    world.raiseFailures = 1_000;
    const waiter = world.wait();
    await world.clock.advance(5_000);
    expect(world.raises).toBeGreaterThan(5);
    expect(world.raises).toBeLessThan(12);
    world.state.queue.remove(waiter);
    world.coldStart.onWaiterGone(world.state);
    await world.clock.advance(1_000);
    const before = world.raises;
    await world.clock.advance(60_000);
    expect(world.raises).toBe(before);
  });

  it('reports a wake that ran out of time once, however many waited', async () => {
    const world = new World();
    for (let i = 0; i < 5; i += 1) world.wait(1_000);
    await world.clock.advance(1_000);
    expect(world.refused).toEqual(Array.from({ length: 5 }, () => 'wake_timeout'));
    expect(world.reports).toHaveLength(1);
    expect(world.reports[0]?.failure?.code).toBe('wake_timeout');
    expect(world.state.wake).toBeUndefined();
  });

  it('begins a new wake for who comes after a failed load, asking the same pod again at once', async () => {
    const world = new World();
    world.wait();
    world.coldStart.pods.apply(world.state, pod(1));
    world.knocks[0]?.answer({ kind: 'failed', error: { type: 'TypeError', message: 'x' } });
    await world.clock.advance(0);
    expect(world.refused).toEqual(['TypeError: x']);
    expect(world.knocks).toHaveLength(1);
    world.wait();
    expect(world.knocks).toHaveLength(2);
  });

  it('asks a pod that failed again after a while though nobody waits', async () => {
    const world = new World();
    world.coldStart.pods.apply(world.state, pod(1));
    world.knocks[0]?.answer({ kind: 'failed', error: { type: 'TypeError', message: 'x' } });
    await world.clock.advance(60_000);
    expect(world.knocks).toHaveLength(2);
  });

  it('fails nobody for a pod that does not load while another serves', async () => {
    const world = new World({ timeoutMs: 1_000, podRequestsMax: 1, target: 1 });
    await world.ready(1);
    expect(world.state.takeSlot()?.podName).toBe('pod-1');
    world.wait();
    world.coldStart.pods.apply(world.state, pod(2));
    world.knocks.at(-1)?.answer({ kind: 'failed', error: { type: 'TypeError', message: 'x' } });
    await world.clock.advance(0);
    expect(world.refused).toEqual([]);
    expect(world.state.queue.length).toBe(1);
  });

  it('stops knocking on a pod that leaves', () => {
    const world = new World();
    world.coldStart.pods.apply(world.state, pod(1));
    world.coldStart.pods.apply(world.state, pod(1, { isLeaving: true }));
    expect(world.knocks[0]?.signal.aborted).toBe(true);
    expect(world.state.pods.size).toBe(0);
    expect(world.state.isIdle).toBe(true);
  });

  it('never counts a suspected pod as empty when it serves again', async () => {
    const world = new World({ timeoutMs: 1_000, podRequestsMax: 2, target: 2 });
    await world.ready(1);
    const endpoint = world.state.takeSlot() as Endpoint;
    world.state.takeSlot();
    world.coldStart.pods.suspect(world.state, endpoint);
    expect(world.state.endpoints).toHaveLength(0);
    world.knocks.at(-1)?.answer({ kind: 'ready', loadMs: 0 });
    await world.clock.advance(0);
    expect(world.state.endpoints).toEqual([endpoint]);
    expect(world.state.takeSlot()).toBeUndefined();
  });

  it('takes a restarted container for an empty one', async () => {
    const world = new World({ timeoutMs: 1_000, podRequestsMax: 1, target: 1 });
    await world.ready(1);
    expect(world.state.takeSlot()).toBeDefined();
    world.coldStart.pods.apply(world.state, pod(1, { restarts: 1 }));
    expect(world.state.endpoints).toHaveLength(0);
    world.knocks.at(-1)?.answer({ kind: 'ready', loadMs: 0 });
    await world.clock.advance(0);
    expect(world.state.takeSlot()).toBeDefined();
  });

  it('gives the first pod its target after a wake, and the rest when no other came for a while', async () => {
    const world = new World({ timeoutMs: 1_000, podRequestsMax: 1_000, target: 10 });
    for (let i = 0; i < 30; i += 1) world.wait();
    await world.ready(1);
    expect(world.granted).toHaveLength(10);
    await world.clock.advance(spreadMs - 1);
    expect(world.granted).toHaveLength(10);
    await world.clock.advance(1);
    expect(world.granted).toHaveLength(30);
  });

  it('holds nobody back at a pod over its target when there was no wake lately', async () => {
    const world = new World({ timeoutMs: 1_000, podRequestsMax: 15, target: 10 });
    world.coldStart.pods.apply(world.state, pod(1, { isReady: true }));
    for (let i = 0; i < 15; i += 1) expect(world.state.takeSlot()).toBeDefined();
    world.wait();
    world.state.releaseSlot(world.state.endpoints[0] as Endpoint);
    expect(world.granted).toHaveLength(1);
  });
});

describe('RevisionState', () => {
  it('never exceeds the limit of a pod and never lets a slot idle while somebody waits', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('arrive' as const) }),
      fc.record({ kind: fc.constant('finish' as const), at: fc.nat(20) }),
      fc.record({ kind: fc.constant('pod' as const) }),
      fc.record({ kind: fc.constant('leave' as const), at: fc.nat(5) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        async (limit, steps) => {
          const world = new World({ timeoutMs: 1_000, podRequestsMax: limit, target: limit });
          const { state } = world;
          let pods = 0;
          for (const one of steps) {
            if (one.kind === 'arrive') {
              const endpoint = state.takeSlot();
              if (endpoint === undefined) world.wait();
              else world.granted.push(endpoint);
            } else if (one.kind === 'pod') {
              pods += 1;
              await world.ready(pods);
            } else if (one.kind === 'leave') {
              const leaving = [...state.pods.values()][one.at];
              if (leaving) world.coldStart.pods.apply(state, { ...leaving.view, isLeaving: true });
            } else {
              const [endpoint] = world.granted.splice(one.at, 1);
              if (endpoint !== undefined) state.releaseSlot(endpoint);
            }
            for (const endpoint of state.endpoints) {
              expect(endpoint.inFlight).toBeLessThanOrEqual(limit);
              expect(endpoint.inFlight).toBe(world.granted.filter((it) => it === endpoint).length);
            }
            const isFree = state.endpoints.some((endpoint) => endpoint.inFlight < limit);
            expect(isFree && state.queue.length > 0).toBe(false);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
