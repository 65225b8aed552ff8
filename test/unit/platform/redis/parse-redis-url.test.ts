// Which Redis a URL names, and that no refusal repeats the secret in it.

import { describe, expect, it } from '@jest/globals';
import { readRedisAddress } from '../../../../platform/redis/read-redis-address.ts';
import { parseRedisUrl } from '../../../../platform/redis/parse-redis-url.ts';

const addressOf = (text: string): object => {
  const parsed = parseRedisUrl(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.address;
};

describe('parseRedisUrl', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379, database: 0, isTls: false }],
    ['rediss://cache.example.com:6380/3', { port: 6380, database: 3, isTls: true }],
    ['redis://:p%40ss%2Fword@cache', { username: undefined, password: 'p@ss/word' }],
    ['redis://rouse:secret@cache/', { username: 'rouse', password: 'secret', database: 0 }],
    ['redis://[fd00::1]:7000', { host: 'fd00::1', port: 7000, label: 'redis://[fd00::1]:7000' }],
  ])('reads %s', (text, expected) => {
    expect(addressOf(text)).toMatchObject(expected);
  });

  it('keeps user and password out of the label', () => {
    const label = 'rediss://cache:6379/2';
    expect(addressOf('rediss://rouse:secret@cache/2')).toMatchObject({ label });
  });

  it.each([
    ['http://me:secret@cache', 'is no Redis URL'],
    ['me:secret@cache', 'is no Redis URL'],
    ['redis://me:secret@cache:port', 'is no Redis URL'],
    ['redis:///0', 'names no host'],
    ['redis://me:secret@cache/first', 'no number of a database'],
    ['redis://me:secret@cache/9999999', 'no number of a database'],
    ['redis://me:secret%@cache', 'must be %25'],
    ['redis://cache?password=secret', '"?"'],
    ['redis://cache/0#secret', '"#"'],
  ])('refuses %s, without saying the secret', (text, expected) => {
    const refuse = (): unknown => readRedisAddress({ SOME_URL: text }, 'SOME_URL');
    expect(refuse).toThrow(expected);
    expect(refuse).toThrow(/^SOME_URL (?!.*secret)/);
  });

  it('asks for none where the variable is empty', () => {
    expect(readRedisAddress({ SOME_URL: '' }, 'SOME_URL')).toBeUndefined();
  });
});
