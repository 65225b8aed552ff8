// Is the house in order? Checks of the repository itself that no linter makes.

import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { errorCodes } from '../api/errors.ts';

const root = resolve(import.meta.dirname, '..');
const entries = [
  'local/up.ts',
  'local/platform.ts',
  'local/demo.ts',
  'controller/main.ts',
  'activator/main.ts',
  'runtime-images/node/main.ts',
  'local/bundle.ts',
  'cluster/main.ts',
];
const sourceFolders = /^(api|platform|controller|activator|local|cluster|runtime-images)\//;
const pureFile =
  /^(api|platform|controller|activator|local|cluster)\/(.*\/)?(plan|decide|derive|pick|build|parse)-[^/]+\.ts$/;
const linesMax = 400;
const testLinesMax = 600;
const columnsMax = 120;

/** What a pure file may not call, and what it does instead. */
const bannedInPureFiles: readonly [RegExp, string][] = [
  [/\bDate\.now\b/, 'take nowMs as a parameter'],
  [/\bnew Date\(\)/, 'take nowMs as a parameter'],
  [/\bperformance\.now\b/, 'take nowMs as a parameter'],
  [/\bMath\.random\b/, 'take the random number as a parameter'],
  [/\brandomUUID\b/, 'take the id as a parameter'],
  [/\bprocess\./, 'take the setting as a parameter'],
  [/\bset(Timeout|Interval|Immediate)\b/, 'return when to look again'],
  [/\bconsole\./, 'return what happened'],
];

const forbiddenNames = ['utils', 'common', 'helpers', 'shared', 'types', 'index'];

/** Tracked files, and new ones that git does not ignore: what the next commit can hold. */
const files = listFiles();
const typescript = files.filter((file) => file.endsWith('.ts'));
const source = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('the repository', () => {
  it('says in the first line of every source file what it is for', () => {
    const code = files.filter((file) => /\.(ts|js|go)$/.test(file));
    expect(code.filter((file) => !/^\/\/ \S.*[.?:!]$/.test(firstLine(file)))).toEqual([]);
  });

  it('keeps every file within its size', () => {
    const long = typescript.filter((file) => lineCount(file) > limitOf(file));
    expect(long.map((file) => `${file}: ${lineCount(file)} lines`)).toEqual([]);
  });

  it('keeps every line of comment within its width', () => {
    // Prettier holds code to 100 columns and leaves comments alone; a sentence in a string may be long.
    const wide = typescript.flatMap((file) =>
      source(file)
        .split('\n')
        .flatMap((line, at) =>
          line.length > columnsMax && /^\s*(\/\/|\/?\*)/.test(line) ? [`${file}:${at + 1}`] : [],
        ),
    );
    expect(wide).toEqual([]);
  });

  it('has no file or folder whose name says nothing', () => {
    const code = files.filter((file) => /\.(ts|js)$/.test(file));
    const nameless = code.filter((file) =>
      file.split('/').some((part) => forbiddenNames.includes(part.replace(/\.(ts|js)$/, ''))),
    );
    expect(nameless).toEqual([]);
  });

  it('names its files in kebab-case', () => {
    const code = typescript.filter((file) => sourceFolders.test(file) || file.startsWith('test/'));
    const odd = code.filter((file) => !/^([a-z0-9-]+\/)*[a-z0-9-]+(\.test)?\.ts$/.test(file));
    expect(odd).toEqual([]);
  });

  it('keeps clock, chance and process out of the pure files', () => {
    const calls = typescript
      .filter((file) => pureFile.test(file))
      .flatMap((file) => bannedCalls(file));
    expect(calls).toEqual([]);
  });

  it('reaches every source file by imports from a program', () => {
    const reached = reachedFrom(entries.filter((file) => existsSync(join(root, file))));
    const product = typescript.filter((file) => sourceFolders.test(file));
    expect(product.filter((file) => !reached.has(file))).toEqual([]);
  });

  it('reaches every other source file by imports from a test, a benchmark or CI', () => {
    const started = typescript.filter((file) =>
      /\.test\.ts$|^test\/bench\/(?:cold-start\/)?main\.ts$|^\.ci\//.test(file),
    );
    const reached = reachedFrom(started);
    const rest = typescript.filter((file) => !sourceFolders.test(file));
    // A program that a test or a benchmark starts as a process is named there as a string.
    const starters = [...reached, 'package.json'].map(source);
    const named = (file: string) =>
      starters.some((text) => new RegExp(`['/]${file.split('/').at(-1)}['"]`).test(text));
    expect(rest.filter((file) => !reached.has(file) && !named(file))).toEqual([]);
  });

  it('starts every program of the product by a source file that exists', () => {
    expect(entries.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('the documents', () => {
  it('list every error code with its status in docs/ERRORS.md, and no other', () => {
    const rows = source('docs/ERRORS.md').matchAll(/^\| `(\w+)` \| (\d{3}) \| (yes|no) \|/gm);
    const documented = Object.fromEntries(
      [...rows].map(([, code, status, again]) => [code, `${status} ${again}`]),
    );
    const real = Object.fromEntries(
      Object.entries(errorCodes).map(([code, { status, retryable }]) => [
        code,
        `${status} ${retryable ? 'yes' : 'no'}`,
      ]),
    );
    expect(documented).toEqual(real);
  });

  it.each(['README.md', 'docs/ARCHITECTURE.md', 'CHANGELOG.md', 'docs/ERRORS.md'])(
    'name only paths that exist: %s',
    (document) => {
      const folders = new Set(files.map((file) => file.split('/')[0]));
      const missing = pathsNamedIn(document)
        .filter((path) => folders.has(path.split('/')[0] ?? ''))
        .filter((path) => !existsSync(join(root, path)));
      expect(missing).toEqual([]);
    },
  );

  it('have an Unreleased part in the changelog', () => {
    expect(source('CHANGELOG.md')).toMatch(/^## Unreleased$/m);
  });

  it('describe every script of package.json in README.md', () => {
    const scripts = Object.keys(
      (JSON.parse(source('package.json')) as { scripts: Record<string, string> }).scripts,
    ).filter((name) => !name.startsWith('pre'));
    const readme = source('README.md');
    const said = (name: string) => readme.includes(`npm ${name}`) || readme.includes(`run ${name}`);
    expect(scripts.filter((name) => !said(name))).toEqual([]);
  });

  it('hold no path of a machine and no host of a package registry', () => {
    // Put together here, so that this file does not name them either.
    const machine = ['/wo' + 'rk/', '/ro' + 'ot/', '/ho' + 'me/[a-z]', '/Us' + 'ers/[a-z]'];
    const registries = [
      'registry\\.np' + 'mjs',
      'proxy\\.gol' + 'ang',
      'files\\.pytho' + 'nhosted',
    ];
    const banned = new RegExp([...machine, ...registries].join('|'));
    const text = files.filter((file) => !/(^|\/)(package-lock\.json|LICENSE)$/.test(file));
    expect(text.filter((file) => banned.test(source(file)))).toEqual([]);
  });

  it('hold no download address in package-lock.json that names a machine', () => {
    const lock = source('package-lock.json');
    const hosts = [...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map(([, host]) => host);
    expect(new Set(hosts).size).toBeLessThanOrEqual(1);
  });
});

function listFiles(): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const output = execFileSync('git', args, { cwd: root, encoding: 'utf8' });
  return output.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}

function firstLine(file: string): string {
  const lines = source(file).split('\n');
  return (lines[0]?.startsWith('#!') ? lines[1] : lines[0]) ?? '';
}

function lineCount(file: string): number {
  return source(file).trimEnd().split('\n').length;
}

function limitOf(file: string): number {
  return file.startsWith('test/') ? testLinesMax : linesMax;
}

function bannedCalls(file: string): string[] {
  const lines = source(file).split('\n');
  return lines.flatMap((line, at) => {
    const code = line.replace(/\/\/.*$|^\s*\/?\*.*$/, '');
    return bannedInPureFiles
      .filter(([pattern]) => pattern.test(code))
      .map(([pattern, instead]) => `${file}:${at + 1} ${String(pattern)}: ${instead}`);
  });
}

/** Every file that the given ones import, directly or by others; a file named as a string counts as started. */
function reachedFrom(start: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const waiting = [...start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...importsOf(file));
  }
  return reached;
}

function importsOf(file: string): string[] {
  const specifiers = source(file).matchAll(/(?:from|import|import\()\s*'(\.{1,2}\/[^']+\.ts)'/g);
  return [...specifiers]
    .map(([, specifier]) => normalize(join(dirname(file), specifier ?? '')))
    .filter((path) => existsSync(join(root, path)));
}

/** Paths in backticks and in links; patterns, URLs and commands are no paths. */
function pathsNamedIn(document: string): string[] {
  const text = source(document).replace(/^```[\s\S]*?^```/gm, '');
  const quoted = [...text.matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`/g)].map(([, path]) => path ?? '');
  const linked = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, path]) =>
    normalize(join(dirname(document), path ?? '')),
  );
  return [...quoted, ...linked];
}
