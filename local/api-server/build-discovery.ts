// Discovery documents in both forms clients ask for: one per group and version, and everything at once.

/** What discovery reads of a collection; structurally a ResourceInfo. */
interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly isCustom: boolean;
  readonly subresources: readonly string[];
  readonly verbs: readonly string[];
}

type RankVersion = (version: string) => number;

interface Sub {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

const subresources: Readonly<Record<string, Omit<Sub, 'name'> | undefined>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  binding: { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] },
  token: {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    verbs: ['create'],
  },
};

const verbsOf: Readonly<Record<string, readonly string[]>> = {
  log: ['get'],
  finalize: ['update'],
};
const statusVerbs = ['get', 'patch', 'update'];

function listSubresources(one: Resource): Sub[] {
  return [...one.subresources].sort().map((name) => {
    const { group, version, kind } = one;
    const own = { group, version, kind, verbs: verbsOf[name] ?? statusVerbs };
    return { name, ...(subresources[name] ?? own) };
  });
}

export function buildResourceList(groupVersion: string, resources: readonly Resource[]): object {
  return {
    kind: 'APIResourceList',
    // The oldest list is from before lists said their version.
    ...(groupVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion,
    resources: resources.flatMap((one) => [
      {
        name: one.plural,
        singularName: one.singular,
        namespaced: one.namespaced,
        kind: one.kind,
        verbs: one.verbs,
        ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
        ...(one.categories.length === 0 ? {} : { categories: one.categories }),
      },
      ...listSubresources(one).map((sub) => ({
        name: `${one.plural}/${sub.name}`,
        singularName: '',
        namespaced: one.namespaced,
        ...(sub.group === one.group ? {} : { group: sub.group, version: sub.version }),
        kind: sub.kind,
        verbs: sub.verbs,
      })),
    ]),
  };
}

function versionsOf(resources: readonly Resource[], rank: RankVersion): string[] {
  const versions = new Set(resources.map((one) => one.version));
  return [...versions].sort((left, right) => rank(right) - rank(left));
}

export function buildGroup(
  name: string,
  resources: readonly Resource[],
  rank: RankVersion,
): object {
  return { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(name, resources, rank) };
}

function describeGroup(name: string, resources: readonly Resource[], rank: RankVersion): object {
  const versions = versionsOf(resources, rank).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

export function buildGroupList(resources: readonly Resource[], rank: RankVersion): object {
  const names = [...new Set(resources.map((one) => one.group))];
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: names.map((name) =>
      describeGroup(
        name,
        resources.filter((one) => one.group === name),
        rank,
      ),
    ),
  };
}

/** apidiscovery.k8s.io/v2: every group, version and resource in one document. */
export function buildAggregated(resources: readonly Resource[], rank: RankVersion): object {
  const names = [...new Set(resources.map((one) => one.group))];
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: names.map((name) => {
      const ofGroup = resources.filter((one) => one.group === name);
      return {
        metadata: name === '' ? {} : { name },
        versions: versionsOf(ofGroup, rank).map((version) => ({
          version,
          resources: ofGroup.filter((one) => one.version === version).map(describeResource),
          freshness: 'Current',
        })),
      };
    }),
  };
}

function responseKindOf(one: Resource, sub: Sub): object {
  const isOwn = sub.group === one.group && !one.isCustom;
  return {
    group: isOwn ? '' : sub.group,
    version: isOwn ? '' : sub.version,
    kind: sub.kind,
  };
}

function describeResource(one: Resource): object {
  const { group, version, kind } = one;
  const subs = listSubresources(one);
  return {
    resource: one.plural,
    // Those of the group itself go without saying.
    responseKind: one.isCustom ? { group, version, kind } : { group: '', version: '', kind },
    scope: one.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: one.singular,
    verbs: one.verbs,
    ...(one.shortNames.length === 0 ? {} : { shortNames: one.shortNames }),
    ...(one.categories.length === 0 ? {} : { categories: one.categories }),
    ...(subs.length === 0
      ? {}
      : {
          subresources: subs.map((sub) => ({
            subresource: sub.name,
            responseKind: responseKindOf(one, sub),
            verbs: sub.verbs,
          })),
        }),
  };
}
