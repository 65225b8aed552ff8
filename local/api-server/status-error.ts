// Every refusal of the API server: an error that carries the Status object Kubernetes would answer.

import type { KubeStatus } from '../../api/kubernetes.ts';
import type { Cause } from './cause.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { StoredObject } from './storage.ts';
import { qualifiedKind } from './resource-info.ts';

type Stored = Pick<StoredObject, 'resource' | 'namespace' | 'name' | 'object'>;

export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: KubeStatus;
  /** What was odd about the request besides. */
  readonly warnings: readonly string[];

  constructor(status: KubeStatus, warnings: readonly string[] = []) {
    super(status.message);
    this.status = status;
    this.warnings = warnings;
  }
}

export interface StatusParts {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: KubeStatus['details'];
}

export function buildStatusError(parts: StatusParts): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: parts.message,
    reason: parts.reason,
    ...(parts.details === undefined ? {} : { details: parts.details }),
    code: parts.code,
  });
}

/** `apps/deployments` -> name and group as messages and details have them. */
function named(resource: string): { group: string; plural: string; text: string } {
  const slash = resource.indexOf('/');
  const group = resource.slice(0, slash);
  const plural = resource.slice(slash + 1);
  return { group, plural, text: group === '' ? plural : `${plural}.${group}` };
}

function detailsOf(resource: string, name: string): NonNullable<KubeStatus['details']> {
  const { group, plural } = named(resource);
  return { name, ...(group === '' ? {} : { group }), kind: plural };
}

export function notFound(resource: string, name: string): StatusError {
  const message = `${named(resource).text} ${JSON.stringify(name)} not found`;
  return buildStatusError({
    code: 404,
    reason: 'NotFound',
    message,
    details: detailsOf(resource, name),
  });
}

/** A path outside of every group: a page of text, not a Status. */
export class PageNotFound extends Error {
  override readonly name = 'PageNotFound';
}

export function pageNotFound(): PageNotFound {
  return new PageNotFound('404 page not found\n');
}

/** No such path at all, in the words kubectl knows. */
export function noSuchPath(): StatusError {
  return buildStatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(resource: string, name: string): StatusError {
  const message = `${named(resource).text} ${JSON.stringify(name)} already exists`;
  return buildStatusError({
    code: 409,
    reason: 'AlreadyExists',
    message,
    details: detailsOf(resource, name),
  });
}

const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(resource: string, name: string, why = modified): StatusError {
  return buildStatusError({
    code: 409,
    reason: 'Conflict',
    message: `Operation cannot be fulfilled on ${named(resource).text} ${JSON.stringify(name)}: ${why}`,
    details: detailsOf(resource, name),
  });
}

/** Somebody means another object of that name, in the words of the storage of a real server. */
export function uidConflict(current: Stored, wanted: string): StatusError {
  const { resource, namespace, name, object } = current;
  const { group, plural } = named(resource);
  const folder = group.includes('.') && !group.endsWith('.k8s.io') ? `${group}/${plural}` : plural;
  const key = ['/registry', folder, ...(namespace === '' ? [] : [namespace]), name].join('/');
  const ids = `UID in precondition: ${wanted}, UID in object meta: ${object.metadata.uid ?? ''}`;
  return conflict(
    resource,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${ids}`,
  );
}

export function forbidden(
  resource: string,
  name: string,
  why: string,
  causes?: Cause[],
): StatusError {
  return buildStatusError({
    code: 403,
    reason: 'Forbidden',
    message: `${named(resource).text} ${JSON.stringify(name)} is forbidden: ${why}`,
    details: { ...detailsOf(resource, name), ...(causes === undefined ? {} : { causes }) },
  });
}

/** An option of a request that makes no sense: `CreateOptions.meta.k8s.io "" is invalid`. */
export function invalidOption(kind: string, causes: readonly Cause[]): StatusError {
  return invalid({ group: 'meta.k8s.io', kind }, '', causes);
}

/** What a real server hands on from its own insides: 500, and no reason. */
export function internal(message: string): StatusError {
  const { reason: _reason, ...status } = buildStatusError({
    code: 500,
    reason: '',
    message,
  }).status;
  return new StatusError(status);
}

export function badRequest(message: string): StatusError {
  return buildStatusError({ code: 400, reason: 'BadRequest', message });
}

export function unsupportedMediaType(message: string): StatusError {
  return buildStatusError({ code: 415, reason: 'UnsupportedMediaType', message });
}

export function methodNotAllowed(): StatusError {
  return buildStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

/** A watch or a list wants a version the history no longer has. */
export function expired(message: string): StatusError {
  return buildStatusError({ code: 410, reason: 'Expired', message });
}

export function invalid(
  info: Pick<ResourceInfo, 'group' | 'kind'>,
  name: string | undefined,
  causes: readonly Cause[],
): StatusError {
  const texts = [...new Set(causes.map((one) => `${one.field}: ${one.message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return buildStatusError({
    code: 422,
    reason: 'Invalid',
    message: `${qualifiedKind(info)} ${JSON.stringify(name ?? '')} is invalid: ${list}`,
    details: {
      ...(name === undefined || name === '' ? {} : { name }),
      ...(info.group === '' ? {} : { group: info.group }),
      kind: info.kind,
      causes: causes.map(({ reason, message, field }) => ({ reason, message, field })),
    },
  });
}
