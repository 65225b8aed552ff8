// The documents that say what the server is and has: versions, groups, resources and health.

import type { ApiRequest } from './api-request.ts';
import {
  buildAggregated,
  buildGroup,
  buildGroupList,
  buildResourceList,
} from './build-discovery.ts';
import { rankVersion } from './build-custom-resources.ts';
import type { ResourceInfo } from './resource-info.ts';
import type { Answer, ServerParts } from './server-parts.ts';
import { methodNotAllowed, noSuchPath, pageNotFound } from './status-error.ts';

/** What /version says: the Kubernetes this server imitates. */
export const kubernetesVersion = 'v1.36.3';

const health = new Set(['/healthz', '/livez', '/readyz'].flatMap((one) => [one, `${one}/ping`]));
const healthType = 'text/plain; charset=utf-8';

/** Undefined when the path isn't one of these documents. */
export function answerDiscovery(parts: ServerParts, request: ApiRequest): Answer | undefined {
  const path = request.path.length > 1 ? request.path.replace(/\/$/, '') : request.path;
  if (health.has(path)) return answerHealth(request);
  if (path === '/version') {
    if (request.method !== 'GET') throw methodNotAllowed();
    return found(versionDocument());
  }
  if (path === '/') return found({ paths: ['/api', '/apis', '/healthz', '/openapi', '/version'] });
  const segments = path.split('/').slice(1);
  const isAggregated = /v=v2;as=APIGroupDiscoveryList|v=v2;g=apidiscovery.k8s.io;as=/.test(
    request.accept,
  );
  if (segments[0] === 'api' && segments.length <= 2) {
    return answerCore(parts, segments[1], isAggregated);
  }
  if (segments[0] === 'apis' && segments.length <= 3) {
    return answerGroups(parts, segments, isAggregated);
  }
  return undefined;
}

function answerHealth(request: ApiRequest): Answer {
  const isVerbose = request.query.has('verbose');
  const text = isVerbose ? `[+]ping ok\n${request.path.slice(1)} check passed\n` : 'ok';
  return { kind: 'text', status: 200, text, contentType: healthType };
}

function found(object: unknown): Answer {
  return { kind: 'object', status: 200, object };
}

function aggregated(resources: ResourceInfo[]): Answer {
  const object = buildAggregated(resources, rankVersion);
  const contentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  return { kind: 'object', status: 200, object, contentType };
}

function versionDocument(): object {
  const [major, minor] = kubernetesVersion.slice(1).split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitVersion: `${kubernetesVersion}+rouse`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: 'local',
  };
}

function answerCore(
  parts: ServerParts,
  version: string | undefined,
  isAggregated: boolean,
): Answer {
  const core = parts.registry.all().filter((one) => one.group === '');
  if (version === undefined) {
    if (isAggregated) return aggregated(core);
    return found({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [],
    });
  }
  const resources = core.filter((one) => one.version === version);
  if (resources.length === 0) throw noSuchPath();
  return found(buildResourceList(version, resources));
}

function answerGroups(parts: ServerParts, segments: string[], isAggregated: boolean): Answer {
  const [, group, version] = segments;
  const all = parts.registry.all().filter((one) => one.group !== '');
  if (group === undefined) {
    return isAggregated ? aggregated(all) : found(buildGroupList(all, rankVersion));
  }
  const ofGroup = all.filter((one) => one.group === group);
  if (ofGroup.length === 0) throw pageNotFound();
  if (version === undefined) return found(buildGroup(group, ofGroup, rankVersion));
  const resources = ofGroup.filter((one) => one.version === version);
  if (resources.length === 0) throw noSuchPath();
  return found(buildResourceList(`${group}/${version}`, resources));
}
