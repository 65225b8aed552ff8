// The OpenAPI documents kubectl reads: for server-side validation, strategic merge and `kubectl explain`.

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

/** The document at /openapi/v3; `hashOf` names the content of one group version's document. */
export function buildOpenApiV3Index(
  infos: readonly OpenApiResource[],
  hashOf: (groupVersion: GroupVersion) => string,
): object {
  const paths: JsonObject = {};
  for (const { group, version } of infos) {
    const path = groupVersionPath({ group, version });
    paths[path] ??= { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf({ group, version })}` };
  }
  return { paths };
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
    paths: Object.assign({}, ...mine.map((info) => buildPaths(info, 'v3'))) as object,
    components: { schemas: buildKindSchemas(mine, types, '#/components/schemas/') },
  };
}

/** The document at /openapi/v2, in JSON. */
export function buildOpenApiV2(infos: readonly OpenApiResource[], types: KindTypes): object {
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'rouse' },
    paths: Object.assign({}, ...infos.map((info) => buildPaths(info, 'v2'))) as object,
    definitions: buildKindSchemas(infos, types, '#/definitions/'),
  };
}

type Form = 'v2' | 'v3';

function buildPaths(info: OpenApiResource, form: Form): JsonObject {
  const root = `/${groupVersionPath(info)}`;
  const scope = info.namespaced ? '/namespaces/{namespace}' : '';
  const list = `${root}${scope}/${info.plural}`;
  const one = `${list}/{name}`;
  const paths: JsonObject = {
    [list]: operations(info, form, { get: 'list', post: 'create', delete: 'deletecollection' }),
    [one]: operations(info, form, { get: 'get', put: 'update', patch: 'patch', delete: 'delete' }),
  };
  if (info.namespaced) {
    paths[`${root}/${info.plural}`] = operations(info, form, { get: 'list' });
  }
  for (const subresource of info.subresources) {
    if (subresource !== 'status') continue;
    const verbs = { get: 'get', put: 'update', patch: 'patch' };
    paths[`${one}/status`] = operations(info, form, verbs);
  }
  return paths;
}

/** Kubernetes' words for what is done, in x-kubernetes-action. */
const actions: Readonly<Record<string, string>> = { create: 'post', update: 'put' };

function operations(
  info: OpenApiResource,
  form: Form,
  verbs: Readonly<Record<string, string>>,
): JsonObject {
  return Object.fromEntries(
    Object.entries(verbs)
      .filter(([, verb]) => info.verbs.includes(verb))
      .map(([method, verb]) => [method, operation(info, form, { method, verb })]),
  );
}

function operation(
  info: OpenApiResource,
  form: Form,
  { method, verb }: { method: string; verb: string },
): JsonObject {
  const { group, version, kind } = info;
  const isWrite = method === 'post' || method === 'put' || method === 'patch';
  const prefix = form === 'v3' ? '#/components/schemas/' : '#/definitions/';
  const schema = { $ref: `${prefix}${schemaName(info)}` };
  const isWhole = verb !== 'list' && !verb.startsWith('delete');
  return {
    'x-kubernetes-action': actions[verb] ?? verb,
    'x-kubernetes-group-version-kind': { group, version, kind },
    parameters: [
      ...(isWrite ? ['dryRun', 'fieldManager', 'fieldValidation'] : []),
      ...(method === 'patch' ? ['force'] : []),
    ].map((name) => parameter(name, form)),
    ...(form === 'v2' && method === 'patch' && { consumes: patchTypes(info) }),
    ...(form === 'v3' && isWrite && { requestBody: requestBody(info, method, schema) }),
    responses: {
      200: {
        description: 'OK',
        ...(isWhole && form === 'v2' && { schema }),
        ...(isWhole && form === 'v3' && { content: { 'application/json': { schema } } }),
      },
    },
  };
}

function parameter(name: string, form: Form): JsonObject {
  const type = name === 'force' ? 'boolean' : 'string';
  const typed =
    form === 'v3' ? { schema: { type, uniqueItems: true } } : { type, uniqueItems: true };
  return { name, in: 'query', ...typed };
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
