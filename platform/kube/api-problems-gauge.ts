// The gauge that tells what the Kubernetes API doesn't let a process do: a row per missing right or kind.

import { Gauge, type Registry } from 'prom-client';
import type { ApiProblem } from './derive-api-problem.ts';

/** `kubernetes_api_problems{kind, verb, resource}` is 1 while the problem stands, and not there when it doesn't. */
export function createApiProblemsGauge(
  prefix: string,
  registry: Registry,
  read: () => readonly ApiProblem[],
): void {
  const help = 'Calls of the Kubernetes API that fail for want of a right, a kind or a server.';
  const labelNames = ['kind', 'verb', 'resource'] as const;
  const name = `${prefix}kubernetes_api_problems`;
  // prom-client calls it with the gauge as `this`.
  function collect(this: Gauge<(typeof labelNames)[number]>): void {
    this.reset();
    for (const { kind, verb, resource } of read()) this.set({ kind, verb, resource }, 1);
  }
  new Gauge({ name, help, labelNames, registers: [registry], collect });
}
