// Parses label and field selectors, and decides whether an object's selectable part matches.

import type { Selectable } from './build-selectable.ts';

export type Operator = 'in' | 'notin' | 'exists' | 'missing' | 'gt' | 'lt';

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

export interface Selection {
  readonly labels: readonly Requirement[];
  readonly fields: readonly FieldRequirement[];
}

/** A parser's answer: the value, or one sentence that says what is wrong. */
export type Parsed<T> = { readonly value: T } | { readonly error: string };

/** Longest selector that is looked at, in characters; sent in a query, so URLs bound it anyway. */
const selectorLengthMax = 65_536;
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** The grammar of Kubernetes: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`, `!a`, `a>1`, `a<1`. */
export function parseLabelSelector(text: string): Parsed<Requirement[]> {
  if (text.length > selectorLengthMax) return { error: 'label selector is too long' };
  const requirements: Requirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const term = part.trim();
    if (term === '') {
      if (text.trim() === '') return { value: [] };
      return unable('found empty requirement, expected: identifier');
    }
    const requirement = parseRequirement(term);
    if ('error' in requirement) return requirement;
    requirements.push(requirement.value);
  }
  return { value: requirements };
}

function unable(why: string): { error: string } {
  return { error: `unable to parse requirement: ${why}` };
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(') depth += 1;
    else if (char === ')') depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function parseRequirement(term: string): Parsed<Requirement> {
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(term);
  if (set !== null) return parseSet(set);
  if (term.startsWith('!') && !term.includes('='))
    return check(term.slice(1).trim(), 'missing', []);
  const pair = /^([^=!<>]*?)\s*(==|=|!=|>|<)\s*(.*)$/s.exec(term);
  if (pair === null) return check(term, 'exists', []);
  const [, key = '', sign = '', value = ''] = pair;
  const operator = operatorOfSign[sign] ?? 'in';
  if ((operator === 'gt' || operator === 'lt') && !/^-?\d+$/.test(value)) {
    return unable(`for 'Gt', 'Lt' operators, the value must be an integer`);
  }
  return check(key, operator, [value]);
}

function parseSet([, key = '', operator, list = '']: RegExpExecArray): Parsed<Requirement> {
  const values = list.split(',').map((one) => one.trim());
  return check(key, operator as Operator, values);
}

const operatorOfSign: Readonly<Record<string, Operator>> = { '!=': 'notin', '>': 'gt', '<': 'lt' };

function check(key: string, operator: Operator, values: string[]): Parsed<Requirement> {
  if (!labelKey.test(key) || key.length > 317) {
    return unable(`invalid label key ${JSON.stringify(key)}: must be a qualified name`);
  }
  for (const value of values) {
    if (operator === 'gt' || operator === 'lt') continue;
    if (labelValue.test(value) && value.length <= 63) continue;
    return unable(`invalid label value ${JSON.stringify(value)} for key ${JSON.stringify(key)}`);
  }
  return { value: { key, operator, values } };
}

/** `a=b,c!=d` with `\,`, `\=` and `\\` for the characters themselves. `known` are the labels that are supported. */
export function parseFieldSelector(
  text: string,
  known: readonly string[],
): Parsed<FieldRequirement[]> {
  if (text.length > selectorLengthMax) return { error: 'field selector is too long' };
  const requirements: FieldRequirement[] = [];
  for (const term of splitUnescaped(text)) {
    if (term === '') continue;
    const pair = /^([^=!]*)(==|!=|=)(.*)$/s.exec(term);
    if (pair === null) {
      return { error: `invalid selector: '${text}'; can't understand '${term}'` };
    }
    const [, field = '', sign, raw = ''] = pair;
    if (!known.includes(field)) return { error: `field label not supported: ${field}` };
    requirements.push({ field, isEqual: sign !== '!=', value: raw.replace(/\\([\\,=])/g, '$1') });
  }
  return { value: requirements };
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

export function matchesSelection(selection: Selection, seen: Selectable): boolean {
  return (
    selection.labels.every((one) => matchesRequirement(one, seen.labels)) &&
    selection.fields.every((one) => ((seen.fields[one.field] ?? '') === one.value) === one.isEqual)
  );
}

function matchesRequirement(one: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, one.key) ? labels[one.key] : undefined;
  switch (one.operator) {
    case 'exists':
      return value !== undefined;
    case 'missing':
      return value === undefined;
    case 'in':
      return value !== undefined && one.values.includes(value);
    case 'notin':
      return value === undefined || !one.values.includes(value);
    default: {
      if (value === undefined || !/^-?\d+$/.test(value)) return false;
      const bound = BigInt(one.values[0] ?? '0');
      return one.operator === 'gt' ? BigInt(value) > bound : BigInt(value) < bound;
    }
  }
}
