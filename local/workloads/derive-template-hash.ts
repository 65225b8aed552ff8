// A short name for a pod template: the value of the label pod-template-hash.

import type { PodTemplate } from '../../api/kubernetes.ts';

export const templateHashLabel = 'pod-template-hash';

/** Kubernetes' alphabet for generated names: no vowels and nothing that looks alike. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * FNV-1a over the template's canonical JSON. Not the value a real cluster would give, which hashes Go's memory layout:
 * nobody may rely on it. `collisionCount` tells apart two templates with one hash.
 */
export function deriveTemplateHash(template: PodTemplate, collisionCount = 0): string {
  const text = buildCanonicalJson(template) + (collisionCount === 0 ? '' : `#${collisionCount}`);
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return String(hash).replace(/\d/g, (digit) =>
    alphabet.charAt(digit.charCodeAt(0) % alphabet.length),
  );
}

/** JSON with sorted keys and without what is absent or null: equal values give equal texts. */
export function buildCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(buildCanonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, one]) => one !== undefined && one !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${JSON.stringify(key)}:${buildCanonicalJson(one)}`);
  return `{${entries.join(',')}}`;
}

/** Whether two templates are the same but for the hash label. */
export function isSameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return buildCanonicalJson(withoutHash(a)) === buildCanonicalJson(withoutHash(b));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const labels = { ...template.metadata?.labels };
  delete labels[templateHashLabel];
  return { ...template, metadata: { ...template.metadata, labels } };
}
