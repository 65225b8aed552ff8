// Gives a signature the request's whole body, or answers 413 itself.

import type { Invocation } from './invocation.ts';
import { hasBody, readBody } from './read-body.ts';
import { writePlatformAnswer } from './platform-answer.ts';

const nothing = Buffer.alloc(0);

/**
 * `undefined`: already answered, or the caller has left. At once, without a turn of the loop, when
 * there is no body.
 */
export function takeBody(
  invocation: Invocation,
  bytesMax: number,
): Buffer | Promise<Buffer | undefined> {
  if (!hasBody(invocation.request)) return nothing;
  return readBody(invocation.request, bytesMax).then((body) => {
    if (body === 'gone') return undefined;
    if (body !== 'too large') return body;
    const { response } = invocation;
    response.shouldKeepAlive = false;
    writePlatformAnswer(response, {
      status: 413,
      code: 'body_too_large',
      message: `the request's body is larger than ${bytesMax} bytes, the most this signature takes`,
      requestId: invocation.id,
      isRetrySafe: false,
    });
    return undefined;
  });
}
