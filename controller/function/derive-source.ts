// The digest of a Function's code, or why there is no code to run.

import type { Runtime, RouseFunction } from '../../api/function.ts';
import type { Problem } from './derive-traffic.ts';

export interface SourceSnapshot {
  /** Of the inline code, when the Function has any. */
  readonly inlineDigest: string | undefined;
  /** Of the ConfigMap it names, when that exists. */
  readonly configMap:
    { readonly codeDigest: string; readonly binaryKeys: readonly string[] } | undefined;
  readonly runtimesInstalled: readonly Runtime[];
}

/** An image brings its own code: the empty digest. */
export function deriveSource(
  wanted: RouseFunction,
  snapshot: SourceSnapshot,
): { readonly codeDigest: string } | { readonly problem: Problem } {
  const { runtime, image, source } = wanted.spec;
  if (image !== undefined) return { codeDigest: '' };
  if (runtime !== undefined && !snapshot.runtimesInstalled.includes(runtime)) {
    const installed = snapshot.runtimesInstalled.join(', ') || 'none';
    return no(
      'RuntimeNotInstalled',
      `runtime "${runtime}" is not installed here (installed: ${installed}); ` +
        'set spec.runtime to one that is, or spec.image to a container that listens on $PORT',
    );
  }
  if (snapshot.inlineDigest !== undefined) return { codeDigest: snapshot.inlineDigest };
  const name = source?.configMap?.name;
  if (name === undefined) return no('SourceNotFound', 'spec.source has no code; set source.inline');
  return deriveConfigMap(name, wanted.metadata.namespace ?? 'default', snapshot);
}

function deriveConfigMap(
  name: string,
  namespace: string,
  { configMap }: SourceSnapshot,
): { readonly codeDigest: string } | { readonly problem: Problem } {
  if (configMap === undefined) {
    const where = `ConfigMap "${name}" is not there in namespace "${namespace}"`;
    return no('SourceNotFound', `${where}; create it with a file per key`);
  }
  if (configMap.binaryKeys.length > 0) {
    const keys = configMap.binaryKeys.join(', ');
    return no('SourceNotText', `ConfigMap "${name}" has binary keys (${keys}); code must be text`);
  }
  if (configMap.codeDigest === '') {
    return no('SourceEmpty', `ConfigMap "${name}" has no keys; give it a file per key`);
  }
  return { codeDigest: configMap.codeDigest };
}

function no(reason: string, message: string): { readonly problem: Problem } {
  return { problem: { reason, message } };
}
