// The answers for a function that failed as a process: too slow, gone, or not speaking HTTP.

import { RouseError } from '../api/errors.ts';
import type { Exchange } from './exchange.ts';

export function functionTimeout(exchange: Exchange): RouseError {
  const { namespace, functionName } = exchange;
  const timeoutMs = exchange.revision?.limits.timeoutMs ?? 0;
  return new RouseError(
    'function_timeout',
    `Function "${namespace}/${functionName}" gave no answer within ${timeoutMs / 1000} s (timeoutSeconds)`,
  );
}

export function functionCrashed(exchange: Exchange, error: Error): RouseError {
  const { namespace, functionName } = exchange;
  // The pod is alive, but what it sent is no HTTP.
  const what =
    error.name === 'HTTPParserError' || error.name === 'HeadersOverflowError'
      ? 'sent an answer that is not valid HTTP'
      : 'closed the connection before it answered';
  const name = exchange.endpoint?.podName ?? '';
  return new RouseError(
    'function_crashed',
    `Function "${namespace}/${functionName}" ${what} (pod "${name}")`,
    { cause: error },
  );
}
