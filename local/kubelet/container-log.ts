// Writes what one run of a container prints to its file, line by line, and tells readers when there is more.

import { EventEmitter } from 'node:events';
import { close, closeSync, mkdirSync, openSync, renameSync, write } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { buildLogLine, lineBytesMax, type LogStream } from './build-log-line.ts';

/** A file that has grown this large becomes FILE.1; what was there before goes. */
export const logFileBytesMax = 10 * 1024 * 1024;
/** Not yet written; past this the process is not read any more until the disk has caught up. */
const pendingBytesMax = 1024 * 1024;

export class ContainerLog {
  readonly path: string;
  /** `more` after each write, `end` when the run is over and everything is written. */
  readonly events = new EventEmitter();
  isEnded = false;
  /** Counts the rotations, so that a reader sees that its file has moved. */
  rotations = 0;

  readonly #clock: Clock;
  readonly #log: Log;
  readonly #streams = new Set<Readable>();
  #pending: string[] = [];
  #pendingBytes = 0;
  #descriptor: number | undefined;
  #fileBytes = 0;
  #isWriting = false;
  #openStreams = 0;
  #isClosing = false;

  constructor(path: string, ports: { readonly clock: Clock; readonly log: Log }) {
    this.path = path;
    this.#clock = ports.clock;
    this.#log = ports.log;
    this.events.setMaxListeners(0);
  }

  /** Follows a stream of the process until it ends. */
  attach(stream: Readable, name: LogStream): void {
    this.#streams.add(stream);
    this.#openStreams += 1;
    stream.setEncoding('utf8');
    let rest = '';
    stream.on('data', (text: string) => {
      const time = this.#timeText();
      let start = 0;
      const all = rest + text;
      for (let end = all.indexOf('\n'); end !== -1; end = all.indexOf('\n', start)) {
        this.#append({ time, stream: name, isFull: true, text: all.slice(start, end) });
        start = end + 1;
      }
      rest = all.slice(start);
      while (rest.length >= lineBytesMax) {
        const part = rest.slice(0, lineBytesMax);
        this.#append({ time, stream: name, isFull: false, text: part });
        rest = rest.slice(lineBytesMax);
      }
    });
    stream.on('error', () => undefined);
    stream.once('close', () => {
      if (rest !== '') {
        this.#append({ time: this.#timeText(), stream: name, isFull: true, text: rest });
      }
      this.#streams.delete(stream);
      this.#openStreams -= 1;
      this.#endIfDone();
    });
  }

  /** No more streams will come; the file is closed when those there have ended. */
  finish(): void {
    this.#isClosing = true;
    this.#endIfDone();
  }

  /** Everything received so far is in the file. */
  get isFlushed(): boolean {
    return this.#pending.length === 0 && !this.#isWriting;
  }

  #timeText(): string {
    return new Date(this.#clock.now()).toISOString().replace('Z', '000000Z');
  }

  #append(line: Parameters<typeof buildLogLine>[0]): void {
    const text = buildLogLine(line);
    this.#pending.push(text);
    this.#pendingBytes += text.length;
    if (this.#pendingBytes > pendingBytesMax) for (const one of this.#streams) one.pause();
    this.#flush();
  }

  #flush(): void {
    if (this.#isWriting || this.#pending.length === 0) return;
    this.#isWriting = true;
    const data = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      this.#openIfNeeded(data.length);
    } catch (error) {
      this.#wrote(error, data.length);
      return;
    }
    this.#writeAll(data, 0);
  }

  #writeAll(data: Buffer, from: number): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    write(descriptor, data, from, data.length - from, null, (error, count) => {
      if (!error && from + count < data.length) this.#writeAll(data, from + count);
      else this.#wrote(error, data.length);
    });
  }

  #wrote(error: unknown, bytes: number): void {
    this.#isWriting = false;
    // A full disk loses log lines, never the pod.
    if (error) this.#log.warn({ error, path: this.path }, 'log lines lost');
    this.#fileBytes += bytes;
    for (const one of this.#streams) one.resume();
    this.events.emit('more');
    this.#flush();
    this.#endIfDone();
  }

  #openIfNeeded(bytes: number): void {
    if (this.#descriptor !== undefined && this.#fileBytes + bytes > logFileBytesMax) {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
      this.rotations += 1;
      this.#fileBytes = 0;
      renameSync(this.path, `${this.path}.1`);
    }
    if (this.#descriptor !== undefined) return;
    mkdirSync(dirname(this.path), { recursive: true });
    this.#descriptor = openSync(this.path, 'a', 0o600);
  }

  #endIfDone(): void {
    if (!this.#isClosing || this.isEnded || this.#openStreams > 0 || !this.isFlushed) return;
    this.isEnded = true;
    if (this.#descriptor !== undefined) close(this.#descriptor, () => undefined);
    this.#descriptor = undefined;
    this.events.emit('more');
    this.events.emit('end');
  }
}
