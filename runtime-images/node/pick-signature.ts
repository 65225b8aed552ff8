// Chooses what a handler looks like when spec.signature is auto; the rules stand in CONTRACT.md.

import type { Signature } from './contract-names.ts';
import type { FoundHandler } from './pick-handler.ts';

export type FoundSignature = Exclude<Signature, 'auto'>;

const lambdaNames = new Set(['handler', 'lambdaHandler', 'lambda_handler']);
const cloudeventNames = new Set(['cloudevent', 'cloudEvent', 'onCloudEvent']);
const responseNames = new Set(['res', 'response', 'reply', '_res', '_response']);
const lambdaParameters = new Set(['event', '_event', 'evt']);
const requestParameters = new Set(['request', 'req', '_request', '_req']);
const contextParameters = new Set(['context', 'ctx', '_context', '_ctx']);

/** The first rule that fits wins. */
export function pickSignature(found: FoundHandler): FoundSignature {
  const { value, name } = found;
  if (typeof value !== 'function') return isFetchObject(value) ? 'fetch' : 'http';
  if (isApp(value)) return 'http';
  if (cloudeventNames.has(name)) return 'cloudevent';
  const [first = '', second = ''] = parameterNames(value);
  if (responseNames.has(second)) return 'http';
  if (lambdaNames.has(name)) return 'lambda';
  if (cloudeventNames.has(first) || first === 'ce') return 'cloudevent';
  if (requestParameters.has(first)) return value.length >= 2 && second === '' ? 'http' : 'fetch';
  if (lambdaParameters.has(first) || contextParameters.has(second)) return 'lambda';
  if (value.length >= 2) return 'http';
  return name === 'default' ? 'fetch' : 'lambda';
}

/** Names of a function's first two parameters, as far as its text shows them. */
export function parameterNames(value: Function): string[] {
  const text = Function.prototype.toString.call(value).slice(0, 500);
  const arrow = /^(?:async\s+)?([A-Za-z_$][\w$]*)\s*=>/.exec(text);
  if (arrow !== null) return [arrow[1] as string];
  const list = /^[^(]*\(([^)]*)/.exec(text)?.[1] ?? '';
  return list
    .split(',')
    .slice(0, 2)
    .map((parameter) => /^\s*([A-Za-z_$][\w$]*)/.exec(parameter)?.[1] ?? '');
}

/** An Express app is a function that has `handle` and `set`. */
function isApp(value: Function): boolean {
  const object = value as unknown as Record<string, unknown>;
  return typeof object['handle'] === 'function' && typeof object['set'] === 'function';
}

function isFetchObject(value: unknown): boolean {
  const object = value as Record<string, unknown>;
  return typeof object['fetch'] === 'function' || typeof object['methods'] === 'object';
}
