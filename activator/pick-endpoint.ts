// Picks the pod a request goes to: the one with the fewest requests in flight.

export interface Load {
  readonly inFlight: number;
}

/**
 * Index of the least loaded endpoint below `inFlightMax`; among equals the first one from `turn`
 * on, so that a caller who counts `turn` up spreads them. -1 when all are full.
 */
export function pickEndpoint(
  endpoints: readonly Load[],
  inFlightMax: number,
  turn: number,
): number {
  const count = endpoints.length;
  let best = -1;
  let bestInFlight = inFlightMax;
  for (let step = 0; step < count; step += 1) {
    const index = (turn + step) % count;
    const inFlight = endpoints[index]?.inFlight ?? Infinity;
    if (inFlight < bestInFlight) {
      best = index;
      bestInFlight = inFlight;
      if (inFlight === 0) break;
    }
  }
  return best;
}
