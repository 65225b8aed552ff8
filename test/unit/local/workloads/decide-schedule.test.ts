// Scheduling, selectors, garbage collection, endpoints and Events: the smaller decisions.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeEvent, KubeObject, Service } from '../../../../api/kubernetes.ts';
import {
  decideCollection,
  decideFinalization,
} from '../../../../local/workloads/decide-collection.ts';
import {
  decideSchedule,
  deriveWaitingCondition,
} from '../../../../local/workloads/decide-schedule.ts';
import { decideSelectorMatch } from '../../../../local/workloads/decide-selector-match.ts';
import {
  deriveEndpointSlices,
  planEndpointSlices,
} from '../../../../local/workloads/derive-endpoint-slices.ts';
import { eventsMax, pickExpiredEvents } from '../../../../local/workloads/pick-expired-events.ts';
import { ago, buildPodWith, nowMs } from './build-workloads.ts';

const node = { name: 'local', labels: { disk: 'ssd' }, isSchedulable: true };

describe('decideSchedule', () => {
  const waiting = () => buildPodWith({ node: '', phase: 'Pending' });

  it('binds a pod that nothing holds back', () => {
    expect(decideSchedule(waiting(), node)).toEqual({ kind: 'bind', nodeName: 'local' });
  });

  it('holds a gated pod', () => {
    const pod = waiting();
    pod.spec.schedulingGates = [{ name: 'g' }];
    const decision = decideSchedule(pod, node);
    expect(decision).toMatchObject({ kind: 'wait', reason: 'SchedulingGated' });
  });

  it('says why a pod fits nowhere', () => {
    const pod = waiting();
    pod.spec.nodeSelector = { disk: 'hdd' };
    const decision = decideSchedule(pod, node);
    expect(decision).toMatchObject({ kind: 'wait', reason: 'Unschedulable' });
    if (decision.kind !== 'wait') throw new Error('it must wait');
    const condition = deriveWaitingCondition(pod, decision, nowMs);
    expect(condition).toMatchObject({ type: 'PodScheduled', status: 'False' });
    const told = { ...pod, status: { conditions: [condition!] } };
    expect(deriveWaitingCondition(told, decision, nowMs)).toBeUndefined();
  });

  it('leaves pods alone that are bound, over, or of another scheduler', () => {
    expect(decideSchedule(buildPodWith(), node).kind).toBe('none');
    expect(decideSchedule(buildPodWith({ node: '', phase: 'Failed' }), node).kind).toBe('none');
    const other = waiting();
    other.spec['schedulerName'] = 'other';
    expect(decideSchedule(other, node).kind).toBe('none');
  });
});

describe('decideSelectorMatch', () => {
  it('follows the four operators', () => {
    const match = (operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist', values?: string[]) =>
      decideSelectorMatch(
        { matchExpressions: [{ key: 'a', operator, ...(values && { values }) }] },
        { a: '1' },
      );
    expect([match('In', ['1']), match('In', ['2'])]).toEqual([true, false]);
    expect([match('NotIn', ['1']), match('NotIn', ['2'])]).toEqual([false, true]);
    expect([match('Exists'), match('DoesNotExist')]).toEqual([true, false]);
  });

  it('selects everything when empty and nothing when absent', () => {
    expect(decideSelectorMatch({}, { a: '1' })).toBe(true);
    expect(decideSelectorMatch(undefined, { a: '1' })).toBe(false);
  });
});

describe('decideCollection', () => {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'o', uid: 'u' },
  };
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'x' };
  const owner = (state: 'solid' | 'absent' | 'waiting') => ({ reference, state });

  it('keeps what has no owner or only living ones', () => {
    expect(decideCollection(object, [], false).kind).toBe('keep');
    expect(decideCollection(object, [owner('solid')], false).kind).toBe('keep');
  });

  it('deletes what has lost all its owners', () => {
    const decision = { kind: 'delete', propagationPolicy: 'Background' };
    expect(decideCollection(object, [owner('absent')], true)).toEqual(decision);
  });

  it('strikes dead owners off while one lives', () => {
    const decision = decideCollection(object, [owner('absent'), owner('solid')], false);
    expect(decision).toEqual({ kind: 'drop-owners', ownerReferences: [reference] });
  });

  it('passes a foreground deletion on to what has dependents of its own', () => {
    const decision = decideCollection(object, [owner('waiting')], true);
    expect(decision).toEqual({ kind: 'delete', propagationPolicy: 'Foreground' });
  });

  it('finishes a deletion only when nothing blocks it', () => {
    const metadata = { ...object.metadata, deletionTimestamp: 'now' };
    const foreground = { ...object, metadata: { ...metadata, finalizers: ['foregroundDeletion'] } };
    const orphan = { ...object, metadata: { ...metadata, finalizers: ['orphan'] } };
    expect(decideFinalization(foreground, [object])).toBe('wait');
    expect(decideFinalization(foreground, [])).toBe('remove-foreground');
    expect(decideFinalization(orphan, [])).toBe('orphan-dependents');
    expect(decideFinalization({ ...object, metadata }, [])).toBe('none');
    expect(decideFinalization(object, [])).toBe('none');
  });
});

describe('deriveEndpointSlices', () => {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'default' },
    spec: { selector: { app: 'a' }, ports: [{ name: 'web', port: 80, targetPort: 'http' }] },
  };
  const serving = (name: string, hostPort?: number) => {
    const pod = buildPodWith({ name, readySeconds: 1 });
    const port = { name: 'http', containerPort: 8080, ...(hostPort !== undefined && { hostPort }) };
    pod.spec.containers = [{ name: 'c', ports: [port] }];
    pod.status = { ...pod.status, podIP: '127.0.0.1' };
    return pod;
  };

  it('uses the hostPort where a pod has one, in a slice of its own', () => {
    const slices = deriveEndpointSlices(service, [serving('a', 20001), serving('b', 20002)]);
    expect(slices.map((one) => one.ports[0]?.port)).toEqual([20001, 20002]);
  });

  it('puts pods with equal ports into one slice, a hundred at most', () => {
    const pods = Array.from({ length: 150 }, (_, index) => serving(`p${index}`));
    const slices = deriveEndpointSlices(service, pods);
    expect(slices.map((one) => one.endpoints.length)).toEqual([100, 50]);
  });

  it('leaves out pods without an address or that have ended', () => {
    const ended = { ...serving('a'), status: { phase: 'Failed' as const, podIP: '127.0.0.1' } };
    expect(deriveEndpointSlices(service, [buildPodWith(), ended])).toEqual([]);
  });

  it('marks an unready or ending pod', () => {
    const ending = serving('a');
    ending.metadata.deletionTimestamp = 'now';
    const [slice] = deriveEndpointSlices(service, [ending]);
    const conditions = { ready: false, serving: true, terminating: true };
    expect(slice?.endpoints[0]?.conditions).toEqual(conditions);
  });

  it('changes only what differs', () => {
    const wanted = deriveEndpointSlices(service, [serving('a', 1), serving('b', 2)]);
    const found = wanted.map((content) => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'x' },
      addressType: 'IPv4' as const,
      ...content,
    }));
    expect(planEndpointSlices(wanted, found)).toEqual({ create: [], update: [], remove: [] });
    expect(planEndpointSlices(wanted, found.slice(1)).create).toEqual([wanted[0]]);
    expect(planEndpointSlices([], found).remove).toEqual(found);
  });
});

describe('pickExpiredEvents', () => {
  const event = (seconds: number): KubeEvent => ({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `e${seconds}` },
    involvedObject: {},
    reason: '',
    message: '',
    type: 'Normal',
    lastTimestamp: ago(seconds),
  });

  it('drops what is an hour old and says when the next is due', () => {
    const { expired, nextMs } = pickExpiredEvents([event(10), event(3600), event(3000)], nowMs);
    expect(expired.map((one) => one.metadata.name)).toEqual(['e3600']);
    expect(nextMs).toBe(600_000);
  });

  it('never keeps more than the limit, and drops the oldest first', () => {
    fc.assert(
      fc.property(fc.nat(300), (surplus) => {
        const all = Array.from({ length: eventsMax + surplus }, (_, index) => event(index % 3000));
        expect(pickExpiredEvents(all, nowMs).expired).toHaveLength(surplus);
      }),
      { numRuns: 5 },
    );
  });
});
