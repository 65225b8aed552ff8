// Labels and label selectors as kubectl prints them.

import type { LabelSelector } from '../../../api/kubernetes.ts';

export function buildLabelText(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

/** Sorted by key, as Kubernetes writes a selector; empty when nothing is selected by. */
export function buildSelectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(
    ([key, value]) => [key, `${key}=${value}`] as const,
  );
  const rules = (selector?.matchExpressions ?? []).map(
    (rule) => [rule.key, expressionText(rule)] as const,
  );
  return [...labels, ...rules]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, text]) => text)
    .join(',');
}

function expressionText(rule: { key: string; operator: string; values?: string[] }): string {
  const values = (rule.values ?? []).toSorted().join(',');
  switch (rule.operator) {
    case 'In':
      return `${rule.key} in (${values})`;
    case 'NotIn':
      return `${rule.key} notin (${values})`;
    case 'Exists':
      return rule.key;
    default:
      return `!${rule.key}`;
  }
}
