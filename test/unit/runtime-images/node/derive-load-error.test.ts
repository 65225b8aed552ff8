// What the author of code that can't be loaded gets to read.

import { describe, expect, it } from '@jest/globals';
import { deriveLoadError, frameOf } from '../../../../runtime-images/node/derive-load-error.ts';

const context = { folder: '/tmp/rouse-x', entry: 'index.mjs', files: {} };
const thrown = (fields: object): unknown => Object.assign(Object.create(null), fields) as unknown;

describe('deriveLoadError', () => {
  it('names the missing package and who wants it', () => {
    const error = thrown({
      name: 'Error',
      code: 'ERR_MODULE_NOT_FOUND',
      message: "Cannot find package 'left-pad' imported from /tmp/rouse-x/lib/a.mjs",
    });
    expect(deriveLoadError(error, context)).toEqual({
      type: 'ImportModuleError',
      message: expect.stringContaining(
        "lib/a.mjs imports 'left-pad', which is not there; packages are not installed",
      ),
    });
  });

  it('says where something was thrown, without our folder', () => {
    const error = thrown({
      name: 'MyError',
      message: 'at /tmp/rouse-x/index.mjs',
      stack: 'MyError: x\n    at file:///tmp/rouse-x/lib/b.mjs:3:9\n    at node:internal',
    });
    expect(deriveLoadError(error, context)).toEqual({
      type: 'MyError',
      message: 'MyError: at index.mjs (lib/b.mjs:3:9)',
    });
  });

  it('survives whatever is thrown', () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    for (const value of [
      undefined,
      null,
      0,
      'text',
      Symbol('s'),
      trap,
      { name: 1, message: {} },
      [],
    ]) {
      const { type, message } = deriveLoadError(value, context);
      expect(type).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
      expect(typeof message).toBe('string');
    }
    expect(
      deriveLoadError(thrown({ name: 'E', message: 'x'.repeat(9000) }), context).message.length,
    ).toBeLessThan(4100);
  });
});

describe('frameOf', () => {
  it('reads the frame that V8 puts before a stack', () => {
    const stack =
      '/tmp/rouse-x/index.cjs:2\n  const x = ;\n            ^\n\nSyntaxError: Unexpected';
    expect(frameOf(stack)).toBe('/tmp/rouse-x/index.cjs:2: `const x = ;`');
    expect(frameOf('SyntaxError: Unexpected\n    at node:internal')).toBeUndefined();
  });
});
