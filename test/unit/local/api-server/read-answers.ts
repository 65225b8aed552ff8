// What a real Kubernetes (v1.36.3, its own Go packages) answered; see kubernetes-answers/.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cause } from '../../../../local/api-server/cause.ts';

export function readAnswers<T>(file: string): T[] {
  const text = readFileSync(join(import.meta.dirname, 'kubernetes-answers', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** Kubernetes walks maps in random order, so the order of its causes means nothing. */
export function causeTexts(causes: readonly Cause[]): string[] {
  const texts = causes.map(({ reason, field, message }) => `${reason} ${field}: ${message}`);
  return [...new Set(texts)].sort();
}
