// Every collection the API server has whose objects can be listed and deleted, custom ones included.

import type { Resource } from '../../api/kubernetes.ts';
import type { Transport } from '../../platform/kube/transport.ts';

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
}

interface GroupList {
  groups?: { name: string; preferredVersion?: { groupVersion: string } }[];
}

/** Its Events are those of the core group. */
const shownTwice = 'events.k8s.io';
const neededVerbs = ['list', 'watch', 'delete'];

/** One version per group, the preferred one: the others show the same objects. Rejects when there is no answer. */
export async function discoverResources(transport: Transport): Promise<Resource[]> {
  const core = await read<ResourceList>(transport, '/api/v1');
  const groups = (await read<GroupList>(transport, '/apis')).groups ?? [];
  const found = collect('', 'v1', core);
  for (const { name, preferredVersion } of groups) {
    if (preferredVersion === undefined || name === shownTwice) continue;
    const [group = '', version = ''] = preferredVersion.groupVersion.split('/');
    found.push(...collect(group, version, await read(transport, `/apis/${group}/${version}`)));
  }
  return found;
}

function collect(group: string, version: string, list: ResourceList): Resource[] {
  return (list.resources ?? [])
    .filter(
      ({ name, verbs }) => !name.includes('/') && neededVerbs.every((one) => verbs.includes(one)),
    )
    .map(({ name, kind, namespaced }) => ({ group, version, plural: name, kind, namespaced }));
}

async function read<T>(transport: Transport, path: string): Promise<T> {
  const { status, body } = await transport.request({ method: 'GET', path });
  // A group whose CRD has just gone answers 404: it has no collections then.
  if (status === 404) return {} as T;
  if (status !== 200) throw new Error(`discovery of ${path} answered ${status}`);
  return body as T;
}
