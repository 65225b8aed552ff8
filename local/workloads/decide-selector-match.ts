// Whether a label selector selects an object's labels, by Kubernetes' rules.

import type { LabelSelector } from '../../api/kubernetes.ts';

type Labels = Readonly<Record<string, string>>;

/** An empty selector selects everything; an absent one nothing. */
export function decideSelectorMatch(
  selector: LabelSelector | undefined,
  labels: Labels | undefined,
): boolean {
  if (selector === undefined) return false;
  const found = labels ?? {};
  if (!decideLabelsMatch(selector.matchLabels ?? {}, found)) return false;
  return (selector.matchExpressions ?? []).every((one) => {
    const value = found[one.key];
    const values = one.values ?? [];
    switch (one.operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
    }
  });
}

/** Whether each wanted label is there with its value. */
export function decideLabelsMatch(wanted: Labels, found: Labels | undefined): boolean {
  return Object.entries(wanted).every(([key, value]) => found?.[key] === value);
}
