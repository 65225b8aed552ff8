// The judge of the chaos test excuses only what was killed itself.

import { describe, expect, it } from '@jest/globals';
import { judgeFailure, type Failure } from './judge-losses.ts';

const crashed =
  '502 function_crashed {"error":{"code":"function_crashed","message":"Function \\"chaos/cold-1\\" closed the connection before it answered (pod \\"rouse-pool-node-a-b\\")"}}';
const kills = {
  pods: [{ pod: 'rouse-pool-node-a-b', atMs: 10_000, goneMs: 10_001 }],
  activators: [{ gateway: 'first', atMs: 20_000, deadMs: 20_003, backMs: 20_400 }],
};

function judge(failure: Partial<Failure>): string {
  const given = { functionName: 'cold-1', gateway: 'first', startMs: 0, endMs: 0 };
  return judgeFailure({ ...given, brokeWith: undefined, what: '', ...failure }, kills);
}

describe('judgeFailure', () => {
  it('excuses a crash of the pod that was killed meanwhile', () => {
    const during = { startMs: 9_990, endMs: 10_020, what: crashed };
    expect(judge(during)).toBe('its pod was killed');
  });

  it('does not excuse a crash of another pod, before the kill, or long after it', () => {
    const other = crashed.replace('node-a-b', 'node-a-c');
    expect(judge({ startMs: 9_990, endMs: 10_020, what: other })).toBe('lost');
    expect(judge({ startMs: 9_000, endMs: 9_999, what: crashed })).toBe('lost');
    expect(judge({ startMs: 11_500, endMs: 11_600, what: crashed })).toBe('lost');
  });

  it('does not excuse an answer of the platform, whatever was killed meanwhile', () => {
    const during = { startMs: 9_000, endMs: 21_000 };
    expect(judge({ ...during, what: '504 wake_timeout (pod "rouse-pool-node-a-b")' })).toBe('lost');
    expect(judge({ ...during, what: '404 function_not_found' })).toBe('lost');
  });

  it('excuses a crash of a pod that was deleted and had not ended yet', () => {
    const deleted = { pods: [{ pod: 'p', atMs: 10_000, goneMs: 12_000 }], activators: [] };
    const failure = { functionName: 'cold-1', gateway: 'first', brokeWith: undefined };
    const what = '502 function_crashed (pod "p")';
    const during = { ...failure, what, startMs: 11_800, endMs: 11_900 };
    expect(judgeFailure(during, deleted)).toBe('its pod was killed');
    const after = { ...failure, what, startMs: 13_100, endMs: 13_200 };
    expect(judgeFailure(after, deleted)).toBe('lost');
  });

  it('excuses a connection that broke with its activator, or found none', () => {
    const reset = { brokeWith: 'ECONNRESET' };
    const refused = { brokeWith: 'ECONNREFUSED' };
    expect(judge({ ...reset, startMs: 19_000, endMs: 20_004 })).toBe('its activator was killed');
    expect(judge({ ...refused, startMs: 20_100, endMs: 20_101 })).toBe('its activator was killed');
    const gone = { startMs: 20_100, endMs: 150_000 };
    expect(judge({ ...gone, brokeWith: 'EHOSTUNREACH' })).toBe('its activator was killed');
    expect(judge({ ...gone, brokeWith: 'ETIMEDOUT' })).toBe('its activator was killed');
    expect(judge({ ...gone, brokeWith: 'ETIMEDOUT', startMs: 20_401 })).toBe('lost');
  });

  it('does not excuse a connection that broke while its activator lived', () => {
    expect(judge({ brokeWith: 'ECONNRESET', startMs: 20_410, endMs: 20_420 })).toBe('lost');
    expect(judge({ brokeWith: 'ECONNRESET', startMs: 19_000, endMs: 19_900 })).toBe('lost');
    expect(judge({ brokeWith: 'ECONNREFUSED', startMs: 20_500, endMs: 20_501 })).toBe('lost');
    const other = { gateway: 'second', brokeWith: 'ECONNRESET' };
    expect(judge({ ...other, startMs: 19_000, endMs: 20_004 })).toBe('lost');
    expect(judge({ brokeWith: 'unknown', startMs: 19_000, endMs: 20_004 })).toBe('lost');
  });
});
