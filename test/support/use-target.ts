// Gives a test file its target: connected before the first test, cleaned up after the last.

import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { namespaces } from '../../api/resources.ts';
import { findKubectl, kubectlMissing } from './kubectl.ts';
import { startPlatform } from './platform.ts';
import { Target } from './target.ts';

/**
 * Connects before the first test of the file and cleans up after the last. The target is the one that
 * ROUSE_E2E_GATEWAY_URL and KUBECONFIG name, or else, and always with `isLocal`, a local platform of this file's own.
 */
export function useTarget(options: { isLocal?: boolean } = {}): () => Target {
  let target: Target | undefined;
  let hasFailed = false;
  beforeAll(async () => {
    target = await connect(options.isLocal ?? false);
  }, 60_000);
  afterEach(() => {
    hasFailed ||= currentTestFailed();
  });
  afterAll(async () => {
    if (target === undefined) return;
    if (hasFailed && target.platform !== undefined) console.error(target.platform.logs());
    if (target.platform !== undefined) await target.platform.dispose();
    else await target.kube.delete(namespaces, { name: target.namespace });
  }, 60_000);
  return () => {
    if (target === undefined) throw new Error('the target is there only inside a test');
    return target;
  };
}

async function connect(isLocal: boolean): Promise<Target> {
  const namespace = `e2e-${randomBytes(4).toString('hex')}`;
  const gatewayUrl = process.env['ROUSE_E2E_GATEWAY_URL'];
  const kubeconfig = process.env['KUBECONFIG'];
  let target: Target;
  if (!isLocal && gatewayUrl !== undefined && kubeconfig !== undefined) {
    target = new Target({ gatewayUrl, kubeconfig, namespace });
  } else {
    const platform = await startPlatform();
    target = new Target({ ...platform, namespace, platform });
  }
  const metadata = { name: namespace };
  await target.kube.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata });
  return target;
}

/** jest-circus keeps its state under a symbol; it is the only place that knows before the hooks are over. */
function currentTestFailed(): boolean {
  const key = Object.getOwnPropertySymbols(globalThis).find(
    (symbol) => symbol.description === 'JEST_STATE_SYMBOL',
  );
  if (key === undefined) return false;
  const state = (globalThis as Record<symbol, unknown>)[key] as {
    currentlyRunningTest?: { errors: unknown[] };
  };
  return (state.currentlyRunningTest?.errors.length ?? 0) > 0;
}

/** Whether tests with kubectl can run; says once why not. */
export function hasKubectl(): boolean {
  if (findKubectl() !== undefined) return true;
  process.stderr.write(`skipped: ${kubectlMissing}\n`);
  return false;
}
