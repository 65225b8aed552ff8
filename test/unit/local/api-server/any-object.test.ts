// Copies and comparisons of plain JSON.

import { describe, expect, it } from '@jest/globals';
import { cloneJson, equalJson } from '../../../../local/api-server/any-object.ts';

describe('cloneJson', () => {
  it('copies deeply and drops what JSON would drop', () => {
    const original = { a: [{ b: 1 }], gone: undefined };
    const copy = cloneJson(original);
    expect(copy).toEqual({ a: [{ b: 1 }] });
    expect(Object.keys(copy)).toEqual(['a']);
    expect(copy.a[0]).not.toBe(original.a[0]);
  });
});

describe('equalJson', () => {
  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: undefined }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [2, 1], false],
    [[1], { 0: 1 }, false],
    [{ a: [] }, { a: {} }, false],
    ['1', 1, false],
  ])('%j and %j: %s', (left, right, wanted) => {
    expect(equalJson(left, right)).toBe(wanted);
    expect(equalJson(right, left)).toBe(wanted);
  });
});
