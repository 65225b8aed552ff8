// Breadth-first search of every state that steps lead to, and the shortest way to one that breaks a promise.

export interface Step<S> {
  readonly name: string;
  readonly state: S;
  /** What nobody can count on to happen: faults, and new requests. All else happens sooner or later. */
  readonly isFault: boolean;
}

export interface SearchOptions<S> {
  readonly start: S;
  readonly keyOf: (state: S) => string;
  readonly stepsOf: (state: S) => Step<S>[];
  /** Holds in every state. */
  readonly findBroken: (state: S) => string | undefined;
  /** Holds where nothing is left to do. */
  readonly findUnfinished: (state: S) => string | undefined;
  readonly statesMax: number;
}

export interface SearchResult {
  readonly states: number;
  readonly quiet: number;
  readonly violation?: { readonly what: string; readonly trace: readonly string[] };
}

interface Node {
  readonly parent: number;
  readonly step: string;
}

/** Throws when there are more states than `statesMax`: half a search proves nothing. */
export function search<S>(options: SearchOptions<S>): SearchResult {
  const graph = new Graph(options);
  let frontier: S[] = [options.start];
  let here = 0;
  while (frontier.length > 0) {
    const next: S[] = [];
    for (const state of frontier) {
      const what = options.findBroken(state) ?? graph.expand(state, here, next);
      if (what !== undefined) return graph.result({ what, at: here });
      here += 1;
    }
    frontier = next;
  }
  const restless = findRestless(graph.quiet, graph.before);
  return graph.result(
    restless === undefined ? undefined : { what: 'never comes to rest', at: restless },
  );
}

/** Every state that was found, by number, in the order in which they are looked at. */
class Graph<S> {
  readonly quiet: number[] = [];
  /** Backwards along what happens by itself: to find the states that never come to rest. */
  readonly before: number[][] = [[]];
  readonly #options: SearchOptions<S>;
  readonly #nodes: Node[] = [{ parent: -1, step: 'start' }];
  readonly #numbers: Map<string, number>;

  constructor(options: SearchOptions<S>) {
    this.#options = options;
    this.#numbers = new Map([[options.keyOf(options.start), 0]]);
  }

  /** Adds the states that come next, and says what is wrong where none does by itself. */
  expand(state: S, here: number, next: S[]): string | undefined {
    let isQuiet = true;
    for (const step of this.#options.stepsOf(state)) {
      const there = this.#numberOf(step, here, next);
      if (step.isFault || there === here) continue;
      isQuiet = false;
      this.before[there]?.push(here);
    }
    if (!isQuiet) return undefined;
    this.quiet.push(here);
    return this.#options.findUnfinished(state);
  }

  result(found: { what: string; at: number } | undefined): SearchResult {
    const counts = { states: this.#nodes.length, quiet: this.quiet.length };
    if (found === undefined) return counts;
    const trace = traceOf(this.#nodes, found.at);
    return { ...counts, violation: { what: found.what, trace } };
  }

  #numberOf(step: Step<S>, parent: number, next: S[]): number {
    const key = this.#options.keyOf(step.state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#nodes.length;
    const { statesMax } = this.#options;
    if (number >= statesMax) throw new Error(`more than ${statesMax} states`);
    this.#numbers.set(key, number);
    this.#nodes.push({ parent, step: step.name });
    this.before.push([]);
    next.push(step.state);
    return number;
  }
}

/** A state from which no state of rest can be reached without a fault. */
function findRestless(quiet: readonly number[], before: readonly number[][]): number | undefined {
  const calm = new Uint8Array(before.length);
  const open = [...quiet];
  for (const one of quiet) calm[one] = 1;
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const earlier of before[one] ?? []) {
      if (calm[earlier] === 1) continue;
      calm[earlier] = 1;
      open.push(earlier);
    }
  }
  const found = calm.indexOf(0);
  return found === -1 ? undefined : found;
}

function traceOf(nodes: readonly Node[], last: number): string[] {
  const trace: string[] = [];
  for (let one = last; one >= 0; one = nodes[one]?.parent ?? -1) {
    trace.push(nodes[one]?.step ?? '');
  }
  return trace.reverse();
}
