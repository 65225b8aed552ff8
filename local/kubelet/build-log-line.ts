// One line of a container's log, as container runtimes write it: time, stream, flag, text.

export type LogStream = 'stdout' | 'stderr';

export interface LogLine {
  readonly time: string;
  readonly stream: LogStream;
  /** False: the line goes on in the next entry. */
  readonly isFull: boolean;
  readonly text: string;
}

/** Longer lines are cut into several entries, so that no reader needs unbounded memory. */
export const lineBytesMax = 16 * 1024;

export function buildLogLine(line: LogLine): string {
  return `${line.time} ${line.stream} ${line.isFull ? 'F' : 'P'} ${line.text}\n`;
}

/** `undefined` for what is no log line, such as the rest of one that a crash cut off. */
export function parseLogLine(line: string): LogLine | undefined {
  const match = /^(\S+) (stdout|stderr) ([FP]) (.*)$/s.exec(line);
  if (match === null || match[1] === undefined) return undefined;
  return {
    time: match[1],
    stream: match[2] as LogStream,
    isFull: match[3] === 'F',
    text: match[4] ?? '',
  };
}
