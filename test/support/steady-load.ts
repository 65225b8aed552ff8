// Callers that go on one call after the other while something else happens, and remember what failed.

import { errorCode, type Answer } from './call.ts';

export interface SteadyLoad {
  readonly answers: number;
  /** One line for each call that was answered with anything but 200, or broke; at most `failuresMax` are kept. */
  readonly failures: readonly string[];
  /** Ends after the calls in flight. */
  stop(): Promise<void>;
}

const failuresMax = 100;
/** Between two calls of a caller: enough to stay well under what two cores can do beside the rest. */
const pauseMs = 20;

export function startLoad(
  callOnce: () => Promise<Answer>,
  { callers }: { readonly callers: number },
): SteadyLoad {
  let isStopped = false;
  let answers = 0;
  const failures: string[] = [];
  const fail = (line: string) => {
    if (failures.length < failuresMax) failures.push(`${new Date().toISOString()} ${line}`);
  };
  const callOn = async (): Promise<void> => {
    while (!isStopped) {
      try {
        const answer = await callOnce();
        answers += 1;
        if (answer.status !== 200) {
          fail(`${answer.status} ${errorCode(answer) ?? ''} ${answer.text.slice(0, 200)}`);
        }
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        fail(`${code ?? ''} ${message}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Array.from({ length: callers }, callOn);
  return {
    get answers() {
      return answers;
    },
    failures,
    stop: async () => {
      isStopped = true;
      await Promise.all(running);
    },
  };
}
