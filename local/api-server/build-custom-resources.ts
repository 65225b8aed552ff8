// Turns a CustomResourceDefinition into the collections it makes, one per served version, and fills its status.

type JsonMap = Record<string, unknown>;

interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  schema?: { openAPIV3Schema?: JsonMap };
  subresources?: {
    status?: JsonMap;
    scale?: {
      specReplicasPath: string;
      statusReplicasPath: string;
      labelSelectorPath?: string;
    };
  };
  additionalPrinterColumns?: {
    name: string;
    type: string;
    format?: string;
    description?: string;
    priority?: number;
    jsonPath: string;
  }[];
}

interface DefinitionSpec {
  group: string;
  scope: string;
  names: {
    plural: string;
    singular?: string;
    kind: string;
    listKind?: string;
    shortNames?: string[];
    categories?: string[];
  };
  versions: DefinitionVersion[];
}

/** Structurally a ResourceInfo. */
export interface CustomResource {
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  subresources: readonly ('status' | 'scale')[];
  verbs: readonly string[];
  hasGeneration: boolean;
  isCustom: boolean;
  hasOtherVersions: boolean;
  columns?: NonNullable<DefinitionVersion['additionalPrinterColumns']>;
  schema?: JsonMap;
  scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
}

const verbs = [
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'create',
  'update',
  'watch',
] as const;

/** The version other objects should prefer comes first, as Kubernetes orders them: v2, v1, v1beta1, v1alpha1. */
export function buildCustomResources(definition: object): CustomResource[] {
  const spec = (definition as { spec: DefinitionSpec }).spec;
  return spec.versions
    .filter((one) => one.served)
    .sort((left, right) => rankVersion(right.name) - rankVersion(left.name))
    .map((one) => buildVersion(spec, one));
}

function buildVersion(spec: DefinitionSpec, one: DefinitionVersion): CustomResource {
  const { scale, status } = one.subresources ?? {};
  const schema = one.schema?.openAPIV3Schema;
  const columns = one.additionalPrinterColumns;
  return {
    group: spec.group,
    version: one.name,
    ...buildNames(spec),
    namespaced: spec.scope === 'Namespaced',
    subresources: [
      ...(status === undefined ? [] : (['status'] as const)),
      ...(scale === undefined ? [] : (['scale'] as const)),
    ],
    verbs,
    hasGeneration: true,
    isCustom: true,
    hasOtherVersions: spec.versions.length > 1,
    ...(columns === undefined ? {} : { columns }),
    ...(schema === undefined ? {} : { schema }),
    ...(scale === undefined ? {} : { scale }),
  };
}

function buildNames({ names }: DefinitionSpec): {
  plural: string;
  singular: string;
  kind: string;
  listKind: string;
  shortNames: string[];
  categories: string[];
} {
  const { plural, kind, shortNames = [], categories = [] } = names;
  const { singular = kind.toLowerCase(), listKind = `${kind}List` } = names;
  return { plural, singular, kind, listKind, shortNames, categories };
}

/** A stable version ranks above beta, beta above alpha, anything else lowest. */
export function rankVersion(name: string): number {
  const parts = /^v(\d{1,6})(?:(alpha|beta)(\d{1,6}))?$/.exec(name);
  if (parts === null) return 0;
  const stage = parts[2] === undefined ? 3 : parts[2] === 'beta' ? 2 : 1;
  return stage * 1e12 + Number(parts[1]) * 1e6 + Number(parts[3] ?? 0);
}

/** Names and conditions as the server's own controllers would set them, at once. `nowText` is RFC 3339. */
export function buildDefinitionStatus(definition: object, nowText: string): JsonMap {
  const { spec, status } = definition as { spec: DefinitionSpec; status?: JsonMap };
  const stored = new Set((status?.['storedVersions'] as string[] | undefined) ?? []);
  for (const one of spec.versions) if (one.storage) stored.add(one.name);
  const old = (status?.['conditions'] as { type: string }[] | undefined) ?? [];
  const conditions = [
    { type: 'NamesAccepted', reason: 'NoConflicts', message: 'no conflicts found' },
    {
      type: 'Established',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
  ].map(
    (one) =>
      old.find((before) => before.type === one.type) ?? {
        ...one,
        status: 'True',
        lastTransitionTime: nowText,
      },
  );
  const others = old.filter((one) => one.type !== 'NamesAccepted' && one.type !== 'Established');
  const names = {
    ...spec.names,
    singular: spec.names?.singular ?? spec.names?.kind?.toLowerCase(),
    listKind: spec.names?.listKind ?? `${spec.names?.kind}List`,
  };
  return {
    ...status,
    conditions: [...conditions, ...others],
    acceptedNames: names,
    storedVersions: [...stored],
  };
}
