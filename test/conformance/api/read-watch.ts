// Takes the events out of a watch's stream, which comes in pieces of any size.

export interface WatchEvent {
  readonly type: string;
  readonly object: unknown;
}

export class WatchReader {
  #rest = '';

  /** The events that are complete with this piece. */
  push(piece: string): WatchEvent[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent);
  }
}
