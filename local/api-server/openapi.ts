// The OpenAPI documents, by which kubectl learns that the server checks fields, and what `kubectl explain` shows.

import { buildOpenApiV2 } from './build-openapi-v2.ts';
import type { ApiRequest } from './api-request.ts';
import { kindTypes } from './builtin/kind-table.ts';
import { apiVersionOf } from './resource-info.ts';
import type { ResourceInfo } from './resource-info.ts';
import { buildOpenApiV3 } from './schema/build-openapi.ts';
import type { Answer, ServerParts } from './server-parts.ts';
import { buildStatusError, noSuchPath } from './status-error.ts';

/** What clients ask for; with the dot in place of the @ it is a media type that they can parse in the answer. */
const versionTwoAccepted = /application\/com\.github\.proto-openapi\.spec\.v2[@.]v1\.0\+protobuf/;
const versionTwoType = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Undefined when the path isn't one of these documents. */
export function answerOpenApi(parts: ServerParts, request: ApiRequest): Answer | undefined {
  const path = request.path;
  if (path === '/openapi/v2') return answerVersionTwo(parts, request);
  if (path === '/openapi/v3') return { kind: 'object', status: 200, object: buildIndex(parts) };
  if (!path.startsWith('/openapi/v3/')) return undefined;
  const groupPath = path.slice('/openapi/v3/'.length);
  const infos = parts.registry.all().filter((one) => pathOf(one) === groupPath);
  if (infos.length === 0) throw noSuchPath();
  const [{ group, version }] = infos as [ResourceInfo];
  const object = buildOpenApiV3({ group, version }, infos, kindTypes());
  return { kind: 'object', status: 200, object };
}

function answerVersionTwo(parts: ServerParts, request: ApiRequest): Answer {
  if (versionTwoAccepted.test(request.accept)) {
    const text = buildOpenApiV2(parts.registry.all());
    return { kind: 'text', status: 200, text, contentType: versionTwoType };
  }
  throw buildStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: 'OpenAPI v2 is served in protobuf only; see /openapi/v3 for JSON',
  });
}

function pathOf(info: ResourceInfo): string {
  return info.group === '' ? `api/${info.version}` : `apis/${apiVersionOf(info)}`;
}

function buildIndex(parts: ServerParts): object {
  const names = [...new Set(parts.registry.all().map(pathOf))];
  const entries = names.map((name) => [
    name,
    { serverRelativeURL: `/openapi/v3/${name}?hash=${parts.registry.generation}` },
  ]);
  return { paths: Object.fromEntries(entries) as object };
}
