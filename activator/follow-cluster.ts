// Hands every change of the cluster on to the part of the activator it concerns.

import type { Activator } from './activator.ts';
import type { BundleCache } from './bundle-cache.ts';
import type { ControlKeys } from './control-keys.ts';
import type { KubeCaches } from './kube-caches.ts';

/**
 * Resolves when all that routing needs is in the caches. They follow the cluster as long as the
 * process lives.
 */
export async function followCluster(parts: {
  readonly caches: KubeCaches;
  readonly activator: Activator;
  readonly bundles: BundleCache;
  readonly keys: ControlKeys;
}): Promise<void> {
  const { caches, activator, bundles, keys } = parts;
  caches.functions.onChange(({ type, object: { metadata } }) => {
    const namespace = metadata.namespace ?? '';
    if (type === 'deleted') activator.onFunctionGone(namespace, metadata.name);
    else activator.onFunctionChange(namespace, metadata.name);
  });
  caches.revisions.onChange(({ type, object }) => {
    const namespace = object.metadata.namespace ?? '';
    if (type === 'deleted') {
      bundles.drop(namespace, object.metadata.name);
      activator.onRevisionGone(namespace, object.metadata.name);
    } else activator.onFunctionChange(namespace, object.view.functionName);
  });
  caches.scales.onChange(({ object: { metadata } }) => {
    activator.onScaleChange(metadata.namespace ?? '', metadata.name);
  });
  caches.pods.onChange(({ type, object: { view } }) => {
    if (view === undefined) return;
    if (type === 'deleted') activator.removePod(view);
    else activator.applyPod(view);
  });
  caches.parked?.onChange(({ type, object: { view } }) => {
    if (view === undefined) return;
    if (type === 'deleted') activator.removeParked(view);
    else activator.applyParked(view);
  });
  caches.keys.onChange(({ type, object }) => {
    if (type !== 'deleted') keys.set(object);
  });
  // Draining still needs the caches: what is in flight may wait for a pod.
  const never = new AbortController().signal;
  const all = Object.values(caches);
  for (const informer of all) informer.start(never);
  await Promise.all(all.map((informer) => informer.synced));
}
