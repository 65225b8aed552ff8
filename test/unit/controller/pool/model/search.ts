// Breadth-first search of every state that steps lead to, and the shortest way to one that breaks a promise.

export interface Step<S> {
  readonly name: string;
  readonly state: S;
  /** What nobody can count on to happen: faults, and new requests. All else happens sooner or later. */
  readonly isFault: boolean;
}

export interface SearchOptions<S> {
  readonly start: S;
  /** Of how many words of 32 bits what `hash` writes is. */
  readonly hashWords: number;
  /** The same for states that count as one. */
  readonly hash: (state: S, into: Uint32Array) => void;
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

/** Throws when there are more states than `statesMax`: half a search proves nothing. */
export function search<S>(options: SearchOptions<S>): SearchResult {
  const graph = new Graph(options);
  let frontier: S[] = [options.start];
  let here = 0;
  while (frontier.length > 0) {
    const next: S[] = [];
    // Taken from the end, so that what was looked at can be forgotten.
    for (let state = frontier.pop(); state !== undefined; state = frontier.pop()) {
      const what = options.findBroken(state) ?? graph.expand(state, here, next);
      if (what !== undefined) return graph.result({ what, at: here });
      here += 1;
    }
    frontier = next.reverse();
  }
  const restless = graph.findRestless();
  return graph.result(
    restless === undefined ? undefined : { what: 'never comes to rest', at: restless },
  );
}

/** Every state that was found, by number, in the order in which they are looked at. */
class Graph<S> {
  readonly #options: SearchOptions<S>;
  readonly #numbers: HashNumbers;
  readonly #parents = new Numbers();
  /** What happens by itself: the states that come next, one state after the other. */
  readonly #next = new Numbers();
  /** Where in `#next` those of a state end. */
  readonly #ends = new Numbers();
  #quiet = 0;

  constructor(options: SearchOptions<S>) {
    this.#options = options;
    this.#numbers = new HashNumbers(options.hashWords);
    this.#numberOf(options.start, 0, []);
  }

  /** Adds the states that come next, and says what is wrong where none does by itself. */
  expand(state: S, here: number, next: S[]): string | undefined {
    let isQuiet = true;
    for (const step of this.#options.stepsOf(state)) {
      const there = this.#numberOf(step.state, here, next);
      if (step.isFault || there === here) continue;
      isQuiet = false;
      this.#next.push(there);
    }
    this.#ends.push(this.#next.length);
    if (!isQuiet) return undefined;
    this.#quiet += 1;
    return this.#options.findUnfinished(state);
  }

  /** A state from which no state of rest can be reached without a fault. */
  findRestless(): number | undefined {
    const calm = new Uint8Array(this.#ends.length);
    // Mostly what comes next was found later: from the end on few rounds do.
    for (let isNew = true; isNew;) {
      isNew = false;
      for (let one = calm.length - 1; one >= 0; one -= 1) {
        if (calm[one] === 1 || !this.#isCalm(one, calm)) continue;
        calm[one] = 1;
        isNew = true;
      }
    }
    const found = calm.indexOf(0);
    return found === -1 ? undefined : found;
  }

  #isCalm(one: number, calm: Uint8Array): boolean {
    const end = this.#ends.at(one);
    const from = one === 0 ? 0 : this.#ends.at(one - 1);
    for (let at = from; at < end; at += 1) if (calm[this.#next.at(at)] === 1) return true;
    return from === end;
  }

  result(found: { what: string; at: number } | undefined): SearchResult {
    const counts = { states: this.#numbers.size, quiet: this.#quiet };
    if (found === undefined) return counts;
    return { ...counts, violation: { what: found.what, trace: this.#traceTo(found.at) } };
  }

  #numberOf(state: S, parent: number, next: S[]): number {
    const { hash, statesMax } = this.#options;
    hash(state, this.#numbers.hash);
    const known = this.#numbers.size;
    const number = this.#numbers.take();
    if (number < known) return number;
    if (number >= statesMax) throw new Error(`more than ${statesMax} states`);
    this.#parents.push(parent);
    next.push(state);
    return number;
  }

  /** Walked once more from the start, since names of steps are kept nowhere. */
  #traceTo(last: number): string[] {
    const way: number[] = [];
    for (let one = last; one !== 0; one = this.#parents.at(one)) way.push(one);
    const trace = ['start'];
    let state = this.#options.start;
    for (const number of way.reverse()) {
      const step = this.#options
        .stepsOf(state)
        .find((one) => this.#numberOf(one.state, 0, []) === number);
      if (step === undefined) throw new Error('the same step leads elsewhere the second time');
      trace.push(step.name);
      state = step.state;
    }
    return trace;
  }
}

/** Numbers from 0 up for hashes, in order of appearance. */
class HashNumbers {
  /** Written by the caller, then taken. */
  readonly hash: Uint32Array;
  readonly #hashes = new Numbers();
  /** 0: free; otherwise the number plus one. At most half of it is taken. */
  #table = new Uint32Array(2 ** 12);
  size = 0;

  constructor(words: number) {
    this.hash = new Uint32Array(words);
  }

  /** The number of the hash, which is the size before where it is new. */
  take(): number {
    const { hash } = this;
    const mask = this.#table.length - 1;
    let slot = (hash[0] ?? 0) & mask;
    for (let found = this.#table[slot]; found !== 0; found = this.#table[slot]) {
      if (this.#isAt((found ?? 0) - 1)) return (found ?? 0) - 1;
      slot = (slot + 1) & mask;
    }
    for (const word of hash) this.#hashes.push(word);
    this.size += 1;
    this.#table[slot] = this.size;
    if (this.size * 2 > this.#table.length) this.#grow();
    return this.size - 1;
  }

  #isAt(number: number): boolean {
    const { length } = this.hash;
    for (let word = 0; word < length; word += 1) {
      if (this.#hashes.at(number * length + word) !== this.hash[word]) return false;
    }
    return true;
  }

  #grow(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let number = 0; number < this.size; number += 1) {
      let slot = this.#hashes.at(number * this.hash.length) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = number + 1;
    }
    this.#table = table;
  }
}

/** A list of numbers of 32 bits, without a sign. */
class Numbers {
  #values = new Uint32Array(2 ** 12);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const values = new Uint32Array(this.length * 2);
      values.set(this.#values);
      this.#values = values;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}
