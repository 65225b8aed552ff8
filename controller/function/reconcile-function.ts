// Carries out the plan for one Function and writes its status.

import type { Runtime } from '../../api/function.ts';
import type { Deployment } from '../../api/kubernetes.ts';
import { labels } from '../../api/names.ts';
import { deployments, functions, revisions as revisionKind } from '../../api/resources.ts';
import { endpointSlices, services } from '../../api/resources.ts';
import { parseRevisionNumber, type Revision } from '../../api/revision.ts';
import { deriveRefusal } from '../../platform/kube/derive-refusal.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';
import { indexes, type CachedFunction, type Caches } from '../caches.ts';
import {
  buildDeployment,
  buildTemplatePatch,
  templateDigestAnnotation,
} from './build-deployment.ts';
import { buildRevision, isOwnedBy } from './build-revision.ts';
import { deriveMessage } from './derive-conditions.ts';
import { deriveSource } from './derive-source.ts';
import { latestOf, type Problem } from './derive-traffic.ts';
import { digestFiles, digestOf, digestTemplate } from './digest-template.ts';
import type { FunctionPorts, FunctionSettings } from './function-ports.ts';
import { planFunction, type Action, type FunctionSnapshot } from './plan-function.ts';
import { readTemplate } from './read-template.ts';
import { claimService } from './claim-service.ts';
import { writeStatus } from './write-status.ts';

/** How soon a Service that isn't ours is looked at again, in milliseconds: no watch tells of it. */
const foreignServiceAgainMs = 5_000;

/** How soon what the API server refused is tried again, in milliseconds: no watch tells of a right or a quota. */
const refusedAgainMs = 5_000;

/** `key` is `namespace/name`. Gives the milliseconds after which to look again, `null` when watches are enough. */
export async function reconcileFunction(key: string, ports: FunctionPorts): Promise<number | null> {
  try {
    return await reconcile(key, ports);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    const refusal = deriveRefusal(error);
    if (refusal === undefined) throw error;
    await tellRefusal(key, { ...refusal, kind: error.body?.details?.kind }, ports);
    return refusedAgainMs;
  }
}

/** On the Function, as far as it may be written; the Event is tried in any case. */
async function tellRefusal(
  key: string,
  refusal: Problem & { readonly kind: string | undefined },
  ports: FunctionPorts,
): Promise<void> {
  const wanted = findFunction(key, ports.caches);
  if (wanted === undefined) return;
  const { kind, reason, message } = refusal;
  const problem = { reason, message: deriveMessage(message) };
  const all = ports.caches.revisions.byIndex(indexes.function, key);
  const revisions = all.filter((one) => isOwnedBy(wanted, one));
  const isRoute = kind === 'services' || kind === 'endpointslices';
  await writeStatus(
    {
      ...{ wanted, revisions },
      templateProblem: isRoute ? undefined : problem,
      serviceProblem: isRoute ? problem : undefined,
    },
    ports,
  );
}

async function reconcile(key: string, ports: FunctionPorts): Promise<number | null> {
  let wanted = findFunction(key, ports.caches);
  // Deleted: owner references collect the children.
  if (wanted === undefined || wanted.metadata.deletionTimestamp !== undefined) return null;
  let revisions: readonly Revision[] = ports.caches.revisions.byIndex(indexes.function, key);
  let snapshot = takeSnapshot(wanted, revisions, ports);
  let actions = planFunction(snapshot);
  if (actions.some((action) => action.kind === 'create-revision')) {
    const created = await createRevision(wanted, revisions, snapshot.numberMax, ports);
    if (created === undefined) return null; // Deleted, or changed: the watch brings us back.
    ({ wanted, revisions } = created);
    snapshot = takeSnapshot(wanted, revisions, ports);
    actions = planFunction(snapshot).filter((action) => action.kind !== 'create-revision');
  }
  const serviceProblem = await carryOut(actions, snapshot, ports);
  const templateProblem = 'problem' in snapshot.template ? snapshot.template.problem : undefined;
  const { revisions: own } = snapshot;
  await writeStatus({ wanted, revisions: own, templateProblem, serviceProblem }, ports);
  return serviceProblem === undefined ? null : foreignServiceAgainMs;
}

function findFunction(key: string, caches: Caches): CachedFunction | undefined {
  const [namespace, name] = key.split('/');
  return caches.functions.get(namespace, name ?? '');
}

function takeSnapshot(
  wanted: CachedFunction,
  all: readonly Revision[],
  ports: FunctionPorts,
): FunctionSnapshot {
  const { caches, settings } = ports;
  const { namespace, name } = wanted.metadata;
  // Those of a former Function of this name are on their way out, but their numbers are taken.
  const revisions = all.filter((one) => isOwnedBy(wanted, one));
  const key = `${namespace}/${name}`;
  const known = caches.deployments.byIndex(indexes.function, key);
  // Requests find pods by their Revision's name: no pod that is still up may pass for a new Revision's.
  const leftovers = [...known, ...caches.pods.byIndex(indexes.function, key)];
  const numbers = [
    ...all.map((one) => one.spec.number),
    ...leftovers.map((one) => parseRevisionNumber(one.metadata.labels?.[labels.revision])),
  ];
  return {
    wanted,
    template: deriveTemplate(wanted, ports),
    revisions,
    numberMax: Math.max(0, parseRevisionNumber(wanted.status?.latestCreatedRevision), ...numbers),
    deploymentsWanted: new Map(
      revisions
        .filter((one) => isInstalled(one, settings))
        .map((one) => [one.metadata.name, buildDigestedDeployment(one, settings)]),
    ),
    deployments: new Map(known.map((one) => [one.metadata.name, one])),
    service: caches.services.get(namespace, name),
    slices: caches.slices.byIndex(indexes.function, key),
    activators: caches.activators.list(),
    revisionsKeptMax: settings.revisionsKeptMax,
  };
}

function deriveTemplate(
  wanted: CachedFunction,
  { caches, settings }: FunctionPorts,
): FunctionSnapshot['template'] {
  const configMapName = wanted.spec.source?.configMap?.name;
  const source = deriveSource(wanted, {
    inlineDigest: wanted.inlineDigest,
    configMap:
      configMapName === undefined
        ? undefined
        : caches.configMaps.get(wanted.metadata.namespace, configMapName),
    runtimesInstalled: Object.keys(settings.runtimeImages) as Runtime[],
  });
  if ('problem' in source) return source;
  return { templateDigest: digestTemplate(wanted.spec, source.codeDigest) };
}

function isInstalled(revision: Revision, settings: FunctionSettings): boolean {
  const { image, runtime } = revision.spec;
  return image !== undefined || settings.runtimeImages[runtime ?? 'node'] !== undefined;
}

function buildDigestedDeployment(revision: Revision, settings: FunctionSettings): Deployment {
  const deployment = buildDeployment(revision, settings);
  const annotations = { [templateDigestAnnotation]: digestOf(deployment.spec.template) };
  return { ...deployment, metadata: { ...deployment.metadata, annotations } };
}

/**
 * The next Revision, of the spec and the code that the server has now. `undefined` when there is nothing to make one of
 * any more. Rejects with a KubeError 409 when the cache lagged and the number is taken: the next look knows more.
 */
async function createRevision(
  cached: CachedFunction,
  known: readonly Revision[],
  numberMax: number,
  { client }: FunctionPorts,
): Promise<{ wanted: CachedFunction; revisions: readonly Revision[] } | undefined> {
  const { name, namespace, uid } = cached.metadata;
  const fresh = await client.getOrUndefined(functions, { name, namespace });
  if (fresh === undefined || fresh.metadata.uid !== uid) return undefined;
  const template = await readTemplate(client, fresh);
  if (template === undefined) return undefined;
  const inline = fresh.spec.source?.inline;
  const wanted =
    inline === undefined ? fresh : { ...fresh, inlineDigest: digestFiles(template.files) };
  // The status tells of a Revision that the cache doesn't: it lags, or somebody has deleted the Revision.
  const isLagging = numberMax > Math.max(0, ...known.map((one) => one.spec.number));
  const selection = { namespace, labelSelector: `${labels.function}=${name}` };
  const revisions = isLagging ? (await client.list(revisionKind, selection)).items : known;
  const latest = latestOf(revisions.filter((one) => isOwnedBy(fresh, one)));
  if (latest?.spec.templateDigest === template.templateDigest) return { wanted, revisions };
  const number = Math.max(numberMax, ...revisions.map((one) => one.spec.number)) + 1;
  const created = await client.create(revisionKind, buildRevision(fresh, template, number));
  return { wanted, revisions: [...revisions, created] };
}

/**
 * At once what doesn't depend on each other; the slices only when the Service is ours, since they would hand a foreign
 * Service's callers to us. Gives the problem with the Service, if there is one.
 */
async function carryOut(
  actions: readonly Action[],
  snapshot: FunctionSnapshot,
  ports: FunctionPorts,
): Promise<Problem | undefined> {
  const { service, slices, wanted } = snapshot;
  const isSlice = (action: Action): boolean => action.kind.endsWith('-slice');
  const first = actions.filter((action) => !isSlice(action));
  const results = await Promise.all(first.map((action) => apply(action, wanted, ports)));
  const isTaken = service !== undefined && !isOwnedBy(wanted, service);
  const problem = isTaken
    ? await claimService(ports.client, wanted, service)
    : results.find((one) => one !== undefined);
  if (problem === undefined) {
    await Promise.all(actions.filter(isSlice).map((action) => apply(action, wanted, ports)));
  } else {
    const own = slices.filter((slice) => isOwnedBy(wanted, slice));
    await Promise.all(own.map((slice) => ports.client.delete(endpointSlices, slice.metadata)));
  }
  return problem;
}

async function apply(
  action: Action,
  wanted: CachedFunction,
  { client, prove }: FunctionPorts,
): Promise<Problem | undefined> {
  switch (action.kind) {
    case 'create-deployment':
      await orExists(client.create(deployments, action.deployment));
      return undefined;
    case 'update-deployment': {
      const patch = buildTemplatePatch(action.deployment, action.found);
      await client.patch(deployments, action.deployment.metadata, patch, { type: 'json' });
      return undefined;
    }
    case 'create-service':
      return claimService(client, wanted, action.service);
    case 'update-service':
      await client.patch(services, action.service.metadata, {
        spec: { selector: null, ports: action.service.spec.ports },
      });
      return undefined;
    case 'create-slice':
      await orExists(client.create(endpointSlices, action.slice));
      return undefined;
    case 'update-slice': {
      const { metadata, endpoints, ports } = action.slice;
      await client.patch(endpointSlices, metadata, { endpoints, ports });
      return undefined;
    }
    case 'prove-revision':
      prove(`${action.revision.metadata.namespace}/${action.revision.metadata.name}`);
      return undefined;
    case 'delete-revision':
      await client.delete(revisionKind, action.revision.metadata, {
        uid: action.revision.metadata.uid ?? '',
      });
      return undefined;
    case 'create-revision':
      return undefined; // Carried out before anything else, in createRevision.
  }
}

/** A cache that lags asks for what is there already. */
async function orExists(creating: Promise<unknown>): Promise<void> {
  try {
    await creating;
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
  }
}
