// Talks to a pod's control port: signs, posts the code, and knocks until the port answers.

import { createHash, sign, type KeyObject } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { PodAddress } from '../../api/build-pod-address.ts';
import { headers } from '../../api/names.ts';
import {
  signatureLifeMs,
  signedText,
  type LoadError,
  type SpecializeAnswer,
  type SpecializeBundle,
} from '../../api/wire.ts';
import { connectByKnocking } from './knock-tcp.ts';
import { eagerPauseMs, isUnreachable, pauseBetweenKnocks } from './knock-pace.ts';

/** A bundle that is serialized and hashed once, however many pods it goes to. */
export interface PreparedBundle {
  readonly revision: string;
  readonly revisionUid: string | undefined;
  readonly codeDigest: string;
  readonly body: Buffer;
  readonly sha256Hex: string;
}

export interface SpecializeRequest {
  readonly address: PodAddress;
  /** The pod's metadata.uid: a signature is good for this pod only. */
  readonly podUid: string;
  readonly privateKey: KeyObject;
  readonly bundle: PreparedBundle;
  readonly signal?: AbortSignal | undefined;
  /** From the first byte sent to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Default: signed now. */
  readonly signedHeaders?: Readonly<Record<string, string>> | undefined;
  /** A connection to `address` that is open already; default: a new one. It is used up. */
  readonly socket?: Socket | undefined;
}

export interface KnockRequest extends SpecializeRequest {
  readonly signal: AbortSignal;
  /** Between the first knocks, in milliseconds. Default `eagerPauseMs`: somebody waits. */
  readonly firstPauseMs?: number | undefined;
}

export interface SpecializeResponse {
  readonly status: number;
  /** `undefined` when the body was not an answer of the runtime contract. */
  readonly answer: SpecializeAnswer | undefined;
}

/** How a knock ended. `refused` is an answer outside the contract, for example 401 or 404. */
export type KnockOutcome =
  | { readonly kind: 'ready'; readonly answer: SpecializeAnswer }
  | { readonly kind: 'failed'; readonly error: LoadError }
  | { readonly kind: 'taken'; readonly answer: SpecializeAnswer | undefined }
  | { readonly kind: 'refused'; readonly status: number };

export const specializePath = '/specialize';
/** An answer is a few hundred bytes; a load error's text may be some KiB. */
const answerBytesMax = 256 * 1024;
export function prepareBundle(bundle: SpecializeBundle): PreparedBundle {
  const body = Buffer.from(JSON.stringify(bundle));
  const sha256Hex = createHash('sha256').update(body).digest('hex');
  const { revision, revisionUid, codeDigest } = bundle;
  return { revision, revisionUid, codeDigest, body, sha256Hex };
}

/** Headers of a signed control request, good for `signatureLifeMs` from `nowMs` (default: now). */
export function buildSignedHeaders(options: {
  readonly podUid: string;
  readonly privateKey: KeyObject;
  readonly path: string;
  readonly sha256Hex: string;
  readonly nowMs?: number;
}): Record<string, string> {
  const expiresAtMs = (options.nowMs ?? Date.now()) + signatureLifeMs;
  const { podUid, path, sha256Hex } = options;
  const text = signedText({ podUid, path, expiresAtMs, bodySha256Hex: sha256Hex });
  const signature = sign(null, Buffer.from(text), options.privateKey).toString('base64');
  return { [headers.signature]: `v1,${expiresAtMs},${signature}` };
}

/**
 * One POST /specialize. Resolves with whatever status came. Rejects with an error whose `code` is ECONNREFUSED and
 * the like, ETIMEDOUT when `timeoutMs` passed, ABORT_ERR when the signal did.
 */
export function postSpecialize(options: SpecializeRequest): Promise<SpecializeResponse> {
  const { address, bundle, socket } = options;
  const signed =
    options.signedHeaders ??
    buildSignedHeaders({ ...options, path: specializePath, sha256Hex: bundle.sha256Hex });
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: address.host,
      port: address.port,
      method: 'POST',
      path: specializePath,
      // Without keep-alive: a pod is specialized once.
      ...(socket === undefined ? { agent: false } : { createConnection: () => socket }),
      headers: {
        ...signed,
        'content-type': 'application/json',
        'content-length': bundle.body.length,
      },
      ...(options.signal && { signal: options.signal }),
    });
    const deadline = setTimeout(() => {
      request.destroy(coded('ETIMEDOUT', `no answer after ${options.timeoutMs} ms`));
    }, options.timeoutMs);
    request.on('error', reject);
    request.on('close', () => clearTimeout(deadline));
    request.on('response', (response) => {
      readAnswer(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, answer }),
        reject,
      );
    });
    request.end(bundle.body);
  });
}

/**
 * Posts until the pod has answered: as soon as it accepts a connection, and again while it is not ready to be asked.
 * Rejects when the signal aborts (the caller's budget) or on an error that trying again won't mend.
 */
export async function knock(options: KnockRequest): Promise<KnockOutcome> {
  const { address, signal, bundle, firstPauseMs = eagerPauseMs } = options;
  for (let attempt = 0; ; attempt += 1) {
    // A bare connection costs a tenth of a request that is refused, and most knocks find nobody there yet.
    const socket = await connectByKnocking(address, { signal, firstPauseMs });
    try {
      const outcome = judgeAnswer(await postSpecialize({ ...options, socket }), bundle);
      if (outcome !== undefined) return outcome;
    } catch (error) {
      if (signal.aborted || !isUnreachable(error)) throw error;
    }
    await pauseBetweenKnocks(attempt, { signal, firstPauseMs });
  }
}

/** `undefined`: ask again, it is loading this very bundle for somebody else, or not ready to be asked. */
export function judgeAnswer(
  response: SpecializeResponse,
  bundle: Pick<PreparedBundle, 'revision' | 'codeDigest'>,
): KnockOutcome | undefined {
  const { status, answer } = response;
  if (status === 200 && answer !== undefined) return { kind: 'ready', answer };
  if (status === 422) {
    const unknown = { type: 'LoadError', message: 'the runtime gave no reason' };
    return { kind: 'failed', error: answer?.error ?? unknown };
  }
  if (status === 503) return undefined;
  if (status !== 409) return { kind: 'refused', status };
  const isOurs = answer?.revision === bundle.revision && answer.codeDigest === bundle.codeDigest;
  if (!isOurs) return { kind: 'taken', answer };
  if (answer.state === 'loading') return undefined;
  return answer.state === 'ready' ? { kind: 'ready', answer } : { kind: 'taken', answer };
}

async function readAnswer(response: IncomingMessage): Promise<SpecializeAnswer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) return undefined;
    chunks.push(chunk);
  }
  try {
    const parsed = JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
    return typeof parsed === 'object' && parsed !== null ? (parsed as SpecializeAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
