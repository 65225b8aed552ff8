// Chooses what a handler looks like when spec.signature is auto; the rules stand in CONTRACT.md.

import type { Signature } from './contract-names.ts';
import type { FoundHandler } from './pick-handler.ts';

export type FoundSignature = Exclude<Signature, 'auto'>;

const lambdaNames = new Set(['handler', 'lambdaHandler', 'lambda_handler']);
const cloudeventNames = new Set(['cloudevent', 'cloudEvent', 'onCloudEvent']);
const cloudeventParameters = new Set([...cloudeventNames, 'ce']);
const responseNames = new Set(['res', 'response', 'reply', '_res', '_response']);
const lambdaParameters = new Set(['event', '_event', 'evt']);
const requestParameters = new Set(['request', 'req', '_request', '_req']);
const contextParameters = new Set(['context', 'ctx', '_context', '_ctx']);

interface Shape {
  readonly value: unknown;
  /** The name it is exported under. */
  readonly name: string;
  readonly length: number;
  readonly first: string;
  readonly second: string;
}

type Rule = readonly [FoundSignature, (shape: Shape) => boolean];

/** In the order of CONTRACT.md; the first that fits wins, and the last always does. */
const rules: readonly Rule[] = [
  ['fetch', ({ value }) => typeof value !== 'function' && isFetchObject(value)],
  ['http', ({ value }) => typeof value !== 'function' || isApp(value)],
  ['cloudevent', ({ name }) => cloudeventNames.has(name)],
  ['http', ({ second }) => responseNames.has(second)],
  ['lambda', ({ name }) => lambdaNames.has(name)],
  ['cloudevent', ({ first }) => cloudeventParameters.has(first)],
  [
    'http',
    ({ first, second, length }) => requestParameters.has(first) && length > 1 && second === '',
  ],
  ['fetch', ({ first }) => requestParameters.has(first)],
  ['lambda', ({ first, second }) => lambdaParameters.has(first) || contextParameters.has(second)],
  ['http', ({ length }) => length >= 2],
  ['fetch', ({ name }) => name === 'default'],
  ['lambda', () => true],
];

export function pickSignature({ value, name }: FoundHandler): FoundSignature {
  const isFunction = typeof value === 'function';
  const [first = '', second = ''] = isFunction ? parameterNames(value) : [];
  const shape: Shape = { value, name, length: isFunction ? value.length : 0, first, second };
  const [signature] = rules.find(([, fits]) => fits(shape)) as Rule;
  return signature;
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
