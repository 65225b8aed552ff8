// The node runtime loads what people write: both module systems, several files, TypeScript, and finds the handler.

import { afterEach, describe, expect, it } from '@jest/globals';
import { prepareNode, RuntimeFleet } from './runtime-process.ts';

const fleet = new RuntimeFleet(prepareNode);
afterEach(() => fleet.stopAll());
const ok = "async () => ({ statusCode: 200, body: 'ok' })";

describe('a source', () => {
  it.each<[string, Record<string, string>]>([
    ['ES module .mjs', { 'index.mjs': `export const handler = ${ok};` }],
    ['ES module found by its syntax', { 'index.js': `export const handler = ${ok};` }],
    [
      'ES module by its package.json',
      { 'index.js': `export const handler = ${ok};`, 'package.json': '{"type":"module"}' },
    ],
    ['CommonJS .cjs', { 'index.cjs': `exports.handler = ${ok};` }],
    ['CommonJS found by its syntax', { 'index.js': `module.exports = { handler: ${ok} };` }],
    [
      'transpiled from an ES module',
      {
        'index.js': `Object.defineProperty(exports, '__esModule', { value: true }); exports.handler = ${ok};`,
      },
    ],
    [
      'TypeScript',
      {
        'index.ts': `interface A { b: string }\nexport const handler = async (event: A) => ({ statusCode: 200, body: 'ok' });`,
      },
    ],
    [
      'TypeScript, several files',
      {
        'index.mts':
          "import { text } from './a.mts'; export const handler = async (): Promise<object> => ({ statusCode: 200, body: text });",
        'a.mts': "export const text: string = 'ok';",
      },
    ],
    [
      'with top-level await',
      {
        'index.mjs': `const body = await Promise.resolve('ok'); export const handler = async () => ({ statusCode: 200, body });`,
      },
    ],
    [
      'with top-level await in a dependency',
      {
        'index.mjs':
          "import { body } from './lib/a.mjs'; export const handler = async () => ({ statusCode: 200, body });",
        'lib/a.mjs': "export const body = await Promise.resolve('ok');",
      },
    ],
    ['with a default export', { 'index.mjs': `export default { handler: ${ok} };` }],
    [
      'in a file of any name, the only one',
      { 'app.mjs': `export const handler = ${ok};`, 'data.json': '{}' },
    ],
    [
      'with one function of any name',
      { 'index.mjs': `export const main = async (event) => ({ statusCode: 200, body: 'ok' });` },
    ],
    [
      'that imports JSON',
      {
        'index.mjs':
          "import data from './data.json' with { type: 'json' }; export const handler = async () => ({ statusCode: 200, body: data.text });",
        'data.json': '{"text":"ok"}',
      },
    ],
    [
      'that requires JSON and a folder',
      {
        'index.js':
          "const d = require('./data.json'), l = require('./lib'); exports.handler = async () => ({ statusCode: 200, body: d.a + l.b });",
        'data.json': '{"a":"o"}',
        'lib/index.js': "exports.b = 'k';",
      },
    ],
    [
      'that reads a file beside it',
      {
        'index.mjs':
          "import fs from 'node:fs'; const body = fs.readFileSync(new URL('./text.txt', import.meta.url), 'utf8'); export const handler = async () => ({ statusCode: 200, body });",
        'text.txt': 'ok',
      },
    ],
    [
      'that reads a file by __dirname',
      {
        'index.cjs':
          "const body = require('fs').readFileSync(__dirname + '/t/text.txt', 'utf8'); exports.handler = async () => ({ statusCode: 200, body });",
        't/text.txt': 'ok',
      },
    ],
    [
      'that imports while it runs',
      {
        'index.mjs':
          "export const handler = async () => ({ statusCode: 200, body: (await import('./late.mjs')).text });",
        'late.mjs': "export const text = 'ok';",
      },
    ],
    [
      'that makes its own require',
      {
        'index.mjs':
          "import { createRequire } from 'node:module'; const { text } = createRequire(import.meta.url)('./a.cjs'); export const handler = async () => ({ statusCode: 200, body: text });",
        'a.cjs': "exports.text = 'ok';",
      },
    ],
    [
      'with its own node_modules',
      {
        'index.mjs':
          "import text from 'pack'; export const handler = async () => ({ statusCode: 200, body: text });",
        'node_modules/pack/package.json': '{"main":"m.js"}',
        'node_modules/pack/m.js': "module.exports = 'ok';",
      },
    ],
    [
      'with odd characters in its name',
      {
        'index.mjs':
          "import { t } from './a%23 b.mjs'; await 1; export const handler = async () => ({ statusCode: 200, body: t });",
        'a# b.mjs': "export const t = 'ok';",
      },
    ],
  ])('may be %s', async (_what, files) => {
    const pod = await fleet.serve(files);
    expect(await pod.call('/')).toMatchObject({ status: 200, text: 'ok' });
    expect(pod.errorOutput).toBe('');
    expect(pod.logLines()).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['src/app.handlers.main', { 'src/app.js': `exports.handlers = { main: ${ok} };` }],
    ['app.main', { 'app.mjs': `export const main = ${ok};`, 'index.mjs': 'throw 1;' }],
    ['app', { 'app.cjs': `module.exports = async (event) => ({ statusCode: 200, body: 'ok' });` }],
    [
      'app.mjs',
      { 'app.mjs': `export default async (event) => ({ statusCode: 200, body: 'ok' });` },
    ],
    ['app.lambda_handler', { 'app.js': `exports.lambda_handler = ${ok};` }],
    [
      'app.default',
      { 'app.mjs': `export default async (event) => ({ statusCode: 200, body: 'ok' });` },
    ],
  ])('is found by the handler %s', async (handler, files) => {
    const pod = await fleet.serve(files, { handler });
    expect(await pod.call('/')).toMatchObject({ status: 200, text: 'ok' });
  });

  it('is found to have the signature its code shows', async () => {
    const found: Record<string, string> = {
      'export const handler = async (event) => 1': 'lambda',
      'export const handler = (req, res) => res.end()': 'http',
      'export default { fetch() {} }': 'fetch',
      'export default (request) => new Response()': 'fetch',
      'export default (req, res) => res.end()': 'http',
      'export default async function (event, context) {}': 'lambda',
      'export function GET(request) { return new Response() }': 'fetch',
      'export const cloudevent = (event) => {}': 'cloudevent',
      'export default (cloudEvent) => {}': 'cloudevent',
      "import http from 'node:http'; export default http.createServer()": 'http',
      'export const handler = () => 1; export default { fetch() {} }': 'fetch',
    };
    for (const [code, signature] of Object.entries(found)) {
      const pod = await fleet.serve(code);
      expect({ code, signature: (await pod.ready()).answer.signature }).toEqual({
        code,
        signature,
      });
      await pod.kill();
    }
  });

  it('loads from memory-backed files when the temporary folder is read-only', async () => {
    const pod = await fleet.serve(`export const handler = ${ok};`, {}, { TMPDIR: '/proc' });
    expect((await pod.call('/')).text).toBe('ok');
  });

  it("is not read through somebody else's package.json above it", async () => {
    const fs = await import('node:fs');
    const os = await import('node:os');
    const folder = fs.mkdtempSync(`${os.tmpdir()}/rouse-above-`);
    fs.writeFileSync(`${folder}/package.json`, '{"type":"module"}');
    const files = { 'index.js': `exports.handler = ${ok};` };
    const pod = await fleet.serve(files, {}, { ROUSE_CODE_DIR: folder });
    expect((await pod.call('/')).text).toBe('ok');
    pod.child.kill('SIGTERM');
    await pod.exited;
    expect(fs.readdirSync(folder)).toEqual(['package.json']);
    fs.rmSync(folder, { recursive: true });
  });

  it('keeps what it writes to standard output as it is, and cuts what console prints', async () => {
    const pod = await fleet.serve(
      "export const handler = async () => { process.stdout.write('plain\\n'); console.log('x'.repeat(20000)); console.error('%s-%d', 'a', 1); };",
    );
    await pod.call('/');
    const line = await pod.logged((one) => String(one['msg']).startsWith('xxx'));
    expect(String(line['msg']).length).toBeLessThan(17_000);
    expect(line['msg']).toContain('3616 more characters');
    expect(await pod.logged((one) => one['level'] === 'error')).toMatchObject({ msg: 'a-1' });
    expect(pod.output.split('\n')[0]).toBe('plain');
  });

  it('starts with a compile cache that it may not write', async () => {
    const pod = await fleet.serve(
      `export const handler = ${ok};`,
      {},
      { NODE_COMPILE_CACHE: '/dev/null/cache' },
    );
    expect((await pod.call('/')).text).toBe('ok');
    expect(pod.errorOutput + pod.output).toBe('');
  });

  it('leaves a line behind when it ends its own process', async () => {
    const pod = await fleet.serve('export const handler = async () => process.exit(3);');
    await expect(pod.call('/')).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(await pod.exited).toEqual({ code: 3, signal: null });
    expect(await pod.logged((line) => line['level'] === 'error')).toMatchObject({
      msg: 'the process ends (3) with 1 requests in flight',
    });
  });
});
