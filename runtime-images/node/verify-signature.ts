// Decides whether a request to the control port comes from the platform: Ed25519 over pod, path, expiry and body.

import type * as NodeCrypto from 'node:crypto';
import { signatureLifeMs, signedText } from './contract-names.ts';

/** DER header of an Ed25519 SubjectPublicKeyInfo; the raw 32 bytes follow. */
const ed25519SpkiPrefix = '302a300506032b6570032100';
const rawKeyBytes = 32;
/** A signature that claims to live longer was not made by the platform; twice the life allows for clocks apart. */
const expiryAheadMsMax = 2 * signatureLifeMs;

export interface ParsedSignature {
  readonly expiresAtMs: number;
  readonly signature: string;
}

/** Reads `v1,EXPIRES_AT_MS,BASE64_SIGNATURE`; a string is the reason why it can't be. */
export function parseSignatureHeader(value: unknown): ParsedSignature | string {
  if (typeof value !== 'string') return 'the request is not signed';
  const match = /^v1,(\d{1,16}),([A-Za-z0-9+/]{86}==)$/.exec(value);
  if (match === null) return 'the signature header is not v1,EXPIRES_AT_MS,BASE64_SIGNATURE';
  return { expiresAtMs: Number(match[1]), signature: match[2] as string };
}

/** `undefined` when the time is right, otherwise the reason. Cheap: asked before the body is read. */
export function refuseExpiry(expiresAtMs: number, nowMs: number): string | undefined {
  if (expiresAtMs <= nowMs) return 'the signature has expired';
  if (expiresAtMs > nowMs + expiryAheadMsMax) return 'the signature expires too far ahead';
  return undefined;
}

export class SignatureVerifier {
  readonly #podUid: string;
  readonly #publicKey: string | undefined;
  #key: NodeCrypto.KeyObject | undefined;

  constructor(options: { podUid: string; publicKey: string | undefined }) {
    this.#podUid = options.podUid;
    this.#publicKey = options.publicKey;
  }

  /**
   * Loads Node's crypto and the key, about 4 ms. Called once the ports listen, so that it happens while the first
   * request is still on its way. Throws when the key is not 32 bytes of base64.
   */
  prepare(): void {
    if (this.#key !== undefined || this.#publicKey === undefined) return;
    const raw = Buffer.from(this.#publicKey, 'base64');
    if (raw.length !== rawKeyBytes) {
      throw new Error(`ROUSE_CONTROL_PUBLIC_KEY has ${raw.length} bytes; an Ed25519 key has 32`);
    }
    const key = Buffer.concat([Buffer.from(ed25519SpkiPrefix, 'hex'), raw]);
    this.#key = crypto().createPublicKey({ key, format: 'der', type: 'spki' });
  }

  /** `undefined` when the signature is good, otherwise the reason why not. */
  refuse(path: string, parsed: ParsedSignature, body: Buffer): string | undefined {
    this.prepare();
    if (this.#key === undefined) return 'this pod has no control key, so nobody may control it';
    const text = signedText({
      podUid: this.#podUid,
      path,
      expiresAtMs: parsed.expiresAtMs,
      bodySha256Hex: crypto().createHash('sha256').update(body).digest('hex'),
    });
    const signature = Buffer.from(parsed.signature, 'base64');
    const isGood = crypto().verify(null, Buffer.from(text), this.#key, signature);
    return isGood ? undefined : 'the signature does not fit this pod, path and body';
  }
}

function crypto(): typeof NodeCrypto {
  return process.getBuiltinModule('node:crypto');
}
