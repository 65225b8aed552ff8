// Every name that two parts must agree on: API group, labels, headers, environment, ports.

export const apiGroup = 'rouse.dev';
export const apiVersion = 'v1alpha1';
export const groupVersion = `${apiGroup}/${apiVersion}`;

export const labels = {
  /** Name of the Function an object belongs to. */
  function: 'rouse.dev/function',
  /** Name of the Revision an object belongs to; the selector of the Revision's Deployment. */
  revision: 'rouse.dev/revision',
  /** Runtime of a warm pool pod that holds no function yet. */
  pool: 'rouse.dev/pool',
  /** Name of the Revision a proof pod is proving. Proof pods never carry `labels.revision`. */
  proof: 'rouse.dev/proof',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

/** Value of `labels.managedBy` on everything the controller makes. */
export const managedByRouse = 'rouse';

export const annotations = {
  /** What an idle pod costs to delete; Kubernetes deletes the cheapest first. */
  podDeletionCost: 'controller.kubernetes.io/pod-deletion-cost',
  /** On a pod that came from the warm pool: name of the Revision it was adopted for. */
  adopted: 'rouse.dev/adopted',
  /** On the PodTemplate of a warm pool: how many parked pods are wanted. */
  poolSize: 'rouse.dev/pool-size',
} as const;

/** Scheduling gate of a poolable Revision's pods: Pending until a parked pod takes their place, or it is lifted. */
export const claimGate = 'rouse.dev/claim';

/** Scheduling gate of parked pods: they start a few at a time, after those that somebody waits for. */
export const refillGate = 'rouse.dev/refill';

/** `node` -> `rouse-pool-node`: the PodTemplate of a namespace's parked pods, whose names begin with it. */
export function poolName(runtime: string): string {
  return `rouse-pool-${runtime}`;
}

/** Lower case, as Node presents them. */
export const headers = {
  requestId: 'x-request-id',
  /** The failure code of an answer that the platform made itself; never set on a function's answer. */
  error: 'x-rouse-error',
  /** How long the function may still take, in milliseconds, counted when the header is read. */
  deadlineMs: 'x-rouse-deadline-ms',
  /** Signature of a request to a pod's control port; see api/wire.ts. */
  signature: 'x-rouse-signature',
  serverTiming: 'server-timing',
  /** On an answer that a runtime made before user code saw the request: it may go to another pod. */
  retrySafe: 'x-rouse-retry-safe',
} as const;

export const env = {
  port: 'PORT',
  controlPort: 'ROUSE_CONTROL_PORT',
  /** The address a runtime listens on; all addresses when unset. */
  listenHost: 'ROUSE_LISTEN_HOST',
  /** Folder where a parked pod notes whose it is; it outlives the process and not the pod. Default: /dev/shm. */
  markDirectory: 'ROUSE_MARK_DIR',
  podUid: 'ROUSE_POD_UID',
  /** Raw Ed25519 public key in base64: whoever holds its private half may specialize and drain. */
  controlPublicKey: 'ROUSE_CONTROL_PUBLIC_KEY',
  function: 'ROUSE_FUNCTION',
  namespace: 'ROUSE_NAMESPACE',
  revision: 'ROUSE_REVISION',
} as const;

export const portNames = { http: 'http', control: 'control' } as const;
export const httpPort = 8080;
export const controlPort = 8081;
/** Name of the only container in a Function's pod that receives requests. */
export const functionContainer = 'function';

/** Objects of the platform itself, in its own namespace. */
export const system = {
  namespaceDefault: 'rouse-system',
  /** Secret with the keys of `KeySecretData` in api/wire.ts; made by the controller when missing. */
  keySecret: 'rouse-keys',
  /** Services whose EndpointSlices tell the parts where the others listen. */
  activatorService: 'rouse-activator',
  controllerService: 'rouse-controller',
  controllerLease: 'rouse-controller',
} as const;

/** Revision names are FUNCTION-00001 and must still fit a DNS label of 63 characters. */
export const functionNameLengthMax = 52;
