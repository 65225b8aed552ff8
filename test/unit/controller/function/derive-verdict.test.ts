// What a proof says, and when it is repeated.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ContainerState, Pod } from '../../../../api/kubernetes.ts';
import { decideProof } from '../../../../controller/function/decide-proof.ts';
import {
  deriveConditions,
  deriveMessage,
  deriveReason,
} from '../../../../controller/function/derive-conditions.ts';
import {
  deriveEnd,
  deriveLoadFailure,
  deriveTimeout,
  deriveUnschedulable,
} from '../../../../controller/function/derive-verdict.ts';

function podOf(state: ContainerState | undefined, status: Partial<Pod['status']> = {}): Pod {
  const container = { name: 'function', ready: false, restartCount: 0, image: 'x' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: [] },
    status: { ...(state && { containerStatuses: [{ ...container, state }] }), ...status },
  };
}

describe('deriveLoadFailure', () => {
  it("keeps the runtime's words on one line", () => {
    const error = { type: 'SyntaxError', message: 'bad\n  token }\n at 3' };
    expect(deriveLoadFailure('r', error)).toEqual({
      ...{ status: 'False', reason: 'SyntaxError' },
      message: "r can't load its code: SyntaxError: bad token } at 3",
    });
  });
});

describe('deriveLoadFailure, for what user code threw', () => {
  it('says the name of the error once', () => {
    const error = { type: 'Error', message: 'Error: no database (index.js:1:7)' };
    expect(deriveLoadFailure('r', error).message).toBe(
      "r can't load its code: Error: no database (index.js:1:7)",
    );
  });
});

describe('deriveEnd', () => {
  it('adds no word to an exit that left none, and the reason where it tells something', () => {
    const silent = podOf({ terminated: { exitCode: 3, reason: 'Error' } });
    expect(deriveEnd('r', silent)?.message).toBe(
      'r: the process exited with 3 while it was loading',
    );
    const killed = podOf({ terminated: { exitCode: 137, reason: 'OOMKilled' } });
    expect(deriveEnd('r', killed)?.message).toMatch(/loading: OOMKilled$/);
  });

  it('says how a process ended while it was loading', () => {
    const ended = podOf({ terminated: { exitCode: 3, message: 'no database' } });
    expect(deriveEnd('r', ended)).toEqual({
      ...{ status: 'False', reason: 'ExitedWhileLoading' },
      message: 'r: the process exited with 3 while it was loading: no database',
    });
    const killed = podOf({ terminated: { exitCode: 137, signal: 9, reason: 'OOMKilled' } });
    expect(deriveEnd('r', killed)?.message).toContain('killed by signal 9');
  });

  it('does not wait for an image that is not coming', () => {
    const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
    expect(deriveEnd('r', podOf({ waiting }))).toMatchObject({
      ...{ status: 'False', reason: 'ImagePullBackOff' },
      message: expect.stringContaining('no such image'),
    });
  });

  it('is open while a pod comes up, and Unknown when it was evicted', () => {
    expect(deriveEnd('r', podOf(undefined))).toBeUndefined();
    expect(deriveEnd('r', podOf({ waiting: { reason: 'ContainerCreating' } }))).toBeUndefined();
    expect(deriveEnd('r', podOf({ running: {} }))).toBeUndefined();
    const evicted = podOf(undefined, { phase: 'Failed', reason: 'Evicted' });
    expect(deriveEnd('r', evicted)).toMatchObject({ status: 'Unknown', reason: 'ProofPodEnded' });
  });
});

describe('deriveTimeout', () => {
  const limits = { startSeconds: 300, loadSeconds: 30, isImage: false };

  it('blames the code only when the process ran', () => {
    expect(deriveTimeout('r', podOf({ running: {} }), limits)).toMatchObject({
      ...{ status: 'False', reason: 'LoadTimeout' },
    });
    const image = { ...limits, isImage: true };
    expect(deriveTimeout('r', podOf({ running: {} }), image).reason).toBe('PortNotOpen');
    const unscheduled = podOf(undefined, {
      conditions: [{ type: 'PodScheduled', status: 'False', message: 'no node has 64 GiB' }],
    });
    expect(deriveTimeout('r', unscheduled, limits)).toMatchObject({
      ...{ status: 'Unknown', reason: 'PodNotStarted' },
      message: expect.stringContaining('no node has 64 GiB'),
    });
  });

  it('says that no node has room, which is nothing of the code', () => {
    const pod = podOf(undefined, {
      conditions: [
        { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' },
      ],
    });
    const verdict = {
      status: 'False',
      reason: 'Unschedulable',
      message: "r can't start: 0/3 nodes",
    };
    expect(deriveTimeout('r', pod, limits)).toEqual(verdict);
    expect(deriveUnschedulable('r', pod)).toEqual(verdict);
    // Waited for: a node may be on its way.
    expect(deriveEnd('r', pod)).toBeUndefined();
  });
});

describe('decideProof', () => {
  const nowMs = Date.parse('2026-01-01T01:00:00Z');
  const failed = (reason: string, lastTransitionTime: string) => ({
    ...{ type: 'Ready', status: 'False' as const, reason, lastTransitionTime },
  });

  it('proves what was never proved, and what is ready never again', () => {
    expect(decideProof(undefined, nowMs)).toEqual({ prove: 'now' });
    expect(decideProof({ type: 'Ready', status: 'True' }, nowMs)).toEqual({ prove: 'never' });
  });

  it('leaves an error alone that only other code mends', () => {
    const syntax = failed('SyntaxError', '2026-01-01T00:00:00Z');
    expect(decideProof(syntax, nowMs)).toEqual({ prove: 'never' });
  });

  it.each([
    ['2026-01-01T01:00:00Z', 60_000],
    ['2026-01-01T00:59:30Z', 60_000],
    ['2026-01-01T00:50:00Z', 600_000],
    ['2025-12-31T00:00:00Z', 3_600_000],
  ])('tries a failure of %s again after %d ms', (since, afterMs) => {
    expect(decideProof(failed('LoadTimeout', since), nowMs)).toEqual({ afterMs });
  });
});

describe('conditions', () => {
  it('have reasons and messages that Kubernetes takes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), (text) => {
        expect(deriveReason(text, 'LoadError')).toMatch(/^[A-Za-z][A-Za-z0-9]{0,127}$/);
        const message = deriveMessage(text);
        expect(message.length).toBeLessThanOrEqual(1024);
        expect(message).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('are replaced by type, others stay', () => {
    const before = [
      { type: 'Ready', status: 'True' as const, lastTransitionTime: 'then' },
      { type: 'Wakes', status: 'False' as const, lastTransitionTime: 'then' },
    ];
    expect(deriveConditions(before, { type: 'Wakes', status: 'True' }, 'now')).toEqual([
      before[0],
      { type: 'Wakes', status: 'True', lastTransitionTime: 'now' },
    ]);
  });
});
