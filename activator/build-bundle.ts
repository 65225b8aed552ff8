// Builds what is pushed into a pod: a Revision's code and how to call it.

import type { Revision } from '../api/revision.ts';
import type { SpecializeBundle } from '../api/wire.ts';

/** The environment stays empty: a pod of the Revision's own Deployment has it in its template. */
export function buildBundle(revision: Revision): SpecializeBundle {
  const { spec, metadata } = revision;
  return {
    version: 1,
    namespace: metadata.namespace ?? '',
    function: spec.functionName,
    revision: metadata.name,
    ...(spec.handler !== undefined && { handler: spec.handler }),
    signature: spec.signature,
    files: spec.files ?? {},
    codeDigest: spec.codeDigest,
    env: {},
    timeoutMs: spec.timeoutSeconds * 1000,
    concurrencyLimit: spec.concurrency.limit,
  };
}
