// What activators have counted: requests in flight per Revision over time, in buckets of a second.

/** What one activator has counted since its last report. */
export interface WindowSample {
  readonly activator: string;
  /** Average in flight or waiting since that activator's last report. */
  readonly concurrency: number;
  readonly requests: number;
  readonly inFlight: number;
  /** In flight per pod name. */
  readonly pods: Readonly<Record<string, number>>;
}

interface Source {
  reportedMs: number;
  inFlight: number;
  pods: Readonly<Record<string, number>>;
}

/** An activator that is silent for this long has nothing in flight any more: it reports every second while it has. */
export const silentMsMax = 5_000;
/** Activators remembered per Revision; the longest silent goes first. */
const sourcesMax = 64;
/** The first report has no former one to count from. */
const firstReportCoversMs = 1_000;
/** After a gap a report tells of this much at most. */
const reportCoversMsMax = 2_000;

/** Of one Revision. Bounded by its window; time is passed in and must not run backwards by more than a report. */
export class ConcurrencyWindow {
  readonly #seconds: Float64Array;
  /** Requests times seconds, per second of time. */
  readonly #areas: Float64Array;
  readonly #sources = new Map<string, Source>();
  readonly #firstMs: number;
  #reportedMs: number;
  #busyMs: number | undefined;

  /** `windowMs`: the longest window that will be asked for. */
  constructor(windowMs: number, nowMs: number) {
    const buckets = Math.ceil(windowMs / 1000) + 2;
    this.#seconds = new Float64Array(buckets).fill(-1);
    this.#areas = new Float64Array(buckets);
    this.#firstMs = nowMs - firstReportCoversMs;
    this.#reportedMs = nowMs;
  }

  /** Length of the longest window it can answer for. */
  get windowMs(): number {
    return (this.#seconds.length - 2) * 1000;
  }

  /** When something was last in flight, as far as is known. */
  get busyMs(): number | undefined {
    return this.#busyMs;
  }

  get reportedMs(): number {
    return this.#reportedMs;
  }

  add(sample: WindowSample, nowMs: number): void {
    const before = this.#sources.get(sample.activator);
    const coversMs =
      before === undefined
        ? firstReportCoversMs
        : Math.min(reportCoversMsMax, Math.max(0, nowMs - before.reportedMs));
    this.#spread(nowMs - coversMs, nowMs, sample.concurrency);
    this.#sources.delete(sample.activator);
    this.#sources.set(sample.activator, {
      reportedMs: nowMs,
      inFlight: sample.inFlight,
      pods: sample.pods,
    });
    const oldest = this.#sources.keys().next().value;
    if (this.#sources.size > sourcesMax && oldest !== undefined) this.#sources.delete(oldest);
    this.#reportedMs = nowMs;
    if (sample.inFlight > 0 || sample.requests > 0 || sample.concurrency > 0) this.#busyMs = nowMs;
  }

  /** Of requests in flight, over the last `windowMs`, or over what there is when that is less. */
  average(windowMs: number, nowMs: number): number {
    // The last second may not be reported yet; counted as empty it would make the average dip at every look.
    const endMs = nowMs - this.#reportedMs < reportCoversMsMax ? this.#reportedMs : nowMs;
    const startMs = Math.max(endMs - windowMs, this.#firstMs);
    const firstSecond = Math.floor(startMs / 1000);
    // Of the oldest second only the part within the window; of the very first one nothing came before `#firstMs`.
    const endOfFirstMs = (firstSecond + 1) * 1000;
    const filledFromMs = Math.max(firstSecond * 1000, this.#firstMs);
    const firstShare = (endOfFirstMs - startMs) / (endOfFirstMs - filledFromMs);
    let area = 0;
    for (let index = 0; index < this.#seconds.length; index += 1) {
      const second = this.#seconds[index] ?? -1;
      if (second > firstSecond) area += this.#areas[index] ?? 0;
      else if (second === firstSecond) area += (this.#areas[index] ?? 0) * firstShare;
    }
    return area / Math.max(1, (endMs - startMs) / 1000);
  }

  /** In flight or waiting now, over the activators that are not silent. */
  inFlight(nowMs: number): number {
    let total = 0;
    for (const source of this.#live(nowMs)) total += source.inFlight;
    return total;
  }

  /** In flight per pod name. */
  pods(nowMs: number): Map<string, number> {
    const totals = new Map<string, number>();
    for (const source of this.#live(nowMs)) {
      for (const [name, count] of Object.entries(source.pods)) {
        totals.set(name, (totals.get(name) ?? 0) + count);
      }
    }
    return totals;
  }

  #live(nowMs: number): Source[] {
    return [...this.#sources.values()].filter((one) => nowMs - one.reportedMs < silentMsMax);
  }

  /** Adds `value` for every moment from `fromMs` to `toMs`. */
  #spread(fromMs: number, toMs: number, value: number): void {
    if (value === 0) return;
    for (let atMs = fromMs; atMs < toMs;) {
      const second = Math.floor(atMs / 1000);
      const untilMs = Math.min(toMs, (second + 1) * 1000);
      const index = second % this.#seconds.length;
      if (this.#seconds[index] !== second) {
        this.#seconds[index] = second;
        this.#areas[index] = 0;
      }
      this.#areas[index] = (this.#areas[index] ?? 0) + (value * (untilMs - atMs)) / 1000;
      atMs = untilMs;
    }
  }
}
