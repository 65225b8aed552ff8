// Looks at what this host has, for planHost to decide on.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { programsOfInterest, type HostFacts } from './plan-host.ts';
import { tryRun } from './run-program.ts';

const registry = 'https://registry-1.docker.io/v2/';
const answerMs = 4_000;
const sysResource = 24n;
/** The newest capability of any kernel that runs is at most this. */
const capabilitiesMax = 63n;

export async function observeHost(): Promise<HostFacts> {
  const missing = missingCapabilities();
  return {
    platform: process.platform,
    isRoot: process.getuid?.() === 0,
    isDockerRunning: await isDockerRunning(process.env),
    isRegistryReachable: await isRegistryReachable(),
    lacksCapabilities: missing !== 0n,
    lacksSysResource: (missing & (1n << sysResource)) !== 0n,
    isCgroupV1: process.platform === 'linux' && !existsSync('/sys/fs/cgroup/cgroup.controllers'),
    programs: new Set(programsOfInterest.filter(isOnPath)),
  };
}

export async function isDockerRunning(env: NodeJS.ProcessEnv): Promise<boolean> {
  const asked = await tryRun('docker', ['version', '--format', '{{.Server.Version}}'], {
    env,
    timeoutMs: answerMs,
  });
  return asked.code === 0;
}

/** One that wants a login, as Docker's does, is there as well. */
async function isRegistryReachable(): Promise<boolean> {
  try {
    const { status } = await fetch(registry, { signal: AbortSignal.timeout(answerMs) });
    return status === 200 || status === 401;
  } catch {
    return false;
  }
}

/** Those that the kernel knows and this process may never have, as bits. */
function missingCapabilities(): bigint {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    const last = BigInt(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8').trim());
    const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)$/m.exec(status)?.[1] ?? '0'}`);
    const known = last < capabilitiesMax ? last : capabilitiesMax;
    return ((1n << (known + 1n)) - 1n) & ~bounding;
  } catch {
    return 0n; // Not Linux: whatever runs Docker there has a kernel of its own.
  }
}

export function isOnPath(program: string): boolean {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return places.some((place) => {
    try {
      accessSync(join(place, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
