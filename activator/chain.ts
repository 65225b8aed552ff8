// One request's way through the activator, in order.

import type { Exchange, Step } from './exchange.ts';
import { admitRequest, type AdmitPorts } from './admit-request.ts';
import { forwardRequest } from './forward-request.ts';
import { recordRequest, type RecordPorts } from './record-request.ts';
import { routeRequest, type RoutePorts } from './route-request.ts';
import type { ForwardPorts } from './try-again.ts';
import { wakeRevision, type WakePorts } from './wake-revision.ts';

export type ChainPorts = RoutePorts & AdmitPorts & WakePorts & ForwardPorts & RecordPorts;

/** The steps; each calls the next when it is done. One that refuses goes straight to `record`. */
export function createChain(ports: ChainPorts): (exchange: Exchange) => void {
  const steps: readonly Step[] = [
    routeRequest(ports), //   Host or path -> Function -> Revision, by traffic percent
    admitRequest(ports), //   limits: a free slot, a place in the queue, or 429
    wakeRevision(ports), //   without a slot: wait for one, waking a pod if there is none
    forwardRequest(ports), // straight to the pod, streaming both ways
    recordRequest(ports), //  the answer if it is ours, metrics, the end of the measurement
  ];
  return (exchange) => exchange.run(steps);
}
