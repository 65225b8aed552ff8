// The planners that the model runs: the real ones, or one of them broken on purpose.

import {
  deriveAnsweredClaim,
  pickClaim,
} from '../../../../../controller/pool/derive-answered-claim.ts';
import { deriveClaimed, planAdoption } from '../../../../../controller/pool/plan-adoption.ts';
import { planGates } from '../../../../../controller/pool/plan-gates.ts';

export interface Planners {
  readonly planAdoption: typeof planAdoption;
  readonly planGates: typeof planGates;
  readonly deriveClaimed: typeof deriveClaimed;
  readonly deriveAnsweredClaim: typeof deriveAnsweredClaim;
  readonly pickClaim: typeof pickClaim;
  /** Whether parked pods are asked at all, and before anything is adopted. */
  readonly isSwept: boolean;
  /** Whether a process that starts again in a pod remembers that the pod was claimed. */
  readonly isMarked: boolean;
  /** Whether an activator lifts a gate only where no pod of the Revision is on its way. */
  readonly isLiftingOne: boolean;
}

export const realPlanners: Planners = {
  ...{ planAdoption, planGates, deriveClaimed, deriveAnsweredClaim, pickClaim },
  ...{ isSwept: true, isMarked: true, isLiftingOne: true },
};
