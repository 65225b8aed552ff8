// The Revision: an immutable snapshot of a Function's template, code included.

import type { Concurrency, PodOverrides, Runtime, Signature } from './function.ts';
import type { Condition, EnvVar, KubeObject, Resources } from './kubernetes.ts';

export interface RevisionSpec {
  /** Name of the Function, in the same namespace. */
  functionName: string;
  /** Counts from 1; the Revision's name ends in it, five digits wide. */
  number: number;
  runtime?: Runtime;
  image?: string;
  handler?: string;
  signature: Signature;
  /** The code, a text per relative path. Caches drop it and read it again when it is needed. */
  files?: Record<string, string>;
  /** sha256 in hex over the sorted files. Empty for an image. */
  codeDigest: string;
  /** sha256 in hex over everything else above and below: what makes two templates different. */
  templateDigest: string;
  env?: EnvVar[];
  resources?: Resources;
  timeoutSeconds: number;
  concurrency: Concurrency;
  /** Only ever false, when the Function says so: what is left out keeps older digests as they are. */
  pool?: boolean;
  podTemplate?: PodOverrides;
}

export interface RevisionStatus {
  observedGeneration?: number;
  /** Ready pods. */
  replicas?: number;
  /** Ready: False with the runtime's own error when the code can't be loaded, Unknown until proved. */
  conditions?: Condition[];
}

export interface Revision extends KubeObject {
  spec: RevisionSpec;
  status?: RevisionStatus;
}

/** `hello`, 1 -> `hello-00001`. */
export function revisionName(functionName: string, number: number): string {
  return `${functionName}-${String(number).padStart(5, '0')}`;
}

/** `hello-00001` -> 1; 0 for no name, or one that is not of that form. */
export function parseRevisionNumber(name: string | undefined): number {
  return Number(/-(\d{5,})$/.exec(name ?? '')?.[1] ?? 0);
}
