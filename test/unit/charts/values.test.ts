// The chart's values, their schema, and the names that the programs and the chart must agree on.

import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { controlPort, httpPort, system } from '../../../api/names.ts';
import { readSettings } from '../../../controller/settings.ts';

type Json = Record<string, unknown>;
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}

const root = resolve(import.meta.dirname, '../../..');
const chart = join(root, 'charts/rouse');
const read = (path: string): string => readFileSync(join(chart, path), 'utf8');
const schema = JSON.parse(read('values.schema.json')) as Schema & { $defs: Record<string, Schema> };
const values = parse(read('values.yaml')) as Json;
const templates = globSync('templates/**/*.yaml', { cwd: chart });
const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

/** Helm lays a file of values over the defaults, objects key by key. */
function lay(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const keys = Object.keys({ ...base, ...over });
  return Object.fromEntries(
    keys.map((key) => [key, key in over ? lay(base[key], over[key]) : base[key]]),
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths of all properties that a schema names and that hold a value by themselves. */
function pathsOf(node: Schema, path = ''): string[] {
  const { $ref } = node;
  const own = $ref === undefined ? node : schema.$defs[$ref.replace('#/$defs/', '')];
  const properties = Object.entries(own?.properties ?? {});
  if (properties.length === 0) return [path];
  return properties.flatMap(([name, one]) => pathsOf(one, path === '' ? name : `${path}.${name}`));
}

describe('values.schema.json', () => {
  it('takes the defaults', () => {
    validate(values);
    expect(validate.errors).toBeNull();
  });

  it.each(globSync('ci/*.yaml', { cwd: chart }))('takes %s', (path) => {
    validate(lay(values, parse(read(path))));
    expect(validate.errors).toBeNull();
  });

  it('describes nothing that has no default, so that values.yaml shows all there is', () => {
    // What Helm adds by itself, and parts of a container's resources.
    const beyond = /^global$|resources\.(claims|requests|limits)$/;
    const missing = pathsOf(schema)
      .filter((path) => !beyond.test(path))
      .filter((path) => {
        const found = path
          .split('.')
          .reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), values);
        return found === undefined;
      });
    expect(missing).toEqual([]);
  });

  it.each([
    ['a value that does not exist', { replicas: 2 }],
    ['a domain with a scheme', { domain: 'http://example.com' }],
    ['a Service of no such type', { service: { type: 'Public' } }],
    ['no activator', { activator: { replicas: 0 } }],
    ['a digest that is none', { controller: { image: { digest: 'latest' } } }],
    ['a namespace that can not be', { watchNamespace: 'Team_A' }],
    ['a text for a number', { externalPort: '80' }],
  ])('refuses %s', (_, over) => {
    expect(validate(lay(values, over))).toBe(false);
  });
});

describe('the templates', () => {
  const text = templates.map(read).join('\n') + read('templates/_pod.tpl');

  it('set only environment that the programs read', () => {
    const set = new Set([...text.matchAll(/name: (ROUSE_\w+)/g)].map(([, name]) => name ?? ''));
    const sources = globSync('{controller,activator}/{main,settings}.ts', { cwd: root });
    const programs = sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
    expect([...set].filter((name) => !programs.includes(`'${name}'`))).toEqual([]);
    expect(set.size).toBeGreaterThan(10);
  });

  it('use the names by which the parts find each other', () => {
    for (const name of [system.activatorService, system.controllerService]) {
      expect(text).toContain(`kind: Service\nmetadata:\n  name: ${name}\n`);
    }
  });

  it("let the platform reach the Functions' two ports, and no other", () => {
    const ports = `ports: [{port: ${httpPort}, protocol: TCP}, {port: ${controlPort}, protocol: TCP}]`;
    expect(read('templates/network-policies.yaml').split(ports)).toHaveLength(3);
  });
});

describe('Chart.yaml', () => {
  it('has the version of the package, whose images it installs', () => {
    const { appVersion } = parse(read('Chart.yaml')) as { appVersion: string };
    const about = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Json;
    expect(appVersion).toBe(about['version']);
    const { repository } = (values['runtimes'] as { node: { image: { repository: string } } }).node
      .image;
    expect(readSettings({}).runtimeImages.node).toBe(`${repository}:${appVersion}`);
  });
});

describe('the dashboard', () => {
  it('asks only for metrics that the programs have', () => {
    const asked = new Set(read('files/dashboard.json').match(/\brouse_\w+/g) ?? []);
    const sources = ['controller/metrics.ts', 'activator/metrics.ts'];
    const programs = sources.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
    const unknown = [...asked].filter((name) => {
      const base = name.replace(/_(bucket|sum|count)$/, '');
      return !programs.includes(base) && !programs.includes(base.replace('rouse_controller_', ''));
    });
    expect(unknown).toEqual([]);
  });
});
