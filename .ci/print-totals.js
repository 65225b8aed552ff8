// Prints the totals of Jest runs from their JSON as one plain line, `N passed, N failed, N skipped`; fails unless all passed.

import { existsSync, readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) add(file);
console.log(
  `${totals.passed} passed, ${totals.failed} failed` +
    (totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''),
);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function add(file) {
  if (!existsSync(file)) {
    console.log(`${file} was not written: its run ended before the tests did`);
    totals.failed += 1;
    return;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that can't even be loaded has no tests to fail, so it counts as one; so does a run that fails by itself.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  totals.failed += failed === 0 && !result.success ? 1 : failed;
}
