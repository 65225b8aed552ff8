// planHost: what a host lacks, is worked around or is said in one line.

import { describe, expect, it } from '@jest/globals';
import { planHost, type HostFacts } from '../../../cluster/plan-host.ts';

/** A laptop with Docker and the internet. */
const laptop: HostFacts = {
  platform: 'linux',
  isRoot: false,
  isDockerRunning: true,
  isRegistryReachable: true,
  lacksCapabilities: false,
  lacksSysResource: false,
  isCgroupV1: false,
  programs: new Set(['docker', 'kind', 'ip', 'iptables']),
};

/** A container-like machine with root, Go and Debian's packages, and nothing else. */
const bare: HostFacts = {
  platform: 'linux',
  isRoot: true,
  isDockerRunning: false,
  isRegistryReachable: false,
  lacksCapabilities: true,
  lacksSysResource: true,
  isCgroupV1: true,
  programs: new Set(['go', 'apt-get', 'ip']),
};

const planOf = (facts: HostFacts) => {
  const decision = planHost(facts);
  if ('missing' in decision) throw new Error(decision.missing);
  return decision.plan;
};

describe('planHost', () => {
  it('does nothing of its own where Docker runs and a registry answers', () => {
    expect(planOf(laptop)).toEqual({
      nodeImage: 'published',
      docker: 'running',
      packages: [],
      wrapRunc: false,
      restrictOomScore: false,
      allowCgroupV1: false,
    });
  });

  it('supplies everything on a bare machine', () => {
    expect(planOf(bare)).toEqual({
      nodeImage: 'built',
      docker: 'own',
      packages: ['docker.io', 'iptables', 'debootstrap'],
      wrapRunc: true,
      restrictOomScore: true,
      allowCgroupV1: true,
    });
  });

  it('installs nothing that is there', () => {
    const programs = new Set([...bare.programs, 'docker', 'dockerd', 'iptables', 'debootstrap']);
    expect(planOf({ ...bare, programs }).packages).toEqual([]);
  });

  it('builds the node image with the Docker that runs where no registry answers', () => {
    const plan = planOf({ ...bare, isDockerRunning: true });
    expect(plan).toMatchObject({ nodeImage: 'built', docker: 'running', wrapRunc: false });
  });

  it('leaves runc alone where no capability is missing', () => {
    const plan = planOf({ ...bare, lacksCapabilities: false, lacksSysResource: false });
    expect(plan).toMatchObject({ wrapRunc: false, restrictOomScore: false });
  });

  it.each<[string, HostFacts, string]>([
    ['Docker, where no root could start it', { ...bare, isRoot: false }, 'Docker is missing'],
    ['Docker on macOS', { ...laptop, platform: 'darwin', isDockerRunning: false }, 'Docker is'],
    ['root to build a node', { ...laptop, isRegistryReachable: false }, 'root is missing'],
    ['a registry on macOS', { ...laptop, platform: 'darwin', isRegistryReachable: false }, 'a reg'],
    ['Go to build Kubernetes', { ...bare, programs: new Set(['apt-get', 'ip']) }, 'Go is missing'],
    ['Go to build kind', { ...laptop, programs: new Set(['docker']) }, 'Go is missing'],
    [
      'packages where there is no apt-get',
      { ...bare, programs: new Set(['go', 'ip', 'docker', 'dockerd']) },
      'iptables, debootstrap missing',
    ],
  ])('says in one line that it misses %s', (_, facts, start) => {
    const decision = planHost(facts);
    expect(decision).toEqual({ missing: expect.stringContaining(start) });
    expect(decision).not.toEqual({ missing: expect.stringContaining('\n') });
  });
});
