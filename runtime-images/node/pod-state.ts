// What the pod is: waiting, loading, ready, failed, draining; at most one load at a time, and one Revision for ever.

import type { Mark } from './claim-mark.ts';
import type { LoadedFunction } from './load-function.ts';
import type { FoundSignature } from './pick-signature.ts';
import type { LoadError, SpecializeAnswer, SpecializeBundle } from './contract-names.ts';

export interface PodPorts {
  /** What an earlier process of this pod was sent. */
  readonly mark: Mark | undefined;
  /** Called before the code of the first Revision is loaded. Throws where no later process would find it. */
  readonly writeMark: (bundle: SpecializeBundle) => void;
  readonly load: (bundle: SpecializeBundle) => Promise<LoadedFunction | { error: LoadError }>;
  /** Called once, before the sender hears that the code is loaded. */
  readonly onLoaded: (bundle: SpecializeBundle, loaded: LoadedFunction) => void;
}

type Phase = 'waiting' | 'loading' | 'ready' | 'failed';

export class PodState {
  readonly #ports: PodPorts;
  #phase: Phase = 'waiting';
  #isDraining = false;
  /** The Revision that this pod is for. */
  #mark: Mark | undefined;
  #signature: FoundSignature | undefined;
  #loadMs: number | undefined;
  #error: LoadError | undefined;
  #loading: Promise<void> | undefined;

  constructor(ports: PodPorts) {
    this.#ports = ports;
    this.#mark = ports.mark;
  }

  get phase(): Phase {
    return this.#phase;
  }

  startDraining(): void {
    this.#isDraining = true;
  }

  answer(): SpecializeAnswer {
    const mark = this.#mark;
    return {
      state: this.#isDraining ? 'draining' : this.#phase,
      ...(mark === undefined ? {} : { revision: mark.revision, codeDigest: mark.codeDigest }),
      ...(mark?.revisionUid === undefined ? {} : { revisionUid: mark.revisionUid }),
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(this.#loadMs === undefined ? {} : { loadMs: this.#loadMs }),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  /**
   * 200: loaded by this call. 409: the pod has a Revision, this one (look at `state`) or another, or it is draining.
   * 422: the code can't be loaded. A second request for the Revision that is loading waits for the same end.
   * Rejects, and loads nothing, when the mark can't be written.
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
    if (this.#mark === undefined) this.#ports.writeMark(bundle);
    this.#mark = bundle;
    this.#phase = 'loading';
    this.#error = undefined;
    this.#loading = this.#load(bundle);
    await this.#loading;
    return { status: this.#error === undefined ? 200 : 422, answer: this.answer() };
  }

  #isSame(bundle: SpecializeBundle): boolean {
    const mine = this.#mark;
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
