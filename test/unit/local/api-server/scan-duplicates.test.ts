// Fields that a JSON text says twice, by their paths.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scanDuplicates } from '../../../../local/api-server/scan-duplicates.ts';

describe('scanDuplicates', () => {
  it.each([
    ['{"a":1,"a":2}', ['a']],
    ['{"metadata":{"name":"x","name":"y"}}', ['metadata.name']],
    ['{"a":[{"b":1},{"b":{"c":1, "c" : 2},"b":3}]}', ['a[1].b.c', 'a[1].b']],
    ['{"a":1,"\\u0061":2}', ['a']],
    [' {"a" : "}\\"a\\":", "b" : [ ] , "c":{ } } ', []],
    ['{"a":1,"a":2,"a":3}', ['a']],
    ['[]', []],
    ['"a"', []],
    ['1', []],
  ])('finds them in %s', (text, wanted) => {
    expect(scanDuplicates(text)).toEqual(wanted);
  });

  it('finds none in what JSON.stringify writes, and ends', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(0, 2), (text, indent) => {
        expect(scanDuplicates(JSON.stringify(JSON.parse(text), null, indent))).toEqual([]);
      }),
    );
  });
});
