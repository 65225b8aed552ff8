// Messages that parts send each other over HTTP, and how a request to a control port is signed.

import type { Signature } from './function.ts';

/** Body of `POST /specialize` on a pod's control port. */
export interface SpecializeBundle {
  version: 1;
  namespace: string;
  function: string;
  revision: string;
  /** `file.export`; absent: the runtime's default. */
  handler?: string;
  signature: Signature;
  /** Text per relative path, with `/` between folders; no `..`, no leading `/`. */
  files: Record<string, string>;
  codeDigest: string;
  /** metadata.uid of the Revision: a name may come back with another code. The runtime only repeats it. */
  revisionUid?: string;
  /** Added to the process's environment before user code loads. Values are strings. */
  env: Record<string, string>;
  timeoutMs: number;
  /** 0: no limit. */
  concurrencyLimit: number;
}

/** 200: the code is loaded and the pod serves. 409: another bundle, or this one, is there already. */
export interface SpecializeAnswer {
  state: 'ready' | 'loading' | 'failed' | 'waiting' | 'draining';
  revision?: string;
  codeDigest?: string;
  /** As it came in the bundle. */
  revisionUid?: string;
  /** What `auto` found. */
  signature?: Signature;
  /** Milliseconds the runtime spent on loading the code. */
  loadMs?: number;
  /** With 422: why the code can't be loaded, in the runtime's own words. */
  error?: LoadError;
}

export interface LoadError {
  /** For example SyntaxError, HandlerNotFound, ImportModuleError. */
  type: string;
  message: string;
}

/** `GET /stats` on the control port. */
export interface PodStats {
  inFlight: number;
  total: number;
  /** Sum over requests of the milliseconds each was in flight. */
  busyMs: number;
}

/** How long a signature is good for, in milliseconds. */
export const signatureLifeMs = 30_000;
export const bundleBytesMax = 4 * 1024 * 1024;

/**
 * The text an Ed25519 key signs for a request to a control port. The header `x-rouse-signature` is
 * `v1,EXPIRES_AT_MS,BASE64_SIGNATURE`. The pod's uid binds it to one pod, so that it can't be played to another.
 */
export function signedText(request: {
  podUid: string;
  path: string;
  expiresAtMs: number;
  bodySha256Hex: string;
}): string {
  return [
    'rouse-control-v1',
    request.podUid,
    request.path,
    String(request.expiresAtMs),
    request.bodySha256Hex,
  ].join('\n');
}

/** `data` of the Secret `system.keySecret`, before base64. */
export interface KeySecretData {
  /** PKCS#8 PEM, Ed25519. */
  controlPrivateKey: string;
  /** Raw 32 bytes in base64. */
  controlPublicKey: string;
  /** Bearer token between activators and controllers. */
  internalToken: string;
}

/** Body of `POST /v1/samples`, from every activator to every controller, each second and at once on a wake. */
export interface SampleReport {
  /** Who counts: its pod's name, or a name made at its start. */
  activator: string;
  sentAtMs: number;
  revisions: RevisionSample[];
  wakes: WakeReport[];
  /** Pool pods this activator has sent a Revision, until they show as adopted or are gone. Older ones leave it out. */
  claims?: ClaimReport[];
}

export interface RevisionSample {
  namespace: string;
  revision: string;
  /** Average number of requests in flight or queued since the last report. */
  concurrency: number;
  /** Requests that arrived since the last report. */
  requests: number;
  /** In flight or queued at this moment. */
  inFlight: number;
  /** In flight per pod name, at this moment. */
  pods: Record<string, number>;
}

/** A wake that ended: with `failure` it says why. */
export interface WakeReport {
  namespace: string;
  revision: string;
  durationMs: number;
  failure?: { code: string; message: string };
}

/** A pool pod that was sent a Revision's code: it never serves another one, whatever came of it. */
export interface ClaimReport {
  namespace: string;
  revision: string;
  /** metadata.uid of the Revision whose code was sent. */
  revisionUid?: string;
  /** Name of the pod. */
  pod: string;
  uid: string;
  /**
   * `serving`: it has taken the code. `failed`: it said that the code can't be loaded. `unknown`: no answer came, so
   * it may have taken the code or not.
   */
  outcome: ClaimOutcome;
}

export const claimOutcomes = ['serving', 'failed', 'unknown'] as const;
export type ClaimOutcome = (typeof claimOutcomes)[number];
/** Claims in one report; an activator with more to tell sends several. */
export const claimsMax = 1_000;

export const samplePath = '/v1/samples';
export const samplePeriodMs = 1000;
/** A controller takes no longer report; an activator with more to tell sends several. */
export const reportBytesMax = 1024 * 1024;
/** Characters of `WakeReport.failure.message`. */
export const wakeMessageLengthMax = 1_024;
