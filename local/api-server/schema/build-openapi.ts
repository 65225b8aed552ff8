// The OpenAPI v3 documents kubectl reads: for server-side validation, strategic merge and `kubectl explain`.

import type { KindTypes } from '../builtin/parse-kind-types.ts';
import { buildKindSchemas, schemaName } from './build-kind-schemas.ts';

type JsonObject = Record<string, unknown>;

/** What of a collection the documents depend on; a ResourceInfo has it. */
export interface OpenApiResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly isCustom: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
  readonly schema?: object;
}

export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

const isIn = (one: GroupVersion, other: GroupVersion): boolean =>
  one.group === other.group && one.version === other.version;

/** `api/v1`, `apis/apps/v1`. */
export function groupVersionPath({ group, version }: GroupVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

/** The document at /openapi/v3/apis/GROUP/VERSION. */
export function buildOpenApiV3(
  groupVersion: GroupVersion,
  infos: readonly OpenApiResource[],
  types: KindTypes,
): object {
  const mine = infos.filter((info) => isIn(info, groupVersion));
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'rouse' },
    paths: Object.assign({}, ...mine.map((info) => buildPaths(info))) as object,
    components: { schemas: buildKindSchemas(mine, types) },
  };
}

function buildPaths(info: OpenApiResource): JsonObject {
  const root = `/${groupVersionPath(info)}`;
  const scope = info.namespaced ? '/namespaces/{namespace}' : '';
  const list = `${root}${scope}/${info.plural}`;
  const one = `${list}/{name}`;
  const paths: JsonObject = {
    [list]: operations(info, { get: 'list', post: 'create', delete: 'deletecollection' }),
    [one]: operations(info, { get: 'get', put: 'update', patch: 'patch', delete: 'delete' }),
  };
  if (info.namespaced) {
    paths[`${root}/${info.plural}`] = operations(info, { get: 'list' });
  }
  for (const subresource of info.subresources) {
    if (subresource !== 'status') continue;
    const verbs = { get: 'get', put: 'update', patch: 'patch' };
    paths[`${one}/status`] = operations(info, verbs);
  }
  return paths;
}

/** Kubernetes' words for what is done, in x-kubernetes-action. */
const actions: Readonly<Record<string, string>> = { create: 'post', update: 'put' };

function operations(info: OpenApiResource, verbs: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(
    Object.entries(verbs)
      .filter(([, verb]) => info.verbs.includes(verb))
      .map(([method, verb]) => [method, operation(info, method, verb)]),
  );
}

const queryParameters: Readonly<Record<string, readonly string[]>> = {
  post: ['dryRun', 'fieldManager', 'fieldValidation'],
  put: ['dryRun', 'fieldManager', 'fieldValidation'],
  patch: ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
};

function operation(info: OpenApiResource, method: string, verb: string): JsonObject {
  const { group, version, kind } = info;
  const schema = { $ref: `#/components/schemas/${schemaName(info)}` };
  const isWhole = verb !== 'list' && !verb.startsWith('delete');
  const content = { 'application/json': { schema } };
  const parameters = queryParameters[method] ?? [];
  return {
    'x-kubernetes-action': actions[verb] ?? verb,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: parameters.map((name) => ({
      name,
      in: 'query',
      schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
    })),
    ...(parameters.length > 0 && { requestBody: requestBody(info, method, schema) }),
    responses: { 200: { description: 'OK', ...(isWhole && { content }) } },
  };
}

function patchTypes(info: OpenApiResource): string[] {
  return [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(info.isCustom ? [] : ['application/strategic-merge-patch+json']),
    'application/apply-patch+yaml',
  ];
}

function requestBody(info: OpenApiResource, method: string, schema: object): JsonObject {
  if (method !== 'patch') return { content: { '*/*': { schema } }, required: true };
  const content = patchTypes(info).map((type) => [type, { schema: { type: 'object' } }]);
  return { content: Object.fromEntries(content) as object, required: true };
}
