// In which order a kubelet tries the ports of its range.

/** Below the ephemeral ranges of Linux (32768) and macOS (49152), so that no outgoing connection sits on one. */
export const portFirst = 20_000;
export const portLast = 29_999;

/** The port to try after `port`. */
export function derivePortNext(port: number): number {
  return port >= portLast ? portFirst : port + 1;
}

/** Where a cluster begins: each home somewhere else, so that two of them rarely meet. */
export function derivePortStart(home: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < home.length; index += 1) {
    hash ^= home.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return portFirst + (hash % (portLast - portFirst + 1));
}
