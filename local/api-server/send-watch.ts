// Writes a watch to an HTTP response, an event per line, and gives up on a reader that doesn't keep up.

import type { ServerResponse } from 'node:http';
import { buildBookmark, encodeWatchObject, isMetadata } from './encode-answer.ts';
import type { Encoding } from './encode-answer.ts';
import type { WatchAnswer, WatchSink } from './server-parts.ts';

/** Bytes that may wait for a slow reader; beyond it the watch is cut and the client lists again. */
export const watchBacklogBytesMax = 32 * 1024 * 1024;

export function sendWatch(answer: WatchAnswer, encoding: Encoding, response: ServerResponse): void {
  const { info } = answer;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' });
  response.flushHeaders();
  let isFirst = true;
  const write = (type: string, json: string): void => {
    response.write(`{"type":"${type}","object":${json}}\n`);
    if (response.writableLength > watchBacklogBytesMax) response.destroy();
  };
  const sink: WatchSink = {
    event: (type, stored) => {
      write(type, encodeWatchObject(info, stored, encoding, isFirst));
      isFirst = false;
    },
    bookmark: (resourceVersion, isInitialEnd) =>
      write('BOOKMARK', encodeBookmark(answer, encoding, resourceVersion, isInitialEnd)),
    error: (status) => write('ERROR', JSON.stringify(status)),
    end: () => response.end(),
  };
  const stop = answer.start(sink);
  if (response.closed) stop();
  response.once('close', stop);
}

function encodeBookmark(
  answer: WatchAnswer,
  encoding: Encoding,
  resourceVersion: number,
  isInitialEnd: boolean,
): string {
  const bookmark = buildBookmark(answer.info, resourceVersion, isInitialEnd);
  if (encoding.form === 'json') return JSON.stringify(bookmark);
  const { metadata } = bookmark as { metadata: object };
  if (isMetadata(encoding)) {
    const kind = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
    return JSON.stringify({ ...kind, metadata });
  }
  const kind = { kind: 'Table', apiVersion: 'meta.k8s.io/v1' };
  const row = { cells: [], object: bookmark };
  return JSON.stringify({ ...kind, metadata, columnDefinitions: [], rows: [row] });
}
