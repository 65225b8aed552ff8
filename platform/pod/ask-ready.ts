// Asks a pod's control port what it holds: GET /ready, once.

import { get } from 'node:http';
import type { PodAddress } from '../../api/build-pod-address.ts';
import type { SpecializeAnswer } from '../../api/wire.ts';

/** An answer is a few hundred bytes; a load error's text may be some KiB. */
const answerBytesMax = 256 * 1024;

/** What counts in an answer: whose the pod is. */
export type ReadyAnswer = Pick<
  SpecializeAnswer,
  'state' | 'revision' | 'revisionUid' | 'codeDigest'
>;

/** `undefined` when nobody answers within `timeoutMs`, or with something else than the runtime contract says. */
export function askReady(address: PodAddress, timeoutMs: number): Promise<ReadyAnswer | undefined> {
  return new Promise((resolve) => {
    const { host, port } = address;
    const request = get({ host, port, path: '/ready', agent: false });
    const deadline = setTimeout(() => request.destroy(), timeoutMs);
    const end = (answer: ReadyAnswer | undefined): void => {
      clearTimeout(deadline);
      request.destroy();
      resolve(answer);
    };
    request.on('error', () => end(undefined));
    request.on('close', () => end(undefined));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('error', () => end(undefined));
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > answerBytesMax) end(undefined);
      });
      response.on('end', () => end(parseAnswer(text)));
    });
  });
}

const states = ['ready', 'loading', 'failed', 'waiting', 'draining'] as const;
/** As Kubernetes names objects. Nothing at all: it was given code, and does not know any more whose. */
const revisionPattern = /^(?:[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)?$/;
/** Uids and digests: for comparisons and logs. */
const wordPattern = /^[\w:+/=.-]{0,253}$/;

/** The answer of a pod that may run anybody's code: it becomes part of paths and labels. */
function parseAnswer(text: string): ReadyAnswer | undefined {
  const parsed = parseRecord(text);
  const state = states.find((one) => one === parsed?.['state']);
  if (parsed === undefined || state === undefined) return undefined;
  const { revision, revisionUid, codeDigest } = parsed;
  if (!isTextOrNone(revision, revisionPattern)) return undefined;
  if (!isTextOrNone(revisionUid, wordPattern) || !isTextOrNone(codeDigest, wordPattern)) {
    return undefined;
  }
  return {
    state,
    ...(revision !== undefined && { revision }),
    ...(revisionUid !== undefined && { revisionUid }),
    ...(codeDigest !== undefined && { codeDigest }),
  };
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function isTextOrNone(value: unknown, pattern: RegExp): value is string | undefined {
  return value === undefined || (typeof value === 'string' && pattern.test(value));
}
