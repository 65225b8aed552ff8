// The options of a write: dry run, how strictly fields are checked, and what a delete should do with dependents.

import { isMap } from './any-object.ts';
import type { JsonMap } from './any-object.ts';
import type { Call } from './server-parts.ts';
import type { Cause } from './cause.ts';
import {
  badRequest,
  buildStatusError,
  invalid,
  invalidOption,
  StatusError,
} from './status-error.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';
export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export function readDryRun(call: Call): boolean {
  const fromBody = call.path.subresource === undefined ? deleteBody(call)['dryRun'] : undefined;
  const asked = [
    ...call.query.getAll('dryRun'),
    ...(Array.isArray(fromBody) ? (fromBody as unknown[]) : []),
  ];
  for (const one of asked) {
    if (one === 'All') return true;
    const message = `Unsupported value: ${JSON.stringify(asked)}: supported values: "All"`;
    const reason = 'FieldValueNotSupported';
    throw invalidOption(optionsKind(call), [{ reason, field: 'dryRun', message }]);
  }
  return false;
}

/** Without the parameter the server warns, as Kubernetes does. */
export function readFieldValidation(call: Call): FieldValidation {
  const text = call.query.get('fieldValidation') ?? '';
  if (text === '') return 'Warn';
  if (text === 'Strict' || text === 'Warn' || text === 'Ignore') return text;
  const message = `Unsupported value: ${JSON.stringify(text)}: supported values: "", "Ignore", "Strict", "Warn"`;
  const reason = 'FieldValueNotSupported';
  throw invalidOption(optionsKind(call), [{ reason, field: 'fieldValidation', message }]);
}

function optionsKind(call: Call): string {
  if (call.path.name === undefined) return 'CreateOptions';
  return call.contentType?.includes('patch') === true ? 'PatchOptions' : 'UpdateOptions';
}

/** Bytes of a field manager's name, as on a real server. */
const managerBytesMax = 128;

/** Who owns what is written: whom the caller names or, without a name, the program that calls. Throws 422. */
export function readFieldManager(call: Call): string {
  const named = call.query.get('fieldManager') ?? '';
  if (named !== '') return named;
  const program = (call.userAgent ?? '').split('/')[0]?.replace(unprintable, '') ?? '';
  return program.slice(0, managerBytesMax);
}

const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Throws 422 for a field manager that Kubernetes would refuse, and for an apply without one. */
export function checkManagerOptions(call: Call, kind: string, isApply: boolean): void {
  const named = call.query.get('fieldManager') ?? '';
  const causes: Cause[] = [];
  const field = 'fieldManager';
  if (isApply && named === '') {
    const message = 'Required value: is required for apply patch';
    causes.push({ reason: 'FieldValueRequired', field, message });
  }
  if (kind === 'PatchOptions' && !isApply && call.query.has('force')) {
    const message = 'Forbidden: may not be specified for non-apply patch';
    causes.push({ reason: 'FieldValueForbidden', field: 'force', message });
  }
  if (Buffer.byteLength(named) > managerBytesMax) {
    const message = `Too long: may not be more than ${managerBytesMax} bytes`;
    causes.push({ reason: 'FieldValueTooLong', field, message });
  }
  const bad = named.search(unprintable);
  if (bad >= 0) {
    const message = `Invalid value: ${JSON.stringify(named)}: invalid character U+${codeOf(named, bad)} (at position ${bad})`;
    causes.push({ reason: 'FieldValueInvalid', field, message });
  }
  if (causes.length === 0) return;
  const { status } = invalid({ group: 'meta.k8s.io', kind }, '', causes);
  const { name: _none, ...details } = status.details ?? {};
  throw new StatusError({ ...status, details });
}

function codeOf(text: string, at: number): string {
  return (text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagation: Propagation | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly isDryRun: boolean;
}

/** From the body (a DeleteOptions) and the query; the body counts where both say something. */
export function readDeleteOptions(call: Call): DeleteOptions {
  const body = deleteBody(call);
  const preconditions = isMap(body['preconditions']) ? body['preconditions'] : {};
  return {
    gracePeriodSeconds: readGrace(
      body['gracePeriodSeconds'] ?? call.query.get('gracePeriodSeconds'),
    ),
    propagation: readPropagation(body, call),
    uid: readText(preconditions['uid']),
    resourceVersion: readText(preconditions['resourceVersion']),
    isDryRun: readDryRun(call),
  };
}

function deleteBody(call: Call): JsonMap {
  return isMap(call.body) && call.body['kind'] === 'DeleteOptions' ? call.body : emptyOr(call);
}

// Clients leave kind out of DeleteOptions now and then; an object of any other kind has no business here.
function emptyOr(call: Call): JsonMap {
  return isMap(call.body) && call.body['kind'] === undefined ? call.body : {};
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function readGrace(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const seconds = Number(value);
  if (Number.isSafeInteger(seconds)) return Math.max(0, seconds);
  throw badRequest(`gracePeriodSeconds: invalid value ${JSON.stringify(value)}`);
}

/** The boolean that propagationPolicy replaced; old clients still send it. */
function readOldPropagation(body: JsonMap, call: Call): Propagation | undefined {
  const orphan = body['orphanDependents'] ?? call.query.get('orphanDependents') ?? '';
  if (orphan === '') return undefined;
  return orphan === true || orphan === 'true' ? 'Orphan' : 'Background';
}

function readPropagation(body: JsonMap, call: Call): Propagation | undefined {
  const text = body['propagationPolicy'] ?? call.query.get('propagationPolicy') ?? '';
  if (text === '') return readOldPropagation(body, call);
  if (text === 'Background' || text === 'Foreground' || text === 'Orphan') return text;
  throw buildStatusError({
    code: 422,
    reason: 'Invalid',
    message: `DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: ${JSON.stringify(text)}: supported values: "Foreground", "Background", "Orphan"`,
  });
}
