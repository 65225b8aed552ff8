// docs/LOCAL-CLUSTER.md lists exactly the differences that the suite allows.

import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { areas } from './areas.ts';
import { buildDifferencesTable } from './build-differences-table.ts';
import { knownDifferences } from './known-differences.ts';

it('docs/LOCAL-CLUSTER.md holds the table of known differences', () => {
  const path = join(import.meta.dirname, '..', '..', '..', 'docs', 'LOCAL-CLUSTER.md');
  expect(readFileSync(path, 'utf8')).toContain(buildDifferencesTable(knownDifferences));
});

it('lists differences of areas that exist', () => {
  const names = new Set(['kubectl', ...areas.map((one) => one.name)]);
  expect(knownDifferences.filter((one) => !names.has(one.area))).toEqual([]);
});
