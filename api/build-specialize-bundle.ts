// What a pod needs in order to become a replica of a Revision, as it is posted to its control port.

import type { Revision } from './revision.ts';
import type { SpecializeBundle } from './wire.ts';

/**
 * From a Revision read with its files (caches drop them). `env` stays empty for an ordinary pod, whose container has
 * the user's environment already.
 */
export function buildSpecializeBundle(
  revision: Revision,
  env: Record<string, string> = {},
): SpecializeBundle {
  const { metadata, spec } = revision;
  return {
    version: 1,
    namespace: metadata.namespace ?? 'default',
    function: spec.functionName,
    revision: metadata.name,
    ...(spec.handler !== undefined && { handler: spec.handler }),
    signature: spec.signature,
    files: spec.files ?? {},
    codeDigest: spec.codeDigest,
    ...(metadata.uid !== undefined && { revisionUid: metadata.uid }),
    env,
    timeoutMs: spec.timeoutSeconds * 1000,
    concurrencyLimit: spec.concurrency.limit,
  };
}
