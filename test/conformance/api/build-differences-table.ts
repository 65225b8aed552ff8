// Writes the table of known differences as it stands in docs/LOCAL-CLUSTER.md.

import type { KnownDifference } from './known-differences.ts';

export function buildDifferencesTable(known: readonly KnownDifference[]): string {
  const rows = known.map((one) => {
    const path = one.path === '*' ? 'anything' : `\`${one.path}\``;
    const where = one.case === '*' ? one.area : `${one.area}: ${one.case.replaceAll('*', '…')}`;
    return `| ${where} | ${path} | ${one.reason} |`;
  });
  return ['| where | what | why |', '| --- | --- | --- |', ...rows].join('\n');
}
