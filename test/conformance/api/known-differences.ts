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
const patching = 'a patch that fails says why in other words; the object stays as it was';
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
  { area: 'objects', case: '*version of an update', path: '*', reason: sentence },
  { area: 'objects', case: 'refuses*', path: '*', reason: sentence },
  { area: 'objects', case: 'keeps what is immutable', path: '*', reason: sentence },
  {
    area: 'objects',
    case: 'says which fields it does not know',
    path: '*',
    reason:
      'a field that is there twice is not noticed (the last one counts), and a patch with unknown fields gets 400',
  },
  { area: 'patches', case: '*a JSON patch that fails', path: '*', reason: patching },
  { area: 'patches', case: 'merges with a merge patch', path: '*', reason: patching },
  { area: 'patches', case: '*makes no sense', path: '*', reason: patching },
  { area: 'patches', case: 'knows which patch types*', path: '*', reason: patching },
  { area: 'patches', case: '*status alone', path: '*volume*', reason: token },
  { area: 'patches', case: '*status alone', path: '$.body.*', reason: kubelet },
  {
    area: 'lists',
    case: 'counts what remains*',
    path: '*',
    reason: 'later pages show what was made after the first one',
  },
  { area: 'lists', case: 'refuses*', path: '*', reason: sentence },
  {
    area: 'lists',
    case: 'reads at a version',
    path: '*',
    reason: 'only the newest version can be listed exactly',
  },
  { area: 'lists', case: 'selects*', path: '*', reason: 'an empty list is [] and not null' },
  { area: 'lists', case: 'answers as a table', path: '*columnDefinitions*', reason: short },
  {
    area: 'lists',
    case: 'answers as a table',
    path: '*',
    reason: 'autoscaling/v1 and events.k8s.io are not served; an empty list is [] and not null',
  },
  {
    area: 'lists',
    case: 'answers with metadata only',
    path: '*',
    reason: 'a list asked for as one object is given as a list',
  },
  {
    area: 'watches',
    case: 'shows objects*',
    path: '*',
    reason: 'an object that leaves a selection is sent as it is now, not as it was',
  },
  { area: 'watches', case: 'refuses*', path: '*', reason: sentence },
  { area: 'watches', case: 'says that a version*', path: '*', reason: sentence },
  { area: 'watches', case: 'watches by the old path', path: '*', reason: notServed },
  { area: 'watches', case: 'ends after its time', path: '*', reason: sentence },
  { area: 'watches', case: 'sends tables', path: '*', reason: short },
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
  { area: 'kinds', case: 'shares events*', path: '*', reason: notServed },
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
  { area: 'subresources', case: 'binds pods', path: '*', reason: sentence },
  { area: 'subresources', case: 'evicts pods', path: '*', reason: sentence },
  { area: 'subresources', case: 'scales', path: '*', reason: sentence },
  { area: 'subresources', case: 'refuses logs*', path: '*', reason: sentence },
  {
    area: 'subresources',
    case: 'resizes pods',
    path: '*',
    reason: 'what a pod asks for is at once what it has',
  },
  { area: 'subresources', case: 'changes the finalizers*', path: '*', reason: sentence },
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
  { area: 'definitions', case: 'has status and scale*', path: '*', reason: sentence },
  { area: 'definitions', case: '*', path: '*', reason: sentence },
  { area: 'functions', case: '*', path: '*', reason: sentence },
  { area: 'workloads', case: '*', path: '*volume*', reason: token },
  { area: 'workloads', case: 'runs a*', path: '*', reason: kubelet },
  { area: 'workloads', case: 'makes*', path: '*', reason: kubelet },
  { area: 'workloads', case: '*', path: '*', reason: kubelet },
  { area: 'kubectl', case: 'what the server has', path: '*', reason: short },
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
