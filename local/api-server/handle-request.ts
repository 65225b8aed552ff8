// One request's way through the server: what its path names, which verb it is, and what came of it.

import type { ApiRequest } from './api-request.ts';
import { bindPod } from './bind.ts';
import { createObject } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteObject } from './delete.ts';
import { answerDiscovery } from './discovery.ts';
import { evictPod } from './evict.ts';
import { getObject } from './get.ts';
import { listObjects } from './list.ts';
import { readLog } from './log.ts';
import { answerOpenApi } from './openapi.ts';
import { parsePath } from './parse-path.ts';
import { patchObject } from './patch.ts';
import { resizePod } from './resize.ts';
import type { ResourceInfo } from './resource-info.ts';
import { createReview, isReview } from './review.ts';
import { getScale, patchScale, updateScale } from './scale.ts';
import { createAccountToken } from './service-account-token.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import {
  buildStatusError,
  methodNotAllowed,
  noSuchPath,
  PageNotFound,
  pageNotFound,
  StatusError,
} from './status-error.ts';
import { updateObject } from './update.ts';
import { StorageView } from './views/storage-view.ts';
import { isTrue, watchObjects } from './watch.ts';

type Verb = (parts: ServerParts, call: Call) => Answer;

/** Answers every request; whatever a verb throws becomes a Status. Runs in one synchronous step. */
export function handleRequest(parts: ServerParts, request: ApiRequest): Answer {
  try {
    return (
      answerDiscovery(parts, request) ??
      answerOpenApi(parts, request) ??
      answerResource(parts, request)
    );
  } catch (error) {
    return answerError(parts, request, error);
  }
}

function answerError(parts: ServerParts, request: ApiRequest, error: unknown): Answer {
  if (error instanceof StatusError) {
    const { status, warnings } = error;
    return { kind: 'object', status: status.code, object: status, warnings };
  }
  if (error instanceof PageNotFound) {
    const contentType = 'text/plain; charset=utf-8';
    return { kind: 'text', status: 404, text: error.message, contentType };
  }
  parts.log.error({ error, method: request.method, path: request.path }, 'request failed');
  const message = `Internal error occurred: ${(error as Error).message}`;
  const { status } = buildStatusError({ code: 500, reason: 'InternalError', message });
  return { kind: 'object', status: 500, object: status };
}

function answerResource(parts: ServerParts, request: ApiRequest): Answer {
  const path = parsePath(request.path);
  const info = path && parts.registry.find(path.group, path.version, path.plural);
  if (path === undefined || info === undefined) {
    throw parts.registry.hasGroupOf(request.path) ? noSuchPath() : pageNotFound();
  }
  if (!info.namespaced && path.namespace !== undefined) throw noSuchPath();
  if (info.namespaced && path.name !== undefined && path.namespace === undefined) {
    throw noSuchPath();
  }
  const call: Call = {
    info,
    path,
    query: request.query,
    body: request.body,
    contentType: request.contentType,
    user: request.user,
    userAgent: request.userAgent,
    ...(request.duplicates === undefined ? {} : { duplicates: request.duplicates }),
    signal: request.signal,
  };
  return pickVerb(info, call, request.method)(partsFor(parts, info), call);
}

function partsFor(parts: ServerParts, info: ResourceInfo): ServerParts {
  if (info.view === undefined) return parts;
  return { ...parts, storage: new StorageView(parts.storage, storageKey(info), info.view) };
}

function pickVerb(info: ResourceInfo, call: Call, method: string): Verb {
  const { name, subresource } = call.path;
  if (name === undefined) return pickCollectionVerb(info, call, method);
  if (isReview(info.group)) throw noSuchPath();
  if (subresource === undefined) {
    return only(method, {
      GET: getObject,
      PUT: updateObject,
      PATCH: patchObject,
      DELETE: deleteObject,
    });
  }
  const verbs = (info.subresources as readonly string[]).includes(subresource)
    ? subresourceVerbs[subresource]
    : undefined;
  if (verbs === undefined) throw noSuchPath();
  return only(method, verbs);
}

function pickCollectionVerb(info: ResourceInfo, call: Call, method: string): Verb {
  if (isReview(info.group)) return only(method, { POST: createReview });
  const isWritable = !info.namespaced || call.path.namespace !== undefined;
  return only(method, {
    GET: isWatch(call) ? watchObjects : listObjects,
    ...(isWritable ? { POST: createObject } : {}),
    ...(isWritable && info.verbs.includes('deletecollection') ? { DELETE: deleteCollection } : {}),
  });
}

const subresourceVerbs: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  status: { GET: getObject, PUT: updateObject, PATCH: patchObject },
  scale: { GET: getScale, PUT: updateScale, PATCH: patchScale },
  finalize: { PUT: updateObject },
  log: { GET: readLog },
  resize: { GET: getObject, PUT: resizePod, PATCH: resizePod },
  eviction: { POST: evictPod },
  binding: { POST: bindPod },
  token: { POST: createAccountToken },
};

function isWatch(call: Call): boolean {
  return isTrue(call.query.get('watch'));
}

function only(method: string, verbs: Readonly<Record<string, Verb>>): Verb {
  const verb = Object.hasOwn(verbs, method) ? verbs[method] : undefined;
  if (verb === undefined) throw methodNotAllowed();
  return verb;
}
