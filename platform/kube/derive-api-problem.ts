// What an answer of the API server says about the installation itself: a right or a kind that is missing.

import { isMissingRight } from './derive-refusal.ts';
import { parseApiPath } from './parse-api-path.ts';

export type ApiProblemKind = 'forbidden' | 'not-served' | 'unreachable';

export interface ApiProblem {
  readonly kind: ApiProblemKind;
  /** RBAC's word: list, watch, get, create, update, patch, delete. */
  readonly verb: string;
  /** `deployments.apps/scale`; empty when the server is unreachable. */
  readonly resource: string;
  /** What is wrong and what to do, one sentence. */
  readonly message: string;
}

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
}

/** `key` is the same for calls that one right or one kind allows. */
export interface ApiCallName {
  readonly key: string;
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string | undefined;
}

const verbs: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function deriveCallName(call: ApiCall): ApiCallName | undefined {
  const path = parseApiPath(call.path);
  if (path === undefined) return undefined;
  const reading = call.isWatch ? 'watch' : path.name === undefined ? 'list' : 'get';
  const verb = verbs[call.method] ?? reading;
  const { plural, group, subresource, namespace } = path;
  const resource =
    plural +
    (group === '' ? '' : `.${group}`) +
    (subresource === undefined ? '' : `/${subresource}`);
  return { key: `${verb} ${resource} ${namespace ?? ''}`, verb, resource, namespace };
}

/** `undefined` when the answer tells of no such problem. */
export function deriveApiProblem(
  name: ApiCallName,
  answer: { readonly status: number; readonly message: string },
): ApiProblem | undefined {
  const { verb, resource, namespace } = name;
  const isCollection = verb === 'list' || verb === 'watch';
  if (answer.status === 404 && isCollection) {
    const message =
      `the API server does not serve ${resource}: its CustomResourceDefinition is missing or not established yet; ` +
      'install it with the chart ("helm upgrade --install"); it is looked for again all the time';
    return { kind: 'not-served', verb, resource, message };
  }
  if (!isMissingRight(answer)) return undefined;
  const where = namespace === undefined ? 'in all namespaces' : `in namespace "${namespace}"`;
  const message =
    `not allowed to ${verb} ${resource} ${where}: ${answer.message}; give the service account this right ` +
    '("helm upgrade" puts the chart\'s roles back); it is tried again all the time';
  return { kind: 'forbidden', verb, resource, message };
}

/** No answer came at all. */
export function deriveUnreachable(reason: string): ApiProblem {
  const message = `the Kubernetes API can't be reached: ${reason}; what is known of the cluster stays in use`;
  return { kind: 'unreachable', verb: '', resource: '', message };
}
