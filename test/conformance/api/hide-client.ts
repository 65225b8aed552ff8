// What `kubectl version` says of the kubectl itself, which is whichever this machine has.

import type { Exchange } from './conformance-case.ts';

const hidden = 'KUBECTL';
const textLine = /^((?:Client|Kustomize) Version: ).*/;
const yamlLine = /^(\s+\w+: |kustomizeVersion: ).*/;

export function hideClient<T extends Exchange>(exchange: T): T {
  if (!exchange.request.startsWith('kubectl version')) return exchange;
  const { stdout, ...rest } = exchange.body as { stdout: unknown };
  return { ...exchange, body: { ...rest, stdout: hide(stdout, exchange.request) } };
}

function hide(stdout: unknown, request: string): unknown {
  if (Array.isArray(stdout)) {
    const pattern = request.includes('yaml') ? yamlLine : textLine;
    return stdout.map((line) => String(line).replace(pattern, `$1${hidden}`));
  }
  if (typeof stdout !== 'object' || stdout === null) return stdout;
  return { ...stdout, clientVersion: hidden, kustomizeVersion: hidden };
}
