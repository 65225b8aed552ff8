// Answers a list or an object as the Table that kubectl prints.

import type { KubeObject } from '../../../api/kubernetes.ts';
import { buildAge } from './build-age.ts';
import type { KindTable } from './build-kind-cells.ts';
import { coreTables } from './build-kind-cells.ts';
import { otherTables, plainTable } from './build-other-cells.ts';
import { workloadTables } from './build-workload-cells.ts';

export interface PathColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  /** Above 0 only shown with -o wide. */
  readonly priority?: number;
  readonly jsonPath: string;
}

/** What of a collection the table depends on; a ResourceInfo has it. */
export interface TableInfo {
  readonly group: string;
  readonly plural: string;
  readonly isCustom: boolean;
  /** Of a collection that shows another one's objects: cells are made of what is kept. */
  readonly view?: { readonly home: string; readonly keep: (shown: never) => KubeObject };
  /** Of a CRD: its additionalPrinterColumns. */
  readonly columns?: readonly PathColumn[];
}

export interface TableOptions {
  readonly nowMs: number;
  /** What each row carries besides its cells. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** First value a simple JSON path (`.status.url`) selects, or `undefined`. */
  readonly readPath: (path: string, object: unknown) => unknown;
}

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

const nameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.';

/** A meta.k8s.io/v1 Table; the caller adds its list's metadata. Never throws: what can't be made is an empty cell. */
export function buildTable(
  info: TableInfo,
  objects: readonly KubeObject[],
  options: TableOptions,
): object {
  const table = tableOf(info, options);
  const rows = objects.map((object) => {
    const kept = info.view?.keep(object as never) ?? object;
    return {
      cells: table.cells(kept),
      ...table.more(kept),
      ...rowObject(options.includeObject === 'Object' ? object : kept, options.includeObject),
    };
  });
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {},
    columnDefinitions: table.columns,
    rows: table.isPlain === true && rows.length === 0 ? null : rows,
  };
}

function tableOf(info: TableInfo, options: TableOptions): AnyTable {
  if (info.isCustom) return pathTable(info.columns ?? [ageColumn], options);
  const key = info.view?.home ?? `${info.group}/${info.plural}`;
  const kind = coreTables[key] ?? workloadTables[key] ?? otherTables[key] ?? plainTable;
  return { ...fixedTable(kind, options), isPlain: withoutTable.has(key) };
}

/** Kinds for which a real server has no table but the one of every kind; others here have not got theirs yet. */
const withoutTable: ReadonlySet<string> = new Set([
  '/limitranges',
  'rbac.authorization.k8s.io/roles',
]);

interface AnyTable {
  /** Without a table of its own; a real server says null where it has no rows. */
  readonly isPlain?: boolean;
  readonly columns: ColumnDefinition[];
  readonly cells: (object: KubeObject) => unknown[];
  readonly more: (object: KubeObject) => object;
}

function rowObject(object: KubeObject, includeObject: TableOptions['includeObject']): object {
  switch (includeObject) {
    case 'None':
      return { object: null };
    case 'Object':
      return { object };
    default:
      return {
        object: {
          kind: 'PartialObjectMetadata',
          apiVersion: 'meta.k8s.io/v1',
          metadata: object.metadata,
        },
      };
  }
}

function column(
  name: string,
  type = 'string',
  more: Partial<ColumnDefinition> = {},
): ColumnDefinition {
  return { name, type, format: '', description: '', priority: 0, ...more };
}

function fixedTable(kind: KindTable, { nowMs }: TableOptions): AnyTable {
  const { cells, conditions } = kind as KindTable<KubeObject>;
  return {
    columns: kind.columns.map(parseColumn),
    cells: (object) => orEmpty(() => cells(object, nowMs), object, kind.columns.length),
    more: (object) => {
      const marks = conditions?.(object);
      return marks === undefined ? {} : { conditions: marks };
    },
  };
}

function parseColumn(text: string): ColumnDefinition {
  const [name = '', type = 'string'] = text.replace(/^\+/, '').split(':');
  const priority = text.startsWith('+') ? 1 : 0;
  if (name !== 'Name') return column(name, type, { priority });
  return column(name, type, { priority, format: 'name', description: nameDescription });
}

/** One object that is not as its kind should be must not hide all the others. */
function orEmpty(make: () => unknown[], object: KubeObject, count: number): unknown[] {
  try {
    return make();
  } catch {
    return [object.metadata.name, ...Array.from({ length: count - 1 }, () => '')];
  }
}

const ageColumn: PathColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description:
    'CreationTimestamp is a timestamp representing the server time when this object was created.',
};

/** Columns of a CRD. */
function pathTable(columns: readonly PathColumn[], options: TableOptions): AnyTable {
  return {
    columns: [
      column('Name', 'string', { format: 'name', description: nameDescription }),
      ...columns.map((one) =>
        column(one.name, one.type, {
          format: one.format ?? '',
          description:
            one.description ||
            `Custom resource definition column (in JSONPath format): ${one.jsonPath}`,
          priority: one.priority ?? 0,
        }),
      ),
    ],
    cells: (object) => [
      object.metadata.name,
      ...columns.map(({ jsonPath, type }) =>
        pathCell(options.readPath(jsonPath, object), type, options.nowMs),
      ),
    ],
    more: () => ({}),
  };
}

/** A value of another type than its column says shows as nothing. */
function pathCell(value: unknown, type: string, nowMs: number): unknown {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? buildAge(value, nowMs) : null;
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
