// A pod's quality of service class, from the resources of its containers.

import { parseQuantity } from '../schema/parse-quantity.ts';

interface Resourced {
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string | number>>;
    readonly requests?: Readonly<Record<string, string | number>>;
  };
}

const counted = ['cpu', 'memory'] as const;

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** Guaranteed: every container has limits for both, equal to its requests. BestEffort: none asks for anything. */
export function deriveQosClass(containers: readonly Resourced[]): QosClass {
  const amount = (value: string | number | undefined): number =>
    value === undefined ? 0 : (parseQuantity(value) ?? 0);
  const isAsked = containers.some(({ resources }) =>
    counted.some(
      (name) => amount(resources?.requests?.[name]) > 0 || amount(resources?.limits?.[name]) > 0,
    ),
  );
  if (!isAsked) return 'BestEffort';
  const isFixed = containers.every(({ resources }) =>
    counted.every((name) => {
      const limit = amount(resources?.limits?.[name]);
      const request = resources?.requests?.[name];
      return limit > 0 && (request === undefined || amount(request) === limit);
    }),
  );
  return isFixed ? 'Guaranteed' : 'Burstable';
}
