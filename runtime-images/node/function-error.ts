// How an error of user code is told to the caller: the text, unless the function says it runs in production.

import { errorMessage, errorName } from './log-lines.ts';

export const hiddenMessage = 'Internal Server Error';
const messageLengthMax = 4096;

export interface ShownError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/**
 * With NODE_ENV=production callers learn nothing (`undefined`), as Express and the Functions Framework do. A stack is
 * never shown: it goes to the log with the request's id.
 */
export function shownError(thrown: unknown): ShownError | undefined {
  if (process.env['NODE_ENV'] === 'production') return undefined;
  return {
    errorType: errorName(thrown),
    errorMessage: errorMessage(thrown).slice(0, messageLengthMax),
  };
}
