// The rehearsal before an activator is ready: it must really wake, and leave nothing behind.

import { expect, it } from '@jest/globals';
import { rehearse, rounds, wakesAtOnce } from '../../../activator/rehearse.ts';
import { limitDefaults } from '../../../activator/settings.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { waitFor } from './harness.ts';

const countOf = (kind: string): number =>
  process.getActiveResourcesInfo().filter((one) => one === kind).length;

it('wakes a Function by a claim for each of its requests, and closes what it opened', async () => {
  const before = countOf('TCPServerWrap');
  expect(await rehearse(limitDefaults, silentLog)).toBe(rounds * wakesAtOnce);
  await waitFor('its servers are closed', () => countOf('TCPServerWrap') === before);
});

it('gives up without a word to its callers when nothing can be woken', async () => {
  const none = { ...limitDefaults, queueRequestsMax: 0 };
  expect(await rehearse(none, silentLog)).toBe(0);
});
