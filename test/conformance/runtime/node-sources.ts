// The suite's behaviours written for Node, and the ways in which Node code can fail to load.

import type { LoadFailureCase, Sources } from './runtimes-under-test.ts';

export const nodeSources: Sources = {
  hello: {
    'index.mjs':
      "export const handler = async (event) => ({ statusCode: 200, body: 'hello ' + event.rawPath });",
  },
  printsEnvAtLoad: {
    'index.mjs':
      'const colour = process.env.COLOUR; export const handler = async () => ({ statusCode: 200, body: colour });',
  },
  printsEnv: {
    'index.mjs': `export const handler = async () =>
      ({ ...process.env, offsetMinutes: String(new Date(0).getTimezoneOffset()) });`,
  },
  blocksAtLoad: {
    'index.mjs': "import fs from 'node:fs'; fs.writeSync(1, 'blocking\\n'); for (;;);",
  },
  failsOnce: {
    'index.mjs': `if (!globalThis.tried) { globalThis.tried = true; throw new Error('not yet'); }
      export const handler = async () => ({ statusCode: 200 });`,
  },
  behaviours: {
    'index.mjs': `
      const waiting = [];
      const actions = {
        '/echo': (event) => event.isBase64Encoded ? Buffer.from(event.body, 'base64').toString() : event.body ?? '',
        '/throw': () => { throw new TypeError('asked to'); },
        '/wait': () => new Promise((resolve) => waiting.push(() => resolve('waited'))),
        '/release': () => { for (const go of waiting.splice(0)) go(); return 'released'; },
        '/log': () => { console.warn('seen', { deep: [1] }); return 'logged'; },
        '/never': () => new Promise(() => {}),
        '/remaining': (event, context) => String(context.getRemainingTimeInMillis()),
        '/late': () => { setImmediate(() => setImmediate(() => { throw new Error('too late'); })); return 'ok'; },
      };
      export const handler = async (event, context) => {
        if (event.rawPath === '/reserved') {
          return { statusCode: 200, headers: { 'X-Rouse-Error': 'x', 'x-rouse-retry-safe': '1', 'x-mine': '1' } };
        }
        return { statusCode: 200, body: await actions[event.rawPath](event, context) };
      };`,
  },
};

export const nodeLoadFailures: readonly LoadFailureCase[] = [
  {
    what: 'a syntax error in an ES module',
    files: {
      'index.mjs': 'export const a = 1;\nexport const handler = async () => {\n  const x = ;\n};\n',
    },
    type: 'SyntaxError',
    says: ['index.mjs:3', 'const x = ;', "Unexpected token ';'"],
  },
  {
    what: 'a syntax error in CommonJS',
    files: { 'index.cjs': 'exports.handler = () => {\n  return (;\n};\n' },
    type: 'SyntaxError',
    says: ['index.cjs:2', 'return (;'],
  },
  {
    what: 'a syntax error in an imported file',
    files: {
      'index.mjs': "import './lib/dep.mjs'; export const handler = 1;",
      'lib/dep.mjs': '\nlet = 3 3;',
    },
    type: 'SyntaxError',
    says: ['lib/dep.mjs:2'],
  },
  {
    what: 'TypeScript that is more than types',
    files: { 'index.ts': 'enum Colour { Red }\nexport const handler = async () => Colour.Red;' },
    type: 'SyntaxError',
    says: ['index.ts:1', 'enum'],
  },
  {
    what: 'a missing export',
    files: { 'index.mjs': 'export const a = 1, b = 2;' },
    type: 'HandlerNotFound',
    says: ["index.mjs exports no 'handler'", 'it exports: a, b', 'Set spec.handler to FILE.EXPORT'],
  },
  {
    what: 'a handler that is not a function',
    files: { 'index.mjs': "export const handler = 'me';" },
    type: 'HandlerNotFound',
    says: ["index.mjs exports 'handler', but it is no function"],
  },
  {
    what: 'no exports at all',
    files: { 'index.cjs': 'const a = 1;' },
    type: 'HandlerNotFound',
    says: ['it exports nothing'],
  },
  {
    what: 'a handler in a file that is not there',
    files: { 'index.mjs': '', 'b.mjs': '' },
    more: { handler: 'app.main' },
    type: 'HandlerNotFound',
    says: ['no app.js', 'index.mjs, b.mjs'],
  },
  {
    what: 'a handler that leaves the source',
    files: { 'index.mjs': '' },
    more: { handler: '../index.handler' },
    type: 'MalformedHandlerName',
    says: ['inside the source'],
  },
  {
    what: 'a top-level throw',
    files: { 'index.mjs': "const a = 1;\nthrow new RangeError('too far');" },
    type: 'RangeError',
    says: ['RangeError: too far', 'index.mjs:2'],
  },
  {
    what: 'a top-level throw after top-level await',
    files: { 'index.mjs': "await 1;\nthrow new RangeError('too far');" },
    type: 'RangeError',
    says: ['too far', 'index.mjs:2'],
  },
  {
    what: 'a top-level throw of something else',
    files: { 'index.cjs': "throw 'just text';" },
    type: 'Thrownstring',
    says: ['just text'],
  },
  {
    what: 'an import of a missing file',
    files: {
      'index.mjs': "import './lib/a.mjs'; export const handler = 1;",
      'lib/a.mjs': "import './b.mjs';",
    },
    type: 'ImportModuleError',
    says: ['lib/a.mjs imports', 'lib/b.mjs', 'add the file to the source'],
  },
  {
    what: 'an import of a package',
    files: { 'index.mjs': "import pad from 'left-pad'; export const handler = pad;" },
    type: 'ImportModuleError',
    says: ["index.mjs imports 'left-pad'", 'bundle'],
  },
  {
    what: 'a require of a missing file',
    files: { 'index.cjs': "require('./nope');" },
    type: 'ImportModuleError',
    says: ["index.cjs imports './nope'"],
  },
  {
    what: 'an import of a name that is not exported',
    files: {
      'index.mjs': "\nimport { b } from './a.mjs'; export const handler = b;",
      'a.mjs': 'export const a = 1;',
    },
    type: 'SyntaxError',
    says: ['index.mjs:2', "'./a.mjs'", "'b'"],
  },
  {
    what: 'a top-level await that never ends',
    files: { 'index.mjs': 'await new Promise(() => {}); export const handler = 1;' },
    type: 'LoadTimeout',
    says: ['still loading after 1000 ms'],
  },
  {
    what: 'a fetch signature for a text',
    files: { 'index.mjs': 'export default { fetch: 1, emit() {} };' },
    more: { signature: 'fetch' },
    type: 'HandlerNotFound',
    says: ['signature fetch'],
  },
];
