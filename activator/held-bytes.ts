// Estimates what a waiting request costs in memory.

import type { IncomingMessage } from 'node:http';

/** Node reads this much of a body ahead and then stops the sender. */
const bodyReadAheadBytes = 64 * 1024;
/** Socket, request and response objects and our own. */
const objectBytes = 2 * 1024;

export function heldBytes(request: IncomingMessage): number {
  let bytes = objectBytes + (request.url?.length ?? 0);
  for (const text of request.rawHeaders) bytes += text.length;
  if (request.headers['transfer-encoding'] !== undefined) return bytes + bodyReadAheadBytes;
  const declared = Number(request.headers['content-length'] ?? 0);
  return bytes + Math.min(declared, bodyReadAheadBytes);
}

/** Whether a body follows the headers. */
export function hasBody(request: IncomingMessage): boolean {
  if (request.headers['transfer-encoding'] !== undefined) return true;
  const declared = request.headers['content-length'];
  return declared !== undefined && declared !== '0';
}
