// Rules by which `auto` picks a signature, and how a handler is found by its name.

import { describe, expect, it } from '@jest/globals';
import { parseHandler, pickEntryFile } from '../../../../runtime-images/node/parse-handler.ts';
import { parameterNames, pickSignature } from '../../../../runtime-images/node/pick-signature.ts';
import { pickHandler } from '../../../../runtime-images/node/pick-handler.ts';

const app = Object.assign(() => undefined, { handle: () => undefined, set: () => undefined });

describe('pickSignature', () => {
  it.each<[string, unknown, string, string]>([
    ['an object with fetch', { fetch: () => 1 }, 'default', 'fetch'],
    ['functions per method', { methods: {} }, 'methods', 'fetch'],
    ['an Express app, whatever its name', app, 'handler', 'http'],
    ['a server', { emit: () => 1 }, 'default', 'http'],
    ['an export named cloudevent', (event: unknown) => event, 'cloudevent', 'cloudevent'],
    ['a response as second parameter', (a: unknown, res: unknown) => [a, res], 'handler', 'http'],
    ['an export named handler', () => 1, 'handler', 'lambda'],
    ['an event', (event: unknown) => event, 'default', 'lambda'],
    ['a context', (_e: unknown, context: unknown) => context, 'default', 'lambda'],
    ['a request', (request: unknown) => request, 'main', 'fetch'],
    [
      'a request and a context',
      (request: unknown, ctx: unknown) => [request, ctx],
      'default',
      'fetch',
    ],
    ['a cloudEvent', (cloudEvent: unknown) => cloudEvent, 'main', 'cloudevent'],
    ['two minified parameters', (a: unknown, b: unknown) => [a, b], 'default', 'http'],
    ['a default export without evidence', (a: unknown) => a, 'default', 'fetch'],
    ['a named export without evidence', (a: unknown) => a, 'main', 'lambda'],
    [
      'destructured parameters',
      ({ a }: { a: unknown }, { b }: { b: unknown }) => [a, b],
      'handler',
      'lambda',
    ],
  ])('sees %s', (_what, value, name, signature) => {
    expect(pickSignature({ value, name })).toBe(signature);
  });
});

describe('parameterNames', () => {
  it('reads every way of writing a function', () => {
    const both = [
      async (event: unknown, context: unknown) => [event, context],
      async function (event: unknown, context: unknown) {
        return [event, context];
      },
      function named(event: unknown, context: unknown) {
        return [event, context];
      },
      async function* named(event: unknown, context: unknown) {
        yield [event, context];
      },
      (event: unknown = {}, context: unknown) => [event, context],
      (event: unknown, context: unknown, ...rest: unknown[]) => [event, context, rest],
    ];
    for (const one of both) expect(parameterNames(one)).toEqual(['event', 'context']);
    expect(parameterNames((event: unknown) => event)).toEqual(['event']);
    expect(parameterNames(Math.max)).toEqual(['']);
  });
});

describe('parseHandler', () => {
  it.each<[string | undefined, string, string[]]>([
    [undefined, 'index', ['handler']],
    ['', 'index', ['handler']],
    ['app.main', 'app', ['main']],
    ['a/b.c/app.x.y', 'a/b.c/app', ['x', 'y']],
    ['app', 'app', []],
    ['dir/app.mjs', 'dir/app.mjs', []],
  ])('reads %p', (handler, file, exportPath) => {
    expect(parseHandler(handler)).toMatchObject({ file, exportPath });
  });

  it.each(['../a.b', '/a.b', '.b', 'a.', 'a..b', 'a/.b', 'a\\b.c'])('refuses %p', (handler) => {
    expect(typeof parseHandler(handler)).toBe('string');
  });
});

describe('pickEntryFile', () => {
  const file = (handler: string | undefined, paths: string[]) => {
    const reference = parseHandler(handler);
    if (typeof reference === 'string') throw new Error(reference);
    return pickEntryFile(reference, paths);
  };

  it('prefers .js, as Lambda does, and takes what the user wrote out', () => {
    expect(file('a.b', ['a.mjs', 'a.js'])).toEqual({ path: 'a.js' });
    expect(file('a.mjs', ['a.mjs', 'a.js'])).toEqual({ path: 'a.mjs' });
  });

  it('takes the only code file when nothing was said, and never when something was', () => {
    expect(file(undefined, ['app.mjs', 'x.json'])).toEqual({ path: 'app.mjs' });
    expect(file('index.handler', ['app.mjs'])).toContain('no index.js');
    expect(file(undefined, ['a.mjs', 'b.mjs'])).toContain('it has: a.mjs, b.mjs');
  });
});

describe('pickHandler', () => {
  const find = (module: unknown, handler?: string) => {
    const reference = parseHandler(handler);
    if (typeof reference === 'string') throw new Error(reference);
    return pickHandler(module, reference, 'index.js');
  };
  const one = () => 1;
  const two = () => 2;

  it('finds nested names, transpiled defaults and module.exports itself', () => {
    expect(find({ a: { b: one } }, 'index.a.b')).toEqual({ value: one, name: 'b' });
    expect(find({ __esModule: true, default: { a: one } }, 'index.a')).toEqual({
      value: one,
      name: 'a',
    });
    expect(find(one)).toEqual({ value: one, name: 'default' });
    expect(find(one, 'index')).toEqual({ value: one, name: 'default' });
  });

  it('prefers handler to other functions, and gives up rather than guess between two', () => {
    expect(find({ other: two, handler: one })).toEqual({ value: one, name: 'handler' });
    expect(find({ other: two, another: one })).toBe(
      "index.js exports no 'handler'; it exports: other, another. Set spec.handler to FILE.EXPORT",
    );
  });

  it('does not deny an export that is there but can not be called', () => {
    expect(find({ handler: 5 })).toBe(
      "index.js exports 'handler', but it is no function; export a function of that name",
    );
  });

  it('is not fooled by what objects inherit', () => {
    expect(typeof find({}, 'index.constructor')).not.toBe('undefined');
    expect(find(null)).toContain('exports nothing');
  });
});
