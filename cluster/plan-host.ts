// From what a host has to what `up` has to do there: which node image, whose Docker, what to work around.

export interface HostFacts {
  readonly platform: string;
  readonly isRoot: boolean;
  /** A Docker that answers at DOCKER_HOST or at the default address. */
  readonly isDockerRunning: boolean;
  readonly isRegistryReachable: boolean;
  /** Some capability is not in the bounding set, so that runc refuses privileged containers. */
  readonly lacksCapabilities: boolean;
  /** CAP_SYS_RESOURCE is among the missing: nothing in a node may lower its oom_score_adj. */
  readonly lacksSysResource: boolean;
  readonly isCgroupV1: boolean;
  /** Programs on the PATH, of those that are ever needed. */
  readonly programs: ReadonlySet<string>;
}

export interface HostPlan {
  readonly nodeImage: 'published' | 'built';
  readonly docker: 'running' | 'own';
  /** Debian packages to install first. */
  readonly packages: readonly string[];
  /** The own Docker starts containers by modules/runc-wrapper. */
  readonly wrapRunc: boolean;
  readonly restrictOomScore: boolean;
  readonly allowCgroupV1: boolean;
}

/** Either a plan, or the one line that says what only the user can supply. */
export type HostDecision = { readonly plan: HostPlan } | { readonly missing: string };

/** The package each program comes in on Debian. */
const packageOf: Readonly<Record<string, string>> = {
  docker: 'docker.io',
  dockerd: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  debootstrap: 'debootstrap',
};

/** What anyone asks the host for; the rest of the PATH is of no interest. */
export const programsOfInterest = [...Object.keys(packageOf), 'go', 'apt-get', 'kind'];

export function planHost(facts: HostFacts): HostDecision {
  const plan: Omit<HostPlan, 'packages'> = {
    nodeImage: facts.isRegistryReachable ? 'published' : 'built',
    docker: facts.isDockerRunning ? 'running' : 'own',
    wrapRunc: !facts.isDockerRunning && facts.lacksCapabilities,
    restrictOomScore: facts.lacksSysResource,
    allowCgroupV1: facts.isCgroupV1,
  };
  const wanted = [
    'docker',
    ...(plan.docker === 'own' ? ['dockerd', 'iptables', 'ip'] : []),
    ...(plan.nodeImage === 'built' ? ['debootstrap'] : []),
  ].filter((program) => !facts.programs.has(program));
  const missing = sayMissing(facts, plan, wanted);
  if (missing !== undefined) return { missing };
  const packages = [...new Set(wanted.map((program) => packageOf[program] ?? program))];
  return { plan: { ...plan, packages } };
}

function sayMissing(
  facts: HostFacts,
  plan: Omit<HostPlan, 'packages'>,
  wanted: readonly string[],
): string | undefined {
  const isLinux = facts.platform === 'linux';
  if (plan.docker === 'own' && !isLinux) return 'Docker is missing: start Docker, then try again';
  if (plan.docker === 'own' && !facts.isRoot) {
    return 'Docker is missing: none answers, and only root can start one; start Docker or run this as root';
  }
  if (plan.nodeImage === 'built' && !isLinux) {
    return 'a registry is missing: registry-1.docker.io does not answer, and only Linux can build a node image';
  }
  if (plan.nodeImage === 'built' && !facts.isRoot) {
    return 'root is missing: registry-1.docker.io does not answer, and only root can build a node image';
  }
  const needsGo = plan.nodeImage === 'built' || plan.wrapRunc || !facts.programs.has('kind');
  if (needsGo && !facts.programs.has('go')) {
    return 'Go is missing: install Go 1.26 or newer, which builds kind and, without a registry, Kubernetes';
  }
  if (wanted.length > 0 && !(facts.isRoot && facts.programs.has('apt-get'))) {
    return `${wanted.join(', ')} missing: install them, since here is no root with apt-get to do it`;
  }
  return undefined;
}
