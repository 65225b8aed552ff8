// Tokens of service accounts: opaque to their holders, checked without being kept.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { isMap } from './any-object.ts';
import { decodeKind } from './decode-object.ts';
import { readNamed } from './get.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { badRequest, invalid } from './status-error.ts';

const lifeDefaultSeconds = 3600;
/** As on a real server. */
const lifeSecondsMin = 600;
const lifeSecondsMax = 10 * 365 * 24 * 3600;
const prefix = 'rouse-sa';

type TokenPorts = Pick<ServerParts, 'clock' | 'tokenKey'>;

/** POST to serviceaccounts/NAME/token. */
export function createAccountToken(parts: ServerParts, call: Call): Answer {
  const account = readNamed(parts, call);
  const request = decodeKind(call.body ?? {}, 'authentication.k8s.io/v1', 'TokenRequest');
  const asked = isMap(request.spec) ? request.spec['expirationSeconds'] : undefined;
  if (asked !== undefined && asked !== null && !Number.isInteger(asked)) {
    throw badRequest(
      `TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal ${typeof asked} into Go struct field TokenRequestSpec.spec.expirationSeconds of type int64`,
    );
  }
  if (typeof asked === 'number' && asked < lifeSecondsMin) {
    const message = `Invalid value: ${asked}: may not specify a duration less than 10 minutes`;
    const cause = { reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message };
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [cause]);
  }
  const seconds = typeof asked === 'number' && asked > 0 ? asked : lifeDefaultSeconds;
  const expiresMs = parts.clock.now() + Math.min(seconds, lifeSecondsMax) * 1000;
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  request.metadata.name = account.name;
  request.metadata.namespace = account.namespace;
  request.status = {
    token: writeAccountToken(user, expiresMs, parts.tokenKey),
    expirationTimestamp: `${new Date(expiresMs).toISOString().slice(0, 19)}Z`,
  };
  return { kind: 'object', status: 201, object: request };
}

function writeAccountToken(user: string, expiresMs: number, key: string): string {
  const name = Buffer.from(user).toString('base64url');
  // No two are the same, also of one moment: whoever renews his can see that he did.
  const id = randomBytes(9).toString('base64url');
  const payload = `${prefix}.${name}.${Math.floor(expiresMs)}.${id}`;
  return `${payload}.${sign(payload, key)}`;
}

/** The user a token stands for; undefined if it wasn't made here or has expired. */
export function readAccountToken(token: string, ports: TokenPorts): string | undefined {
  const parts = token.split('.');
  const [start, user = '', expires = '', , signature = ''] = parts;
  if (parts.length !== 5 || start !== prefix) return undefined;
  const wanted = Buffer.from(sign(parts.slice(0, 4).join('.'), ports.tokenKey));
  const given = Buffer.from(signature);
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return undefined;
  if (Number(expires) <= ports.clock.now()) return undefined;
  return Buffer.from(user, 'base64url').toString();
}

function sign(payload: string, key: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}
