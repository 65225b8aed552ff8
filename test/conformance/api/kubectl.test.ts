// What kubectls of several ages print on the local and on a real server.

import { expect, it } from '@jest/globals';
import { kubectlMissing } from '../../support/kubectl.ts';
import { kubectlAreas } from './cases/kubectl.ts';
import { findKubectls } from './find-kubectls.ts';
import { describeArea } from './run-area.ts';

const found = findKubectls();
const isLive = (process.env['ROUSE_CONFORMANCE_KUBECONFIG'] ?? '') !== '';
const [usual] = found.keys();
const all = kubectlAreas.filter((one) => found.has(one.kubectl ?? ''));
/** All of them take a minute: a plain run takes one, the one other tests use or the newest there is. */
const chosen = isLive
  ? all
  : all.filter((one) => one.kubectl === usual || one === all.at(-1)).slice(0, 1);

if (found.size === 0) process.stderr.write(`${kubectlMissing}; these tests are skipped\n`);
for (const area of chosen) describeArea(area);

it('has recordings for a kubectl of this machine', () => {
  expect(found.size === 0 ? ['none here'] : chosen.map((one) => one.name)).not.toEqual([]);
});
