// Which Function a path names, and what is left of the path.

import { describe, expect, it } from '@jest/globals';
import { parseFunctionPath } from '../../../activator/parse-function-path.ts';

describe('parseFunctionPath', () => {
  it.each([
    ['/function/default/hello', '/'],
    ['/function/default/hello/', '/'],
    ['/function/default/hello/a/b?c=/d', '/a/b?c=/d'],
    ['/function/default/hello?x=/y', '/?x=/y'],
    ['/function/default/hello//double', '//double'],
  ])('takes the prefix off %s', (target, rest) => {
    expect(parseFunctionPath(target)).toEqual({
      namespace: 'default',
      name: 'hello',
      prefix: '/function/default/hello',
      rest,
    });
  });

  it.each([
    '/',
    '/function',
    '/function/',
    '/function/default',
    '/function/default/',
    '/function//hello',
    '/functions/default/hello',
    '/function/default?/hello',
    '/function/de%66ault/hello',
    '/function/../hello',
    '/function/Default/hello',
  ])('finds nothing in %s', (target) => {
    expect(parseFunctionPath(target)).toBeUndefined();
  });
});
