// The runtime images that the suite runs over; a new image adds one entry and the same behaviours in its language.

import type { SpecializeBundle } from '../../../api/wire.ts';
import { prepareNode } from './runtime-process.ts';
import type { Program } from './runtime-process.ts';
import { nodeLoadFailures, nodeSources } from './node-sources.ts';

export type Files = Record<string, string>;

/** The suite's behaviours, each a Function with signature lambda unless its test says otherwise. */
export interface Sources {
  /** Answers 200, text `hello PATH`. */
  readonly hello: Files;
  /** Answers with the text of $COLOUR, read while the code loads. */
  readonly printsEnvAtLoad: Files;
  /** Answers with the environment as a JSON object, and in `offsetMinutes` what UTC is ahead of its clock. */
  readonly printsEnv: Files;
  /** Prints `blocking` while it loads, and then never gives the processor back. */
  readonly blocksAtLoad: Files;
  /** Fails to load the first time in a process, loads the second time, answers 200. */
  readonly failsOnce: Files;
  /**
   * By path: /echo answers the request's body; /throw throws an error named TypeError with message `asked to`;
   * /wait answers `waited` when a request to /release comes; /log logs `seen` at level warn; /never never answers;
   * /reserved tries to set X-Rouse-Error and X-Rouse-Retry-Safe; /remaining answers the milliseconds left; /late
   * answers, then fails outside of any request.
   */
  readonly behaviours: Files;
}

export interface LoadFailureCase {
  readonly what: string;
  readonly files: Files;
  readonly more?: Partial<SpecializeBundle>;
  /** `error.type` of the answer. */
  readonly type: string;
  /** Parts of `error.message`. */
  readonly says: readonly string[];
}

export interface RuntimeUnderTest {
  readonly name: string;
  /** Builds the image's program; returns how a process of it is started. */
  readonly prepare: () => Promise<Program>;
  readonly sources: Sources;
  readonly loadFailures: readonly LoadFailureCase[];
}

export const runtimesUnderTest: readonly RuntimeUnderTest[] = [
  { name: 'node', prepare: prepareNode, sources: nodeSources, loadFailures: nodeLoadFailures },
];
