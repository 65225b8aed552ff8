// Compiles the x-kubernetes-validations of a schema and evaluates them against objects.

import { Environment } from '@marcbachmann/cel-js';
import type { Cause } from '../cause.ts';
import { forbidden, invalid, invalidOmitted, required } from './field-causes.ts';
import { registerKubernetesFunctions } from './cel-functions.ts';
import type { CelShape } from './cel-shape.ts';
import { CelTypes } from './cel-shape.ts';
import type { CelRuleSpec, StructuralSchema } from './structural-schema.ts';
import { rewriteHas } from './rewrite-has.ts';
import { isJsonObject, own, rootPath } from './structural-schema.ts';

type Program = (values: Record<string, unknown>) => unknown;

interface CompiledRule {
  readonly spec: CelRuleSpec;
  /** `undefined` for an empty rule and for one that does not compile. */
  readonly program?: Program;
  readonly messageProgram?: Program;
  readonly usesOldSelf: boolean;
  readonly compileError?: string;
}

/** A node of the schema with the rules that stand on it. */
export interface RuleNode {
  readonly schema: StructuralSchema;
  readonly shape: CelShape;
  readonly rules: readonly CompiledRule[];
}

/** What is wrong with a rule: which part of it, and why. */
export interface RuleProblem {
  readonly part: 'rule' | 'messageExpression';
  readonly message: string;
}

/** All rules of one schema. Nodes are compiled when the first object reaches them. */
export class CelRules {
  readonly #types: CelTypes;
  readonly #environment: Environment;
  readonly #root: StructuralSchema;
  readonly #nodes = new Map<StructuralSchema, RuleNode>();

  constructor(root: StructuralSchema) {
    this.#environment = new Environment({
      unlistedVariablesAreDyn: false,
      enableOptionalTypes: true,
      // string.format takes a list of mixed types, and cel-js has no exception for it as cel-go has.
      homogeneousAggregateLiterals: false,
      limits: { maxListElements: 10_000, maxMapEntries: 10_000 },
    });
    registerKubernetesFunctions(this.#environment);
    this.#types = new CelTypes(this.#environment);
    this.#root = root;
    // Types must all be known before the environment is cloned for the first rule.
    this.#types.shapeOf(root, 'Object', true);
    for (const branch of allBranches(root)) this.#types.shapeOf(branch, 'Object');
  }

  node(schema: StructuralSchema): RuleNode {
    const known = this.#nodes.get(schema);
    if (known !== undefined) return known;
    const shape = this.#types.shapeOf(schema, 'Object', schema === this.#root);
    const rules = (schema['x-kubernetes-validations'] ?? []).map((spec) =>
      this.#compile(spec, shape),
    );
    const node = { schema, shape, rules };
    this.#nodes.set(schema, node);
    return node;
  }

  #compile(spec: CelRuleSpec, shape: CelShape): CompiledRule {
    const rule = spec.rule ?? '';
    const usesOldSelf = /\boldSelf\b/.test(withoutStrings(rule));
    if (rule.trim() === '') return { spec, usesOldSelf };
    const environment = this.#environment
      .clone()
      .registerVariable('self', shape.type)
      .registerVariable(
        'oldSelf',
        spec.optionalOldSelf === true ? `optional<${shape.type}>` : shape.type,
      );
    const compileError = findRuleError(environment, rule, 'bool');
    if (compileError !== undefined) return { spec, usesOldSelf, compileError };
    const text = spec.messageExpression ?? '';
    const hasMessage = text !== '' && findRuleError(environment, text, 'string') === undefined;
    return {
      spec,
      usesOldSelf,
      program: environment.parse(rewriteHas(rule)),
      ...(hasMessage && { messageProgram: environment.parse(rewriteHas(text)) }),
    };
  }

  /** For checking a CRD: every reason why `spec` would not compile on a node of this schema. */
  findProblems(spec: CelRuleSpec, schema: StructuralSchema): RuleProblem[] {
    const { type } = this.node(schema).shape;
    const environment = this.#environment
      .clone()
      .registerVariable('self', type)
      .registerVariable('oldSelf', spec.optionalOldSelf === true ? `optional<${type}>` : type);
    const problems: RuleProblem[] = [];
    const rule = findRuleError(environment, spec.rule ?? '', 'bool');
    if (rule !== undefined) problems.push({ part: 'rule', message: rule });
    const text = spec.messageExpression ?? '';
    const message = text === '' ? undefined : findRuleError(environment, text, 'string');
    if (message !== undefined) problems.push({ part: 'messageExpression', message });
    return problems;
  }
}

function* allBranches(schema: StructuralSchema): Generator<StructuralSchema> {
  if (isJsonObject(schema.items)) yield* [schema.items, ...allBranches(schema.items)];
  if (isJsonObject(schema.additionalProperties)) {
    const values = schema.additionalProperties as StructuralSchema;
    yield* [values, ...allBranches(values)];
  }
  for (const one of Object.values(schema.properties ?? {})) yield* [one, ...allBranches(one)];
}

const withoutStrings = (text: string): string =>
  text.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, '""');

/** Why a text does not compile to `type`, in one line; `undefined` when it does. */
function findRuleError(
  environment: Environment,
  text: string,
  type: 'bool' | 'string',
): string | undefined {
  // has() is not checked by cel-js, but a field that no schema knows is a mistake in Kubernetes.
  const looked = [
    ...withoutStrings(text).matchAll(/\bhas\(\s*((?:self|oldSelf)(?:\.\w+|\[(?:\d+|"")\])+)\s*\)/g),
  ];
  const whole = rewriteHas(text);
  for (const source of [whole, ...looked.map((match) => match[1] ?? '')]) {
    const result = environment.check(source);
    if (!result.valid) {
      return `compilation failed: ERROR: ${describeError(result.error, source)}`;
    }
    if (source !== whole) continue;
    if (result.type !== type) {
      return type === 'bool'
        ? 'cel expression must evaluate to a bool'
        : 'messageExpression must evaluate to a string';
    }
  }
  return undefined;
}

/** With the place marked, as cel-go prints it. */
function describeError(error: unknown, source: string): string {
  const { summary = 'syntax error', range } = error as {
    summary?: string;
    range?: { start: number };
  };
  const words = summary.replace(/^No such key: (.*)$/, "undefined field '$1'");
  if (range === undefined) return words;
  const lines = source.slice(0, range.start).split('\n');
  const column = lines.at(-1)?.length ?? 0;
  const line = source.split('\n')[lines.length - 1] ?? '';
  const place = `<input>:${lines.length}:${column + 1}`;
  return `${place}: ${words}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

interface Values {
  readonly value: unknown;
  /** `undefined`: nothing to compare with. */
  readonly old: unknown;
}

/** `isUpdate` with an absent old value still runs rules with optionalOldSelf. */
export function evaluateRules(node: RuleNode, values: Values, path: string): CausedRule[] {
  if (values.value === null || values.value === undefined) return [];
  const { shape } = node;
  let self: unknown;
  let oldSelf: unknown;
  return node.rules.flatMap((rule) => {
    if (rule.compileError !== undefined) {
      const type = node.schema.type ?? '';
      return [
        { rule, cause: invalid(shown(path), type, `rule compile error: ${rule.compileError}`) },
      ];
    }
    const isOptional = rule.spec.optionalOldSelf === true;
    if (rule.program === undefined) return [];
    if (rule.usesOldSelf && values.old === undefined && !isOptional) return [];
    self ??= shape.convert(values.value);
    if (values.old !== undefined) oldSelf ??= shape.convert(values.old);
    const cause = evaluate(rule, { node, path, value: values.value, self, oldSelf });
    return cause === undefined ? [] : [{ rule, cause }];
  });
}

export interface CausedRule {
  readonly rule: CompiledRule;
  readonly cause: Cause;
}

interface Evaluation {
  readonly node: RuleNode;
  readonly path: string;
  readonly value: unknown;
  readonly self: unknown;
  readonly oldSelf: unknown;
}

function evaluate(rule: CompiledRule, at: Evaluation): Cause | undefined {
  const values: Record<string, unknown> = { self: at.self };
  if (rule.spec.optionalOldSelf === true) values['oldSelf'] = optional(at.oldSelf);
  else if (at.oldSelf !== undefined) values['oldSelf'] = at.oldSelf;
  try {
    if (rule.program?.(values) === true) return undefined;
  } catch (error) {
    const told = rule.spec.message ?? rule.spec.rule;
    const type = at.node.schema.type ?? '';
    return invalid(shown(at.path), type, `${errorText(error)} evaluating rule: ${told}`);
  }
  return causeOf(rule, at, messageOf(rule, values));
}

let optionalOf: Program | undefined;

/** cel-js keeps its Optional class to itself, so CEL makes one. */
function optional(value: unknown): unknown {
  optionalOf ??= new Environment({
    enableOptionalTypes: true,
    unlistedVariablesAreDyn: true,
  }).parse('given ? optional.of(holder[0]) : optional.none()');
  return optionalOf({ given: value !== undefined, holder: [value === undefined ? 0n : value] });
}

function errorText(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string };
  const text = summary ?? message?.split('\n')[0] ?? 'error';
  return text
    .replace(/^No such key: index out of bounds, index (-?\d+) .*$/, 'index out of bounds: $1')
    .replace(/^No such key/, 'no such key');
}

function messageOf(rule: CompiledRule, values: Record<string, unknown>): string {
  if (rule.messageProgram !== undefined) {
    try {
      const message = rule.messageProgram(values);
      if (typeof message === 'string' && message.trim() !== '') return message;
    } catch {
      // Kubernetes falls back to the plain message, too.
    }
  }
  const message = rule.spec.message?.trim() ?? '';
  return message === '' ? `failed rule: ${rule.spec.rule?.trim()}` : message;
}

function causeOf(rule: CompiledRule, at: Evaluation, detail: string): Cause {
  const { schema } = at.node;
  const { type } = schema;
  const fieldPath = rule.spec.fieldPath ?? '';
  // A CRD with a wrong fieldPath is refused; one that got in anyhow must still point somewhere.
  const tail = hasFieldPath(schema, fieldPath) ? fieldPath : '';
  const path = shown(joinFieldPath(at.path, tail));
  switch (rule.spec.reason) {
    case 'FieldValueRequired':
      return required(path, detail);
    case 'FieldValueForbidden':
      return forbidden(path, detail);
    case 'FieldValueDuplicate':
      if (type === 'object' || type === 'array') {
        return { reason: 'FieldValueDuplicate', field: path, message: 'Duplicate value' };
      }
      return {
        reason: 'FieldValueDuplicate',
        field: path,
        message: `Duplicate value: ${JSON.stringify(at.value)}`,
      };
    default:
      if (type === 'object' || type === 'array') return invalidOmitted(path, detail);
      return invalid(path, at.value, detail);
  }
}

const shown = (path: string): string => (path === '' ? rootPath : path);

/** `.a.b` and `['c']`, as fieldPath has them, after `path`. */
export function joinFieldPath(path: string, fieldPath: string | undefined): string {
  if (fieldPath === undefined || fieldPath === '') return path;
  const tail = fieldPath.replaceAll(/\['((?:[^'\\]|\\.)*)'\]/g, '[$1]');
  return path === '' && tail.startsWith('.') ? tail.slice(1) : path + tail;
}

/** Whether the schema has the field a rule's fieldPath names. */
export function hasFieldPath(schema: StructuralSchema, fieldPath: string): boolean {
  const steps = [...fieldPath.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/g)];
  if (steps.length === 0 || steps.map(([all]) => all).join('') !== fieldPath) return false;
  let at: StructuralSchema | undefined = schema;
  for (const [, dotted, quoted] of steps) {
    const named: StructuralSchema | undefined = own(at.properties, dotted ?? quoted ?? '');
    const others: unknown = at.additionalProperties;
    at = named ?? (isJsonObject(others) ? (others as StructuralSchema) : undefined);
    if (at === undefined) return false;
  }
  return true;
}
