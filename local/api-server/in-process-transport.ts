// Carries a client's requests to the API server in the same process: no HTTP, no TLS, no parsing of answers.

import type { AnyObject } from './any-object.ts';
import type { KubeRequest, Transport, WatchEvent } from '../../platform/kube/transport.ts';
import type { ApiRequest } from './api-request.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, WatchAnswer } from './server-parts.ts';
import { withoutOwners } from './apply/kind-of-object.ts';
import { buildBookmark, buildList, inVersion } from './encode-answer.ts';

export interface InProcessServer {
  handle(request: ApiRequest): Answer;
}

const contentTypeByMethod: Readonly<Record<string, string>> = {
  PATCH: 'application/merge-patch+json',
};

/**
 * The objects handed out are the very ones other receivers get: treat them as frozen, copy before changing. What is
 * sent is copied by the server, so the sender may keep and change it.
 */
export function createInProcessTransport(server: InProcessServer): Transport {
  return {
    request: async (request) => {
      request.signal?.throwIfAborted();
      const answer = server.handle(toApiRequest(request));
      return { status: statusOf(answer), body: await bodyOf(answer) };
    },
    watch: async (request, onEvent) => {
      request.signal?.throwIfAborted();
      const answer = server.handle(toApiRequest(request));
      if (answer.kind !== 'watch') throw refusal(answer);
      await follow(answer, onEvent, request.signal);
    },
  };
}

function toApiRequest(request: KubeRequest): ApiRequest {
  return {
    method: request.method,
    path: request.path,
    query: new URLSearchParams(request.query),
    body: request.body,
    contentType: request.contentType ?? contentTypeByMethod[request.method] ?? 'application/json',
    accept: 'application/json',
    user: 'system:in-process',
    signal: request.signal,
  };
}

function statusOf(answer: Answer): number {
  return answer.kind === 'object' || answer.kind === 'text' ? answer.status : 200;
}

async function bodyOf(answer: Answer): Promise<unknown> {
  switch (answer.kind) {
    case 'object':
      return answer.info === undefined
        ? answer.object
        : forReceiver(answer.info, answer.object as AnyObject);
    case 'list':
      return {
        ...buildList(answer),
        items: answer.items.map((one) => forReceiver(answer.info, one.object)),
      };
    case 'text':
      return answer.text;
    case 'stream': {
      const chunks: Buffer[] = [];
      for await (const chunk of answer.chunks) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    }
    case 'watch':
      throw new Error('a watch needs Transport.watch, not Transport.request');
  }
}

// Nobody in this process reads who owns which field, and every cache would keep it: it is half of a pod. A writer that
// leaves it out changes nothing of it.
function forReceiver(info: ResourceInfo, object: AnyObject): AnyObject {
  const one = inVersion(info, object);
  if (one.metadata?.managedFields === undefined) return one;
  const copy = withoutOwners(one);
  if (!Object.isFrozen(object)) return copy;
  Object.freeze(copy.metadata);
  return Object.freeze(copy);
}

function refusal(answer: Answer): Error {
  const status = answer.kind === 'object' ? (answer.object as { message?: string }) : {};
  const error = new Error(status.message ?? 'the request is not a watch');
  return Object.assign(error, { status: statusOf(answer), body: status });
}

function follow(
  answer: WatchAnswer,
  onEvent: Parameters<Transport['watch']>[1],
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = [];
    const fail = (error: unknown): void => {
      for (const stop of stops) stop();
      reject(error as Error);
    };
    // A receiver that throws breaks its own watch, not the server and not the others.
    const deliver = (type: WatchEvent['type'], object: unknown): void => {
      try {
        onEvent({ type, object });
      } catch (error) {
        fail(error);
      }
    };
    const stop = answer.start({
      event: (type, stored) => deliver(type, forReceiver(answer.info, stored.object)),
      bookmark: (resourceVersion, isInitialEnd) =>
        deliver('BOOKMARK', buildBookmark(answer.info, resourceVersion, isInitialEnd)),
      error: (object) => deliver('ERROR', object),
      end: () => resolve(),
    });
    stops.push(stop);
    signal?.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
}
