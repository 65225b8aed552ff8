// What the pod is: waiting, loading, ready, failed, draining; at most one load at a time, and one Revision for ever.

import type { LoadedFunction } from './load-function.ts';
import type { FoundSignature } from './pick-signature.ts';
import type { LoadError, SpecializeAnswer, SpecializeBundle } from './contract-names.ts';

export interface PodPorts {
  readonly load: (bundle: SpecializeBundle) => Promise<LoadedFunction | { error: LoadError }>;
  /** Called once, before the sender hears that the code is loaded. */
  readonly onLoaded: (bundle: SpecializeBundle, loaded: LoadedFunction) => void;
}

type Phase = 'waiting' | 'loading' | 'ready' | 'failed';

export class PodState {
  readonly #ports: PodPorts;
  #phase: Phase = 'waiting';
  #isDraining = false;
  #bundle: SpecializeBundle | undefined;
  #signature: FoundSignature | undefined;
  #loadMs: number | undefined;
  #error: LoadError | undefined;
  #loading: Promise<void> | undefined;

  constructor(ports: PodPorts) {
    this.#ports = ports;
  }

  get phase(): Phase {
    return this.#phase;
  }

  startDraining(): void {
    this.#isDraining = true;
  }

  answer(): SpecializeAnswer {
    const bundle = this.#bundle;
    return {
      state: this.#isDraining ? 'draining' : this.#phase,
      ...(bundle === undefined ? {} : { revision: bundle.revision, codeDigest: bundle.codeDigest }),
      ...(bundle?.revisionUid === undefined ? {} : { revisionUid: bundle.revisionUid }),
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(this.#loadMs === undefined ? {} : { loadMs: this.#loadMs }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /**
   * 200: loaded by this call. 409: the pod has a Revision, this one (look at `state`) or another, or it is draining.
   * 422: the code can't be loaded. A second request for the Revision that is loading waits for the same end.
   */
  async specialize(
    bundle: SpecializeBundle,
  ): Promise<{ status: number; answer: SpecializeAnswer }> {
    if (this.#isDraining || !this.#isSame(bundle)) return { status: 409, answer: this.answer() };
    if (this.#phase === 'loading') {
      await this.#loading;
      return { status: this.#error === undefined ? 409 : 422, answer: this.answer() };
    }
    if (this.#phase === 'ready') return { status: 409, answer: this.answer() };
    this.#bundle = bundle;
    this.#phase = 'loading';
    this.#error = undefined;
    this.#loading = this.#load(bundle);
    await this.#loading;
    return { status: this.#error === undefined ? 200 : 422, answer: this.answer() };
  }

  #isSame(bundle: SpecializeBundle): boolean {
    const mine = this.#bundle;
    if (mine === undefined) return true;
    return (
      mine.namespace === bundle.namespace &&
      mine.revision === bundle.revision &&
      mine.revisionUid === bundle.revisionUid &&
      mine.codeDigest === bundle.codeDigest
    );
  }

  async #load(bundle: SpecializeBundle): Promise<void> {
    const startedAtMs = performance.now();
    const loaded = await this.#ports.load(bundle);
    this.#loadMs = Math.round((performance.now() - startedAtMs) * 100) / 100;
    if ('error' in loaded) {
      this.#phase = 'failed';
      this.#error = loaded.error;
      return;
    }
    this.#signature = loaded.signature;
    this.#ports.onLoaded(bundle, loaded);
    this.#phase = 'ready';
  }
}
