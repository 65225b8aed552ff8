// When a Revision's code is loaded for a proof, and when again.

import { describe, expect, it } from '@jest/globals';
import type { Condition } from '../../../../api/kubernetes.ts';
import { decideProof } from '../../../../controller/function/decide-proof.ts';

const failedAtMs = Date.parse('2026-01-01T00:00:00Z');
const failed = (status: Condition['status'], reason: string): Condition => ({
  type: 'Ready',
  status,
  reason,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('decideProof', () => {
  it('proves what was never proved, and never again what is good', () => {
    expect(decideProof(undefined, 0)).toEqual({ prove: 'now' });
    expect(decideProof({ type: 'Ready', status: 'True' }, 0)).toEqual({ prove: 'never' });
  });

  it.each(['SyntaxError', 'HandlerNotFound', 'ImportModuleError'])(
    'never repeats a %s, which only other code mends',
    (reason) => {
      expect(decideProof(failed('False', reason), failedAtMs)).toEqual({ prove: 'never' });
    },
  );

  it.each([
    ['LoadTimeout', 'False', 0, 60_000],
    ['LoadTimeout', 'False', 200_000, 200_000],
    ['LoadTimeout', 'False', 9e9, 3_600_000],
    // A missing Secret is there a moment later, and no process was started to find out.
    ['CreateContainerConfigError', 'False', 0, 5_000],
    ['CreateContainerConfigError', 'False', 8_000, 8_000],
    ['ImagePullBackOff', 'False', 9e9, 300_000],
    ['Unschedulable', 'False', 0, 5_000],
    ['QuotaExceeded', 'False', 20_000, 20_000],
    ['PodNotStarted', 'Unknown', 0, 5_000],
  ] as const)('after %s (%s) %s ms ago waits %s ms', (reason, status, agoMs, afterMs) => {
    expect(decideProof(failed(status, reason), failedAtMs + agoMs)).toEqual({ afterMs });
  });
});
