// Remembers whose pod this is beyond the life of the process: user code may have left files that outlive it too.

import fs from 'node:fs';
import type { SpecializeBundle } from './contract-names.ts';

/** Which Revision a pod was sent; as much of a bundle as tells it from every other. */
export type Mark = Pick<SpecializeBundle, 'namespace' | 'revision' | 'codeDigest' | 'revisionUid'>;

/** Not to be read as any Revision's, so none fits. */
const unreadable: Mark = { namespace: '', revision: '', codeDigest: '' };

export class ClaimMark {
  readonly #path: string;

  /** By uid, since a folder of a machine may be that of many pods. */
  constructor(folder: string, podUid: string) {
    this.#path = `${folder}/rouse-claimed-${podUid}`;
  }

  /** `undefined`: no process of this pod has loaded any code. */
  read(): Mark | undefined {
    let text: string;
    try {
      text = fs.readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw this.#explain(error);
    }
    return parseMark(text);
  }

  #explain(error: unknown): Error {
    const what = `whose pod this is can't be noted in ${this.#path}: ${(error as Error).message}`;
    return new Error(`${what}; let ROUSE_MARK_DIR name a folder that this process may write to`);
  }

  /**
   * Whole or not at all: a process that dies in the middle has loaded nothing. What the kernel has outlives the
   * process; a machine that dies takes what is in memory with it, so nothing is forced to a disk (3 ms and more).
   * Throws an Error that says what to do.
   */
  write({ namespace, revision, codeDigest, revisionUid }: Mark): void {
    const text = JSON.stringify({ namespace, revision, codeDigest, revisionUid });
    try {
      fs.writeFileSync(`${this.#path}.new`, text);
      fs.renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      throw this.#explain(error);
    }
  }
}

function parseMark(text: string): Mark {
  try {
    const { namespace, revision, codeDigest, revisionUid } = JSON.parse(text) as Partial<Mark>;
    if (!namespace || !revision || !codeDigest) return unreadable;
    return { namespace, revision, codeDigest, ...(revisionUid && { revisionUid }) };
  } catch {
    return unreadable;
  }
}
