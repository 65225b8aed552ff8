// Reads the host's network before a Docker is started, and undoes afterwards what that Docker left in it.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { planNetworkRestore, type NetworkState } from './plan-network-restore.ts';
import { run, tryRun } from './run-program.ts';
import { say } from './print-step.ts';

const ipForward = '/proc/sys/net/ipv4/ip_forward';
/** A folder per interface; kind's network has IPv6, for which Docker opens all of them. */
const ipv6Interfaces = '/proc/sys/net/ipv6/conf';

export async function readNetwork(): Promise<NetworkState> {
  const [iptables, ip6tables, links] = await Promise.all([
    tryRun('iptables-save', []),
    tryRun('ip6tables-save', []),
    run('ip', ['-o', 'link', 'show', 'type', 'bridge']),
  ]);
  return {
    rules: { iptables: iptables.stdout, ip6tables: ip6tables.stdout },
    bridges: [...links.matchAll(/^\d+: ([^:@\s]+)/gm)].map(([, name]) => name ?? ''),
    forwarding: readForwarding(),
  };
}

export async function restoreNetwork(before: NetworkState): Promise<void> {
  const { commands, forwarding } = planNetworkRestore(before, await readNetwork());
  for (const [program = '', ...args] of commands) {
    const { code, stderr } = await tryRun(program, args);
    if (code !== 0) say(`  left as it is: ${[program, ...args].join(' ')}: ${stderr.trim()}`);
  }
  for (const [file, content] of forwarding) writeFileSync(file, content);
}

function readForwarding(): Record<string, string> {
  const interfaces = existsSync(ipv6Interfaces) ? readdirSync(ipv6Interfaces) : [];
  const files = [ipForward, ...interfaces.map((name) => join(ipv6Interfaces, name, 'forwarding'))];
  return Object.fromEntries(
    files.filter((file) => existsSync(file)).map((file) => [file, readFileSync(file, 'utf8')]),
  );
}
