// What makes the suite fail: a difference that is new, one without a reason, and one that is gone.

import { expect, it } from '@jest/globals';
import type { Mismatch } from './compare-exchanges.ts';
import { keyOfMismatch } from './compare-exchanges.ts';
import { pickOrphans, pickSurprises } from './pick-surprises.ts';
import type { Occurrence } from './pick-surprises.ts';

const mismatch: Mismatch = {
  case: 'gets',
  request: '#1 GET /x',
  path: '$.body.a',
  real: 1,
  local: 2,
};
const key = keyOfMismatch(mismatch);
const row = { area: 'lists', case: 'gets', path: '$.body.*', reason: 'because' };
const expecting = (accepted: [string, Occurrence][], known = [row]) => ({
  area: 'lists',
  accepted: new Map(accepted),
  known,
});
const accept = 'node test/conformance/api/main.ts --accept lists';

it('has nothing to say of a difference that is listed with its reason', () => {
  expect(pickSurprises('gets', [mismatch], expecting([[key, 'always']]))).toEqual([]);
});

it('names the command that accepts a difference that is new', () => {
  const [text, ...more] = pickSurprises('gets', [mismatch], expecting([]));
  expect(text).toContain(`is not listed ("${accept}"): #1 GET /x\n  $.body.a`);
  expect(more).toEqual([]);
});

it('names the command that strikes out a difference that is gone', () => {
  expect(pickSurprises('gets', [], expecting([[key, 'always']]))).toEqual([
    `is listed, but equal by now ("${accept}"): gets #1 GET /x $.body.a`,
  ]);
});

it('does not miss a difference that only a race makes, nor one of another case', () => {
  expect(pickSurprises('gets', [], expecting([[key, 'sometimes']]))).toEqual([]);
  expect(pickSurprises('other', [], expecting([[key, 'always']]))).toEqual([]);
});

it('wants a reason for what is listed', () => {
  const [text] = pickSurprises('gets', [mismatch], expecting([[key, 'always']], []));
  expect(text).toContain('no reason in known-differences.ts: #1 GET /x');
});

it('finds listed differences of cases that are no more', () => {
  expect(pickOrphans(new Map([[key, 'always']]), ['other'])).toEqual([key]);
  expect(pickOrphans(new Map([[key, 'sometimes']]), ['gets'])).toEqual([]);
});
