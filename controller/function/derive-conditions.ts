// Conditions as Kubernetes has them: a change of status moves lastTransitionTime, nothing else does.

import type { Condition } from '../../api/kubernetes.ts';

export type ConditionInput = Omit<Condition, 'lastTransitionTime'>;

/** What a message of a condition may hold; the API allows more, but a column of kubectl should stay readable. */
const messageLengthMax = 1024;

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((one) => one.type === type);
}

/** `now` is RFC 3339. */
export function deriveCondition(
  before: readonly Condition[] | undefined,
  input: ConditionInput,
  now: string,
): Condition {
  const old = findCondition(before, input.type);
  const isSame = old?.status === input.status && old.lastTransitionTime !== undefined;
  return { ...input, lastTransitionTime: isSame ? (old.lastTransitionTime ?? now) : now };
}

/** The list with one condition put in or replaced. */
export function deriveConditions(
  before: readonly Condition[] | undefined,
  input: ConditionInput,
  now: string,
): Condition[] {
  const others = (before ?? []).filter((one) => one.type !== input.type);
  return [...others, deriveCondition(before, input, now)];
}

/** RFC 3339 in whole seconds, as in every condition. */
export function deriveTimestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
}

/** One line, of bounded length, from whatever a runtime or a server had to say. */
export function deriveMessage(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= messageLengthMax ? line : `${line.slice(0, messageLengthMax - 1)}…`;
}

/** A CamelCase word that Kubernetes accepts as a reason. */
export function deriveReason(text: string, fallback: string): string {
  const word = text.replace(/[^A-Za-z0-9]/g, '').replace(/^[0-9]+/, '');
  return word === '' ? fallback : word.slice(0, 128);
}
