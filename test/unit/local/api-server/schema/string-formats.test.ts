// The small readers beside the schema: formats, durations, quantities, Go's regular expressions.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDuration } from '../../../../../local/api-server/schema/parse-duration.ts';
import { parseGoRegExp } from '../../../../../local/api-server/schema/parse-go-regexp.ts';
import { parseQuantity } from '../../../../../local/api-server/schema/parse-quantity.ts';
import {
  isCidr,
  isIpv6,
  stringFormats,
} from '../../../../../local/api-server/schema/string-formats.ts';

describe('stringFormats', () => {
  it.each([
    ['date-time', '2024-01-01T00:00:00Z', true],
    ['date-time', '2024-01-01T00:00:00.5+02:00', true],
    ['date-time', '2024-13-01T00:00:00Z', false],
    ['date', '2024-02-30x', false],
    ['duration', '1h30m', true],
    ['duration', '1x', false],
    ['uuid', 'D9B2D63D-A233-4123-847A-7090A5E9D6B1', true],
    ['ipv4', '1.2.3.256', false],
    ['byte', 'aGk=', true],
    ['byte', 'aGk', false],
    ['hostname', 'a.b-c', true],
    ['hostname', '-a', false],
    ['email', 'a@b', true],
    ['uri', 'http://a/b', true],
    ['uri', 'a b', false],
    ['mac', '01:23:45:67:89:ab', true],
  ])('%s %s is %s', (format, text, isGood) => {
    expect(stringFormats.get(format)?.(text)).toBe(isGood);
  });

  it.each([
    ['::1', true],
    ['2001:db8::ffff', true],
    ['::ffff:1.2.3.4', true],
    ['1:2:3:4:5:6:7:8', true],
    ['1::2::3', false],
    ['1:2:3', false],
    ['g::', false],
  ])('%s as IPv6 is %s', (text, isGood) => {
    expect(isIpv6(text)).toBe(isGood);
  });

  it('reads prefixes of both families', () => {
    expect([isCidr('10.0.0.0/8'), isCidr('::/0'), isCidr('10.0.0.0/33')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('parseDuration', () => {
  it.each([
    ['0', 0],
    ['1.5s', 1.5e9],
    ['-1m', -60e9],
    ['1h2m3s4ms', 3600e9 + 120e9 + 3e9 + 4e6],
    ['', undefined],
    ['5', undefined],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });
});

describe('parseQuantity', () => {
  it.each([
    ['100m', 0.1],
    ['1Gi', 2 ** 30],
    ['1.5k', 1500],
    ['2e3', 2000],
    ['1E', 1e18],
    ['250m', 0.25],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['12x', undefined],
    [3, 3],
    ['', undefined],
    ['1 Gi', undefined],
    ['abc', undefined],
  ])('reads %s', (text, amount) => {
    expect(parseQuantity(text)).toBe(amount);
  });
});

describe('parseGoRegExp', () => {
  it('understands flags, anchors and names as Go writes them', () => {
    expect(parseGoRegExp('(?i)^abc$')?.test('ABC')).toBe(true);
    expect(parseGoRegExp('\\Aa\\z')?.test('a\nb')).toBe(false);
    expect(parseGoRegExp('(?P<year>\\d+)')?.exec('in 2024')?.groups).toEqual({ year: '2024' });
    expect(parseGoRegExp('[\\w\\-\\_]+')?.test('a-b')).toBe(true);
    expect(parseGoRegExp('(')).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (pattern) => {
        const regExp = parseGoRegExp(pattern);
        expect(regExp === undefined || typeof regExp.source === 'string').toBe(true);
      }),
    );
  });
});
