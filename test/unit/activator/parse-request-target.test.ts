// Paths and whole addresses in request lines.

import { describe, expect, it } from '@jest/globals';
import { parseRequestTarget, targetLengthMax } from '../../../activator/parse-request-target.ts';

describe('parseRequestTarget', () => {
  it.each([
    ['/a?b', undefined, '/a?b'],
    ['http://host:80/a?b', 'host:80', '/a?b'],
    ['HTTP://host', 'host', '/'],
    ['http://host?q', 'host', '/?q'],
  ])('reads %s', (target, host, path) => {
    expect(parseRequestTarget(target)).toEqual({ host, path });
  });

  it.each([
    ...['', '*', 'a/b', 'ftp://host/', 'http:///a', 'http://user@host/', 'host:443'],
    ...['/a#b', 'http://host#b', 'http://host:b/', 'http://:80/', 'http://a b/'],
  ])('refuses %p', (target) => {
    expect(parseRequestTarget(target)).toBeUndefined();
  });

  it('refuses what is too long', () => {
    expect(parseRequestTarget(`/${'a'.repeat(targetLengthMax)}`)).toBeUndefined();
  });
});
