// Asks a pod's control port what it holds: GET /ready, once.

import { get } from 'node:http';
import type { PodAddress } from '../../api/build-pod-address.ts';
import type { SpecializeAnswer } from '../../api/wire.ts';

/** An answer is a few hundred bytes; a load error's text may be some KiB. */
const answerBytesMax = 256 * 1024;

/** `undefined` when nobody answers within `timeoutMs`, or with something else than the runtime contract says. */
export function askReady(
  address: PodAddress,
  timeoutMs: number,
): Promise<SpecializeAnswer | undefined> {
  return new Promise((resolve) => {
    const { host, port } = address;
    const request = get({ host, port, path: '/ready', agent: false });
    const deadline = setTimeout(() => request.destroy(), timeoutMs);
    const end = (answer: SpecializeAnswer | undefined): void => {
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

function parseAnswer(text: string): SpecializeAnswer | undefined {
  try {
    const parsed = JSON.parse(text) as Partial<SpecializeAnswer> | null;
    return typeof parsed?.state === 'string' ? (parsed as SpecializeAnswer) : undefined;
  } catch {
    return undefined;
  }
}
