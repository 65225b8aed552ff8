// Tables hold what kubectl shows on a real cluster.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { KubeObject } from '../../../../../api/kubernetes.ts';
import { functionCrd } from '../../../../../api/function-crd.ts';
import { buildAge, humanDuration } from '../../../../../local/api-server/tables/build-age.ts';
import { buildTable } from '../../../../../local/api-server/tables/build-table.ts';
import {
  isJsonPath,
  readJsonPath,
  toStandardPath,
} from '../../../../../local/api-server/tables/json-path.ts';
import { readAnswers } from '../read-answers.ts';

interface Answered {
  name: string;
  plural: string;
  nowMs: number;
  object: KubeObject;
  answer: { columns: unknown[]; cells: unknown[]; conditions?: unknown[] };
}

interface Table {
  columnDefinitions: { name: string; type: string; format: string; priority: number }[];
  rows: { cells: unknown[]; conditions?: unknown[]; object: unknown }[];
}

type Info = Parameters<typeof buildTable>[0];

const tableOf = (
  info: Info,
  objects: KubeObject[],
  options: Partial<Parameters<typeof buildTable>[2]> = {},
): Table =>
  buildTable(info, objects, {
    nowMs: Date.parse('2026-01-01T00:00:10Z'),
    includeObject: 'None',
    readPath: readJsonPath,
    ...options,
  }) as Table;

// These have columns in Kubernetes that need arithmetic over metrics, or defaults that aren't set here.
const untold = new Set(['hpa', 'quota', 'cj', 'sec', 'pvc']);

describe('buildTable', () => {
  const answers = readAnswers<Answered>('tables.jsonl').filter(({ name }) => !untold.has(name));
  it.each(answers.map((one) => [one.name, one] as const))(
    'shows "%s" as Kubernetes does',
    (_name, { plural, object, nowMs, answer }) => {
      const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : [''];
      const table = tableOf({ group, plural, isCustom: false }, [object], { nowMs });
      const columns = table.columnDefinitions.map((one) => [
        one.name,
        one.type,
        one.format,
        one.priority,
      ]);
      expect(columns).toEqual(answer.columns);
      expect(table.rows[0]?.cells).toEqual(answer.cells);
      expect(table.rows[0]?.conditions).toEqual(answer.conditions);
    },
  );

  const hello: KubeObject & Record<string, unknown> = {
    apiVersion: 'rouse.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'hello', creationTimestamp: '2026-01-01T00:00:00Z' },
    status: {
      url: 'http://hello',
      replicas: 2,
      conditions: [
        { type: 'RoutesReady', status: 'Unknown' },
        { type: 'Ready', status: 'True', reason: 'Fine' },
      ],
    },
  };
  const columns = functionCrd.spec.versions[0]?.additionalPrinterColumns ?? [];
  const functions: Info = { group: 'rouse.dev', plural: 'functions', isCustom: true, columns };

  it('reads the columns of a definition, in their order', () => {
    const table = tableOf(functions, [hello]);
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual([
      'Name',
      'URL',
      'READY',
      'REASON',
      'REPLICAS',
      'REVISION',
      'AGE',
    ]);
    expect(table.rows[0]?.cells).toEqual(['hello', 'http://hello', 'True', 'Fine', 2, null, '10s']);
  });

  it('leaves a cell empty whose value has another type', () => {
    const path = (type: string) => ({ name: type, type, jsonPath: '.status.url' });
    const types = ['integer', 'number', 'boolean', 'date', 'string'].map(path);
    const table = tableOf({ ...functions, columns: types }, [hello]);
    expect(table.rows[0]?.cells).toEqual(['hello', null, null, null, '<invalid>', 'http://hello']);
  });

  it('shows name and age of a definition without columns', () => {
    const table = tableOf({ group: 'x', plural: 'y', isCustom: true }, [hello]);
    expect(table.rows[0]?.cells).toEqual(['hello', '10s']);
  });

  it('carries of each object what was asked for', () => {
    const object = (includeObject: 'None' | 'Metadata' | 'Object') =>
      tableOf(functions, [hello], { includeObject }).rows[0]?.object;
    expect(object('None')).toBeNull();
    expect(object('Object')).toBe(hello);
    expect(object('Metadata')).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: hello.metadata,
    });
  });

  it('shows a broken object beside the others', () => {
    const broken = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'broken' } };
    const table = tableOf({ group: '', plural: 'pods', isCustom: false }, [broken]);
    expect(table.rows[0]?.cells[0]).toBe('broken');
  });

  it('never throws, whatever the objects are', () => {
    const kinds = ['pods', 'services', 'events', 'nodes', 'endpointslices', 'functions'];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.jsonValue(), (plural, spec) => {
        const object = { ...hello, spec, status: spec };
        tableOf({ ...functions, group: '', plural, isCustom: plural === 'functions' }, [object]);
      }),
    );
  });
});

describe('humanDuration', () => {
  it.each([
    [-5_000, '<invalid>'],
    [-1_000, '0s'],
    [0, '0s'],
    [119_999, '119s'],
    [120_000, '2m'],
    [125_000, '2m5s'],
    [600_000, '10m'],
    [10_800_000, '3h'],
    [12_000_000, '3h20m'],
    [86_400_000, '24h'],
    [3 * 86_400_000 + 3_600_000, '3d1h'],
    [400 * 86_400_000, '400d'],
    [800 * 86_400_000, '2y70d'],
    [3650 * 86_400_000, '10y'],
  ])('of %d ms is %s', (ageMs, text) => {
    expect(humanDuration(ageMs)).toBe(text);
  });

  it('is <unknown> without a time', () => {
    expect(buildAge(undefined, 0)).toBe('<unknown>');
    expect(buildAge('yesterday', 0)).toBe('<invalid>');
  });
});

describe('readJsonPath', () => {
  const object = {
    spec: { x: 1, 'a.b': 2, 'c-d': 3, list: [{ n: 'a' }, { n: 'b' }] },
    metadata: { labels: { 'rouse.dev/x': 'y' } },
  };

  it.each([
    ['.spec.x', 1],
    ['{.spec.x}', 1],
    ['.spec.a\\.b', 2],
    ['.spec.c-d', 3],
    [".spec['a.b']", 2],
    ['.spec.list[1].n', 'b'],
    ['.spec.list[?(@.n=="b")].n', 'b'],
    ['.metadata.labels.rouse\\.dev/x', 'y'],
    ['.nothing.here', undefined],
    ['][', undefined],
  ])('reads %s', (path, value) => {
    expect(readJsonPath(path, object)).toBe(value);
  });

  it('tells a path from what is none', () => {
    expect(isJsonPath('.a.b')).toBe(true);
    expect(isJsonPath('.a[')).toBe(false);
    expect(toStandardPath('.a.b')).toBe('$.a.b');
  });
});
