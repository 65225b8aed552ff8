// The import rules catch what they are for: each planted violation in a small tree, and nothing in a clean one.

import { afterEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

const clean: Readonly<Record<string, string>> = {
  'api/names.ts': 'export const name = 1;',
  'platform/clock.ts': "import { name } from '../api/names.ts'; export const clock = name;",
  'controller/decide-x.ts': "import { name } from '../api/names.ts'; export const x = name;",
  'controller/main.ts':
    "import { clock } from '../platform/clock.ts'; import './decide-x.ts'; export const c = clock;",
  'activator/main.ts': "import fs from 'node:fs'; export type A = typeof fs;",
  'local/up.ts': "import '../platform/clock.ts'; import './workloads.ts';",
  'local/workloads.ts': 'export const w = 1;',
  'test/a.test.ts': "import '../controller/main.ts'; import '../activator/main.ts';",
};

const planted: readonly (readonly [rule: string, file: string, text: string])[] = [
  [
    'activator-never-sees-the-others',
    'activator/x.ts',
    "import type { x } from '../controller/decide-x.ts'; export type X = typeof x;",
  ],
  ['controller-never-sees-the-others', 'controller/y.ts', "import '../local/workloads.ts';"],
  ['local-never-sees-the-others', 'local/z.ts', "import '../activator/main.ts';"],
  ['platform-sees-only-api', 'platform/p.ts', "import '../controller/main.ts';"],
  ['api-imports-nothing-but-itself', 'api/fs.ts', "import fs from 'node:fs'; export const f = fs;"],
  [
    'pure-files-stay-pure',
    'controller/plan-a.ts',
    "import { clock } from '../platform/clock.ts'; export const a = clock;",
  ],
  [
    'pure-files-stay-pure',
    'local/deep/pick-b.ts',
    "import fs from 'node:fs'; export const b = fs;",
  ],
  [
    'runtime-images-import-nothing-of-ours',
    'runtime-images/node/r.ts',
    "import '../../api/names.ts';",
  ],
  ['no-test-in-the-product', 'controller/t.ts', "import '../test/a.test.ts';"],
  [
    'no-circular',
    'controller/other.ts',
    "import { b } from './self.ts'; export const a = () => b;",
  ],
  ['not-to-unresolvable', 'controller/gone.ts', "import './nowhere.ts';"],
];

describe('the import rules', () => {
  it('pass a clean tree', () => {
    expect(cruise(clean)).toEqual([]);
  });

  it('report every planted violation, a type-only one among them', () => {
    const tree = {
      ...clean,
      ...Object.fromEntries(planted.map(([, file, text]) => [file, text])),
      'controller/self.ts': "import { a } from './other.ts'; export const b = () => a;",
    };
    const found = cruise(tree);
    for (const [rule, file] of planted) expect(found).toContainEqual({ rule, from: file });
  });
});

function cruise(files: Readonly<Record<string, string>>): { rule: string; from: string }[] {
  const folder = mkdtempSync(join(tmpdir(), 'rouse-rules-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.js');
  const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  const args = [program, '--config', config, '--output-type', 'json', ...tops];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser printed ${stdout}${stderr}`);
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
}
