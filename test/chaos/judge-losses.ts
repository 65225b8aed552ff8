// Which requests may fail while things are killed: those whose own pod or activator was. Pure.

export interface Failure {
  readonly functionName: string;
  /** Address of the gateway that was called. */
  readonly gateway: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Of a connection that broke: its error code. Of an answer: `undefined`. */
  readonly brokeWith: string | undefined;
  /** Status, code and text of the answer, or the message of the error. */
  readonly what: string;
}

export interface PodKill {
  readonly pod: string;
  readonly atMs: number;
  /** One that is deleted goes on for a moment. Infinity until it was seen to be dead. */
  readonly goneMs: number;
}

/** From the moment it was killed until it was seen to be dead, and until another accepted connections. */
export interface ActivatorKill {
  /** Where it listens. */
  readonly gateway: string;
  readonly atMs: number;
  readonly deadMs: number;
  /** Infinity until there is one. */
  readonly backMs: number;
}

export type Verdict = 'its pod was killed' | 'its activator was killed' | 'lost';

/** A connection to a process that died may be found broken by the request after it. */
const foundBrokenMs = 1_000;
/** The others where the whole pod is gone, and its address with it. */
const nobodyThere = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ETIMEDOUT']);

export function judgeFailure(
  failure: Failure,
  kills: { readonly pods: readonly PodKill[]; readonly activators: readonly ActivatorKill[] },
): Verdict {
  if (failure.brokeWith === undefined) {
    const pod = /function_crashed .*\(pod \\?"([^"\\]+)\\?"\)/s.exec(failure.what)?.[1];
    const isKilled = kills.pods.some(
      (kill) =>
        kill.pod === pod &&
        kill.atMs <= failure.endMs &&
        kill.goneMs >= failure.startMs - foundBrokenMs,
    );
    return isKilled ? 'its pod was killed' : 'lost';
  }
  const isExcused = kills.activators.some(({ gateway, atMs, deadMs, backMs }) => {
    if (gateway !== failure.gateway || failure.endMs < atMs) return false;
    if (nobodyThere.has(failure.brokeWith ?? '')) return failure.startMs <= backMs;
    return failure.brokeWith === 'ECONNRESET' && failure.startMs <= deadMs;
  });
  return isExcused ? 'its activator was killed' : 'lost';
}
