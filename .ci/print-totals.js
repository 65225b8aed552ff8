// Prints the totals of a Jest run from its JSON as one plain line: `N passed, N failed, N skipped`.

import { readFileSync } from 'node:fs';

const result = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const skipped = result.numPendingTests + result.numTodoTests;
// A file that can't even be loaded has no tests to fail, so it counts as one.
const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
console.log(
  `${result.numPassedTests} passed, ${failed} failed` + (skipped ? `, ${skipped} skipped` : ''),
);
if (result.numTotalTests === 0) process.exit(1);
