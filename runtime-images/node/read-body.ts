// Reads a request's whole body, up to a bound.

import type { IncomingMessage } from 'node:http';

/** `too large`: more than `bytesMax`; the rest is left unread. `gone`: the sender left first. */
export function readBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer | 'too large' | 'gone'> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > bytesMax) return Promise.resolve('too large' as const);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        request.pause();
        request.removeAllListeners('data');
        resolve('too large');
      } else {
        chunks.push(chunk);
      }
    });
    request.once('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    );
    request.once('close', () => resolve('gone'));
    request.once('error', () => resolve('gone'));
  });
}

/** Whether a request says that it has a body at all. */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  if (request.headers['transfer-encoding'] !== undefined) return true;
  return length !== undefined && length !== '0';
}
