// Compares the Deployment that keeps parked pods with what there should be: the pool's only plan.

import type { Deployment } from '../../api/kubernetes.ts';
import { templateDigestAnnotation } from '../function/build-deployment.ts';

export type PoolAction =
  | { readonly kind: 'create'; readonly deployment: Deployment }
  /** A new runtime image or key: its rolling update retires the parked pods. Adopted ones are not its own any more. */
  | { readonly kind: 'update'; readonly deployment: Deployment; readonly found: Deployment }
  | { readonly kind: 'scale'; readonly replicas: number; readonly resourceVersion: string }
  | { readonly kind: 'delete'; readonly uid: string };

export interface PoolSnapshot {
  /** As it should be, with its digest; its replicas are the size that was decided. */
  readonly wanted: Deployment;
  readonly found: Deployment | undefined;
  /** Parked pods that hold a function already and are not adopted yet. */
  readonly claimsOpen: number;
  /** Whether this leader has asked all parked pods whose they are. */
  readonly isSwept: boolean;
}

export function planPool({ wanted, found, claimsOpen, isSwept }: PoolSnapshot): PoolAction[] {
  const size = wanted.spec.replicas ?? 0;
  if (found === undefined) return size === 0 ? [] : [{ kind: 'create', deployment: wanted }];
  const { uid = '', deletionTimestamp, resourceVersion = '' } = found.metadata;
  if (deletionTimestamp !== undefined) return [];
  const sizeNow = found.spec.replicas ?? 0;
  const scale: PoolAction = { kind: 'scale', replicas: size, resourceVersion };
  // Whatever takes pods away may take one that somebody is being served by: first they are adopted.
  if (claimsOpen > 0 || !isSwept) return size > sizeNow ? [scale] : [];
  if (size === 0) return [{ kind: 'delete', uid }];
  const actions: PoolAction[] = [];
  if (digestIn(wanted) !== digestIn(found)) {
    actions.push({ kind: 'update', deployment: wanted, found });
  }
  if (size !== sizeNow) actions.push(scale);
  return actions;
}

function digestIn(deployment: Deployment): string | undefined {
  return deployment.metadata.annotations?.[templateDigestAnnotation];
}
