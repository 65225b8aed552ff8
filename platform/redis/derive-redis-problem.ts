// What an error of the Redis client means, in words of ours: its own carries user and password among the arguments.

export type RedisProblemKind = 'unreachable' | 'login' | 'full' | 'not-writable' | 'other';

export interface RedisProblem {
  readonly kind: RedisProblemKind;
  /** Continues "Redis at ADDRESS". */
  readonly text: string;
}

/** As much of an error as tells something. */
export interface RedisErrorLike {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** By the first word of Redis' own answer. */
const replies: Readonly<Record<string, RedisProblem>> = {
  WRONGPASS: login('refuses user and password'),
  NOAUTH: login('wants a password'),
  NOPERM: login('does not let this user do what is needed'),
  OOM: {
    kind: 'full',
    text: 'is full: raise its maxmemory or take data away; until then it takes no writes',
  },
  READONLY: { kind: 'not-writable', text: 'is a replica, which takes no writes: name the primary' },
  MISCONF: {
    kind: 'not-writable',
    text: "can't write to its disk and so takes no writes: look at its log and its volume",
  },
  LOADING: { kind: 'unreachable', text: 'is still loading its data' },
  MASTERDOWN: { kind: 'not-writable', text: 'is a replica without its primary' },
};
const closedText = 'closed the connection';

export const connectionClosed: RedisProblem = { kind: 'unreachable', text: closedText };

export function deriveRedisProblem(error: RedisErrorLike): RedisProblem {
  const message = typeof error.message === 'string' ? error.message : '';
  const word = /^[A-Z]{2,20}(?= |$)/.exec(message)?.[0];
  if (word !== undefined) {
    return replies[word] ?? { kind: 'other', text: `answered with an error (${word})` };
  }
  if (/timed out|timeout/i.test(message) || error.code === 'ETIMEDOUT') {
    return { kind: 'unreachable', text: 'does not answer in time' };
  }
  // A code is a name out of Node's own tables, such as ECONNREFUSED or DEPTH_ZERO_SELF_SIGNED_CERT.
  if (typeof error.code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(error.code)) {
    return { kind: 'unreachable', text: `can't be reached (${error.code})` };
  }
  return connectionClosed;
}

function login(what: string): RedisProblem {
  return { kind: 'login', text: `${what}: correct the Secret that its URL comes from` };
}
