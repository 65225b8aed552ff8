// The differences from a real kube-apiserver that remain, each with its reason; docs/LOCAL-CLUSTER.md lists the same.

import type { Mismatch } from './compare-exchanges.ts';
import type { ConformanceArea } from './conformance-case.ts';

export interface KnownDifference {
  /** The area in which it shows; `kubectl` stands for every kubectl. */
  readonly area: string;
  /** `*` stands for anything, here and in `path`. */
  readonly case: string;
  readonly path: string;
  readonly reason: string;
}

const sentence = 'refused as well, in other words or with another code';
const shared = 'pods share one node and one address; node, address and port are given at creation';
const token = 'no token volume in a pod that asks for none; nothing local needs it';
const kubelet = 'the local kubelet has no sandboxes and tells less about its pods';
const notJson = 'a patch that is no JSON is refused in other words';
const goDiff = 'a refused change of a pod is not shown as a difference of Go structures';
const noEndpoints = 'there are EndpointSlices and no Endpoints, and nothing is called deprecated';
const atOnce = 'definitions take effect at once: their conditions are true in the first answer';
const notServed = 'not served: nothing here needs it';
const short = 'descriptions of built-in kinds are left out or shortened';

/** One line per thing that differs; which fields of which answers is in recorded/. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    area: 'objects',
    case: '*',
    path: '$.body.metadata*',
    reason: 'generation and selfLink are taken as sent only where the kind keeps them',
  },
  {
    area: 'objects',
    case: 'refuses values of the wrong type',
    path: '$.body.message',
    reason: 'an object of another kind is refused by its kind, not by what is wrong in it',
  },
  { area: 'patches', case: '*a JSON patch that fails', path: '$.body.message', reason: notJson },
  {
    area: 'patches',
    case: '*a JSON patch that fails',
    path: '$.body.details.causes',
    reason: 'a patch to another kind is refused without a cause',
  },
  { area: 'patches', case: 'merges with a merge patch', path: '$.body.message', reason: notJson },
  { area: 'patches', case: '*makes no sense', path: '$.body.message', reason: notJson },
  { area: 'patches', case: '*status alone', path: '*volume*', reason: token },
  {
    area: 'patches',
    case: '*status alone',
    path: '$.body.metadata.labels',
    reason: 'a patch of the status does not change labels',
  },
  {
    area: 'patches',
    case: '*status alone',
    path: '$.body.status.conditions*',
    reason: 'conditions have no empty times',
  },
  { area: 'patches', case: '*status alone', path: '$.body.message', reason: goDiff },
  { area: 'patches', case: '*status alone', path: '$.body.details.causes*', reason: goDiff },
  {
    area: 'lists',
    case: 'counts what remains*',
    path: '$.body.*',
    reason: 'later pages show what was made after the first one',
  },
  {
    area: 'lists',
    case: 'refuses*',
    path: '$.body.message',
    reason: 'a label selector or continue token that can not be read is refused in other words',
  },
  {
    area: 'lists',
    case: 'reads at a version',
    path: '$.status',
    reason: 'only the newest version can be listed exactly',
  },
  {
    area: 'lists',
    case: 'selects*',
    path: '$.body.items',
    reason: 'pods of which none is selected are [] and not null',
  },
  { area: 'lists', case: 'answers as a table', path: '*columnDefinitions*', reason: short },
  { area: 'lists', case: 'answers as a table', path: '$.body.rows*', reason: noEndpoints },
  { area: 'lists', case: 'answers as a table', path: '$.headers.warning', reason: noEndpoints },
  {
    area: 'watches',
    case: 'refuses*',
    path: '$.body.message',
    reason: 'a label selector that can not be read is refused in other words',
  },
  { area: 'watches', case: 'watches by the old path', path: '$.body[0]', reason: notServed },
  { area: 'watches', case: 'sends tables', path: '*columnDefinitions*', reason: short },
  {
    area: 'protocol',
    case: 'says that it is well',
    path: '*',
    reason: 'there is one health check',
  },
  {
    area: 'protocol',
    case: 'says its version',
    path: '*',
    reason: 'it is not Kubernetes: version, compiler and platform say so',
  },
  {
    area: 'protocol',
    case: 'lists*',
    path: '*',
    reason: 'collections that nothing here needs are not served, and the order of groups differs',
  },
  { area: 'protocol', case: 'refuses*', path: '*', reason: sentence },
  {
    area: 'protocol',
    case: 'negotiates*',
    path: '*',
    reason: 'answers are JSON: YAML and protobuf are read, not written',
  },
  { area: 'kinds', case: 'fills defaults in', path: '*volume*', reason: token },
  { area: 'kinds', case: 'fills defaults in', path: '$.body.status*', reason: shared },
  {
    area: 'kinds',
    case: 'fills defaults in',
    path: '*',
    reason: 'kinds that no controller here works with keep what was sent',
  },
  {
    area: 'kinds',
    case: 'refuses*',
    path: '*',
    reason:
      'not every check of kinds that no controller here works with is made, or it is said in other words',
  },
  {
    area: 'subresources',
    case: '*reviews',
    path: '*',
    reason: 'there are no roles: whoever holds a token may do everything',
  },
  {
    area: 'subresources',
    case: 'makes tokens*',
    path: '*',
    reason: 'tokens are opaque, and their requests are not checked',
  },
  {
    area: 'subresources',
    case: 'evicts pods',
    path: '$.status',
    reason: 'a pod that never ran is gone with its first eviction',
  },
  {
    area: 'subresources',
    case: 'scales',
    path: '$.headers.warning',
    reason: 'unknown fields of a Scale are dropped without a warning',
  },
  {
    area: 'subresources',
    case: 'resizes pods',
    path: '*',
    reason: 'what a pod asks for is at once what it has',
  },
  {
    area: 'subresources',
    case: 'changes the finalizers*',
    path: '*',
    reason:
      'an empty namespace goes at once, its phase is not checked, and finalize takes labels as sent',
  },
  { area: 'subresources', case: 'keeps status out*', path: '*', reason: shared },
  { area: 'definitions', case: 'establishes*', path: '*', reason: atOnce },
  {
    area: 'definitions',
    case: 'refuses*',
    path: '*',
    reason: 'not every rule for definitions is checked, or it is said in other words',
  },
  { area: 'definitions', case: 'serves several versions', path: '*', reason: atOnce },
  { area: 'definitions', case: 'deletes the objects*', path: '*', reason: atOnce },
  {
    area: 'definitions',
    case: 'does not accept names*',
    path: '*',
    reason: 'names that are taken are not noticed',
  },
  {
    area: 'definitions',
    case: 'has status and scale*',
    path: '*',
    reason: 'refused as well, but the resource, the field or the second cause is another',
  },
  { area: 'definitions', case: '*', path: '*', reason: sentence },
  { area: 'functions', case: '*', path: '*columnDefinitions*', reason: short },
  {
    area: 'functions',
    case: '*',
    path: '$.body.metadata.continue',
    reason: 'an empty continue is left out',
  },
  { area: 'views', case: '*', path: '*columnDefinitions*', reason: short },
  { area: 'workloads', case: '*', path: '*volume*', reason: token },
  { area: 'workloads', case: 'runs a*', path: '*', reason: kubelet },
  { area: 'workloads', case: 'makes*', path: '*', reason: kubelet },
  { area: 'workloads', case: '*', path: '*', reason: kubelet },
  { area: 'kubectl', case: 'what the server has', path: '*', reason: short },
  { area: 'kubectl', case: 'events', path: '$.body.stdout*', reason: short },
  {
    area: 'kubectl',
    case: 'versions and addresses',
    path: '*',
    reason: 'it is not Kubernetes: version, compiler and platform say so',
  },
  {
    area: 'kubectl',
    case: 'auth',
    path: '$.body.stdout*',
    reason:
      'the user has another name, and the roles that a real cluster begins with are not there',
  },
  {
    area: 'kubectl',
    case: 'auth',
    path: '$.status',
    reason: 'there are no roles, so --as another user changes nothing',
  },
  { area: 'kubectl', case: '*', path: '*', reason: sentence },
];

export function isOfArea(known: KnownDifference, area: ConformanceArea): boolean {
  return known.area === (area.kubectl === undefined ? area.name : 'kubectl');
}

export function coversMismatch(known: KnownDifference, mismatch: Mismatch): boolean {
  return matches(known.case, mismatch.case) && matches(known.path, mismatch.path);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((one) => one.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(text);
}
