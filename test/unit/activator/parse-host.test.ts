// Which Function a Host header names.

import { describe, expect, it } from '@jest/globals';
import { isAuthority, parseHost } from '../../../activator/parse-host.ts';

const hello = { namespace: 'default', name: 'hello' };

describe('parseHost', () => {
  it.each([
    'hello.default.example.com',
    'hello.default.example.com:8080',
    'hello.default.example.com.',
    'HELLO.Default.Example.COM',
    'hello.default',
    'hello.default:80',
    'hello.default.svc',
    'hello.default.svc.cluster.local',
    'hello.default.svc.cluster.local:8080',
  ])('finds namespace and name in %s', (host) => {
    expect(parseHost(host, 'example.com')).toEqual(hello);
  });

  it.each([
    '',
    'hello',
    'localhost:8080',
    '127.0.0.1:8080',
    '[::1]:8080',
    'example.com.example.com.extra',
    'a.b.c.example.com',
    'hello.default.other.com',
    '.default.example.com',
    'hello..example.com',
    '-hello.default.example.com',
    'hel_lo.default.example.com',
    'hello.default/x',
    `${'a'.repeat(64)}.default`,
    `${'a'.repeat(300)}.default.example.com`,
  ])('finds nothing in %s', (host) => {
    expect(parseHost(host, 'example.com')).toBeUndefined();
  });

  it('takes a domain of one label', () => {
    expect(parseHost('hello.default.localhost:8080', 'localhost')).toEqual(hello);
    expect(parseHost('default.localhost', 'localhost')).toBeUndefined();
  });
});

describe('isAuthority', () => {
  it.each(['', 'a', 'A.b-c:8080', 'a.b.:1', 'hello.default:', '127.0.0.1:80', '[::1]', '[::1]:80'])(
    'takes %p',
    (text) => {
      expect(isAuthority(text)).toBe(true);
    },
  );

  it.each([
    ...[':80', 'a b', 'a@b', 'a/b', 'a:b', 'a:80@b', 'a:1:2', 'a:123456', '[::1', '::1', 'a\\b'],
    ...['é', 'a?b', 'a#b', '[::1]b', '"a"', '<a>', 'a'.repeat(300)],
  ])('refuses %p', (text) => {
    expect(isAuthority(text)).toBe(false);
  });
});
