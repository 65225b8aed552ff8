// Cuts a watch's byte stream into events, one JSON document a line.

import type { WatchEvent } from './transport.ts';

/** One event holds one object; etcd refuses objects over 1.5 MiB, escapes can double that. */
const lineBytesMax = 8 * 1024 * 1024;

/** Calls `onEvent` for each line; throws when a line is over the limit or is no JSON. */
export async function readWatchLines(
  stream: AsyncIterable<Uint8Array>,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      if (end > start) onEvent(JSON.parse(rest.slice(start, end)) as WatchEvent);
      start = end + 1;
    }
    rest = start === 0 ? rest : rest.slice(start);
    if (rest.length > lineBytesMax) throw new Error(`a watch event is over ${lineBytesMax} bytes`);
  }
}
