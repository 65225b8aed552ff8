// Reads a container's log files: from the right line on, and further as it grows.

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { PodLogOptions } from '../api-server/server-parts.ts';
import { parseLogLine } from './build-log-line.ts';
import type { ContainerLog } from './container-log.ts';

const blockBytes = 64 * 1024;
const newline = 10;

export interface LogSource {
  readonly path: string;
  /** Present while the container runs: tells when there is more. */
  readonly writer: ContainerLog | undefined;
}

/** Ends with the file, or when following with the container's run or the caller's signal. */
export async function* readLog(
  source: LogSource,
  options: PodLogOptions,
  nowMs: number,
): AsyncGenerator<Buffer> {
  let left = options.limitBytes ?? Infinity;
  const sinceText = deriveSince(options, nowMs);
  for await (const line of readLines(source, options)) {
    const parsed = parseLogLine(line);
    if (parsed === undefined || parsed.time < sinceText) continue;
    const text = parsed.isFull ? `${parsed.text}\n` : parsed.text;
    const out = Buffer.from(options.timestamps === true ? `${parsed.time} ${text}` : text);
    yield out.length > left ? out.subarray(0, left) : out;
    left -= out.length;
    if (left <= 0) return;
  }
}

function deriveSince(options: PodLogOptions, nowMs: number): string {
  const { sinceSeconds, sinceTime } = options;
  const sinceMs =
    sinceTime !== undefined
      ? Date.parse(sinceTime)
      : sinceSeconds !== undefined
        ? nowMs - sinceSeconds * 1000
        : undefined;
  return sinceMs === undefined ? '' : new Date(sinceMs).toISOString().replace('Z', '000000Z');
}

async function* readLines(source: LogSource, options: PodLogOptions): AsyncGenerator<string> {
  const { path, writer } = source;
  // Rotated away between these steps, a file is found again under its new name by the next reader.
  const start = await findStart(path, options.tailLines);
  if (start.oldOffset !== undefined) yield* readFile(`${path}.1`, start.oldOffset);
  if (writer !== undefined && options.follow === true) {
    yield* followFile(path, writer, { offset: start.offset, signal: options.signal });
  } else yield* readFile(path, start.offset);
}

interface Start {
  /** Where to begin in the rotated file; `undefined`: not at all. */
  readonly oldOffset: number | undefined;
  readonly offset: number;
}

async function findStart(path: string, tailLines: number | undefined): Promise<Start> {
  const hasOld = existsSync(`${path}.1`);
  if (tailLines === undefined) return { oldOffset: hasOld ? 0 : undefined, offset: 0 };
  const now = await findTail(path, tailLines);
  if (now.lines >= tailLines || !hasOld) return { oldOffset: undefined, offset: now.offset };
  const old = await findTail(`${path}.1`, tailLines - now.lines);
  return { oldOffset: old.offset, offset: 0 };
}

/** Goes back from the end, block by block, until enough lines were passed. */
async function findTail(path: string, lines: number): Promise<{ offset: number; lines: number }> {
  if (!existsSync(path)) return { offset: 0, lines: 0 };
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (lines === 0 || size === 0) return { offset: size, lines: 0 };
    const block = Buffer.alloc(blockBytes);
    let found = 0;
    // The last newline ends the last line: it begins after the one before.
    for (let end = size - 1; end > 0; end -= blockBytes) {
      const begin = Math.max(0, end - blockBytes);
      await file.read(block, 0, end - begin, begin);
      const ends = newlinesBackwards(block.subarray(0, end - begin));
      const last = ends[lines - found - 1];
      if (last !== undefined) return { offset: begin + last + 1, lines };
      found += ends.length;
    }
    return { offset: 0, lines: found + 1 };
  } finally {
    await file.close();
  }
}

/** Where the newlines are, the last one first. */
function newlinesBackwards(block: Buffer): number[] {
  const found: number[] = [];
  for (let at = block.lastIndexOf(newline); at !== -1;) {
    found.push(at);
    at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1);
  }
  return found;
}

/** Cuts bytes into lines; what is left over waits for the next bytes. */
class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end);
      yield (this.#rest.length === 0 ? line : Buffer.concat([this.#rest, line])).toString();
      this.#rest = Buffer.alloc(0);
      start = end + 1;
    }
    if (start < chunk.length) this.#rest = Buffer.concat([this.#rest, chunk.subarray(start)]);
  }
}

async function* readFile(path: string, offset: number): AsyncGenerator<string> {
  if (!existsSync(path)) return;
  const file = await open(path);
  try {
    yield* readToEnd(file, { offset }, new LineCutter());
  } finally {
    await file.close();
  }
}

async function* readToEnd(
  file: FileHandle,
  position: { offset: number },
  cutter: LineCutter,
): AsyncGenerator<string> {
  for (;;) {
    const { bytesRead, buffer } = await file.read(
      Buffer.alloc(blockBytes),
      0,
      blockBytes,
      position.offset,
    );
    if (bytesRead === 0) return;
    position.offset += bytesRead;
    yield* cutter.take(buffer.subarray(0, bytesRead));
  }
}

async function* followFile(
  path: string,
  writer: ContainerLog,
  start: { offset: number; signal: AbortSignal | undefined },
): AsyncGenerator<string> {
  const position = { offset: start.offset };
  const cutter = new LineCutter();
  let file: FileHandle | undefined;
  let rotations = writer.rotations;
  try {
    while (start.signal?.aborted !== true) {
      const isEnded = writer.isEnded;
      const hasRotated = writer.rotations !== rotations;
      // Armed before reading: what is written meanwhile must not be missed.
      const more = nextChange(writer, start.signal);
      if (file === undefined && existsSync(path)) file = await open(path);
      if (file !== undefined) yield* readToEnd(file, position, cutter);
      if (hasRotated) {
        await file?.close();
        file = undefined;
        rotations = writer.rotations;
        position.offset = 0;
        more.cancel();
        continue;
      }
      if (isEnded) {
        more.cancel();
        return;
      }
      await more.promise;
    }
  } finally {
    await file?.close();
  }
}

/** Resolves at the writer's next news or when the caller goes. */
function nextChange(
  writer: ContainerLog,
  signal: AbortSignal | undefined,
): { promise: Promise<void>; cancel: () => void } {
  const stop = new AbortController();
  const leave = (): void => stop.abort();
  signal?.addEventListener('abort', leave, { once: true });
  const promise = once(writer.events, 'more', { signal: stop.signal }).then(
    () => undefined,
    () => undefined,
  );
  const cancel = (): void => {
    signal?.removeEventListener('abort', leave);
    stop.abort();
  };
  void promise.then(() => signal?.removeEventListener('abort', leave));
  return { promise, cancel };
}
