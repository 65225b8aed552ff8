// What errors of the Redis client become, and that nothing of a command gets into the words.

import { describe, expect, it } from '@jest/globals';
import { deriveRedisProblem } from '../../../../platform/redis/derive-redis-problem.ts';

describe('deriveRedisProblem', () => {
  it.each([
    [{ message: 'WRONGPASS invalid username-password pair' }, 'login'],
    [{ message: 'NOAUTH HELLO must be called with the client already authenticated' }, 'login'],
    [{ message: "OOM command not allowed when used memory > 'maxmemory'." }, 'full'],
    [{ message: "READONLY You can't write against a read only replica." }, 'not-writable'],
    [{ message: 'MISCONF Redis is configured to save RDB snapshots' }, 'not-writable'],
    [{ message: 'LOADING Redis is loading the dataset in memory' }, 'unreachable'],
    [{ message: 'Command timed out' }, 'unreachable'],
    [{ message: 'connect ECONNREFUSED 127.0.0.1:1', code: 'ECONNREFUSED' }, 'unreachable'],
    [{ message: 'Connection is closed.' }, 'unreachable'],
    [{ message: 'ERR something else' }, 'other'],
    [{}, 'unreachable'],
  ])('%j', (error, kind) => {
    expect(deriveRedisProblem(error).kind).toBe(kind);
  });

  it('names the code of Node, by which a person finds the cause', () => {
    const error = { message: 'self-signed certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
    expect(deriveRedisProblem(error).text).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });

  // Redis before 6 answers so to the command that carries user and password.
  it('repeats no argument that Redis repeated', () => {
    const message =
      'ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `secret`, ';
    expect(deriveRedisProblem({ message }).text).not.toContain('secret');
  });
});
