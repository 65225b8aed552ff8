// The pod of a Revision: one container, restricted, and with no volume unless the user asks for one.

import type { Runtime } from '../../api/function.ts';
import type {
  Container,
  ContainerPort,
  EnvVar,
  PodSpec,
  PodTemplate,
  Probe,
  Resources,
} from '../../api/kubernetes.ts';
import {
  controlPort,
  env as envNames,
  functionContainer,
  httpPort,
  labels,
  managedByRouse,
  portNames,
} from '../../api/names.ts';
import type { Revision } from '../../api/revision.ts';

export interface PodSettings {
  /** Image per runtime that is installed here. */
  readonly runtimeImages: Readonly<Partial<Record<Runtime, string>>>;
  /** Raw Ed25519 key in base64; its private half may specialize the pod. */
  readonly controlPublicKey: string;
  /** Parked pods per namespace and runtime at most; 0: no warm pool, and no pod waits for one. */
  readonly poolMax: number;
  /** Of a parked pod, and of a Function of ours that asks for nothing. Default: `poolRequestDefaults`. */
  readonly poolRequests?: Amounts;
}

interface Amounts {
  readonly cpu: string;
  readonly memory: string;
}

/** Seconds a pod goes on answering new requests after SIGTERM, while the news of its end spreads. */
const lameDuckSeconds = 1;
/** Seconds on top for the process itself to end. */
const exitMarginSeconds = 5;
/** Of a plain image; small, so that many Functions fit on a node. */
const requestDefaults = { cpu: '25m', memory: '64Mi' } as const;

/** Of a parked pod, and of a Function of ours that asks for nothing, whichever way it was woken. */
export const poolRequestDefaults = { cpu: '10m', memory: '64Mi' } as const;
const poolProbePace = { periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 30 } as const;

/** The caller has checked that the Revision's runtime is installed. */
export function buildPodTemplate(revision: Revision, settings: PodSettings): PodTemplate {
  const { spec } = revision;
  const overrides = spec.podTemplate ?? {};
  const { serviceAccountName, volumes } = overrides;
  const { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets } = overrides;
  const optional = { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets };
  return {
    metadata: buildPodMetadata(revision),
    spec: {
      containers: [buildContainer(revision, settings)],
      terminationGracePeriodSeconds: gracePeriodSeconds(spec.timeoutSeconds),
      // A token is a volume, and a volume costs some 250 ms of every start.
      ...(serviceAccountName === undefined
        ? { automountServiceAccountToken: false }
        : { serviceAccountName }),
      ...buildIsolation(spec.image === undefined),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      ...(volumes && { volumes }),
    },
  };
}

/** What a claimed pod gets as well, when it becomes one of the Revision's. */
export function buildPodMetadata(revision: Revision): {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
} {
  const { podTemplate = {}, functionName } = revision.spec;
  return {
    labels: {
      ...podTemplate.labels,
      [labels.function]: functionName,
      [labels.revision]: revision.metadata.name,
      [labels.managedBy]: managedByRouse,
    },
    ...(podTemplate.annotations && { annotations: podTemplate.annotations }),
  };
}

/** A pod that holds no function yet; whatever of it can't change later is as in a Revision's own pod. */
export function buildPoolPodTemplate(
  runtime: Runtime,
  timeoutSeconds: number,
  settings: PodSettings,
): PodTemplate {
  const image = settings.runtimeImages[runtime];
  return {
    spec: {
      containers: [
        {
          name: functionContainer,
          ...(image !== undefined && { image }),
          env: [{ name: envNames.port, value: String(httpPort) }, ...buildControlEnv(settings)],
          ports: buildPorts(false),
          resources: { requests: { ...poolRequestsOf(settings) } },
          resizePolicy: ['cpu', 'memory'].map((resourceName) => ({
            resourceName,
            restartPolicy: 'NotRequired',
          })),
          // GET /ready says 503 while it waits for code; that it listens makes it one to be claimed.
          // And only until then: probes for ever are work for every node, and 2 MB of every parked process.
          startupProbe: { tcpSocket: { port: portNames.control }, ...poolProbePace },
          securityContext: containerSecurity,
        },
      ],
      terminationGracePeriodSeconds: gracePeriodSeconds(timeoutSeconds),
      automountServiceAccountToken: false,
      ...buildIsolation(true),
    },
  };
}

function gracePeriodSeconds(timeoutSeconds: number): number {
  return timeoutSeconds + lameDuckSeconds + exitMarginSeconds;
}

function buildIsolation(isOurs: boolean): Pick<PodSpec, 'enableServiceLinks' | 'securityContext'> {
  return {
    // An environment variable per Service of the namespace would slow every start down.
    enableServiceLinks: false,
    securityContext: {
      // A plain image may be built for root; ours are not.
      ...(isOurs && { runAsNonRoot: true }),
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  // A read-only root would need an emptyDir for /tmp, and any volume slows the start down.
  readOnlyRootFilesystem: false,
} as const;

function buildContainer(revision: Revision, settings: PodSettings): Container {
  const { spec } = revision;
  const isImage = spec.image !== undefined;
  const image = spec.image ?? settings.runtimeImages[spec.runtime ?? 'node'];
  const mounts = spec.podTemplate?.volumeMounts;
  return {
    name: functionContainer,
    ...(image !== undefined && { image }),
    env: buildEnv(revision, settings),
    ports: buildPorts(isImage),
    resources: buildResources(spec.resources, isImage ? requestDefaults : poolRequestsOf(settings)),
    // For kubectl's READY column and Kubernetes' own counting; nobody of ours waits for it.
    readinessProbe: buildProbe(isImage),
    securityContext: containerSecurity,
    ...(mounts && { volumeMounts: mounts }),
  };
}

function buildPorts(isImage: boolean): ContainerPort[] {
  const http: ContainerPort = { name: portNames.http, containerPort: httpPort, protocol: 'TCP' };
  if (isImage) return [http];
  return [http, { name: portNames.control, containerPort: controlPort, protocol: 'TCP' }];
}

function buildProbe(isImage: boolean): Probe {
  return {
    ...(isImage
      ? { tcpSocket: { port: portNames.http } }
      : { httpGet: { path: '/ready', port: portNames.control } }),
    periodSeconds: 1,
    timeoutSeconds: 1,
    failureThreshold: 3,
  };
}

/** The user's first, so that they may be referred to; the platform's own names can't be overridden. */
function buildEnv(revision: Revision, settings: PodSettings): EnvVar[] {
  const { spec, metadata } = revision;
  const platform: EnvVar[] = [
    { name: envNames.port, value: String(httpPort) },
    { name: envNames.function, value: spec.functionName },
    { name: envNames.namespace, value: metadata.namespace ?? 'default' },
    { name: envNames.revision, value: metadata.name },
  ];
  if (spec.image === undefined) platform.push(...buildControlEnv(settings));
  const taken = new Set(platform.map((one) => one.name));
  return [...(spec.env ?? []).filter((one) => !taken.has(one.name)), ...platform];
}

/** Where the control port listens, and whom it obeys. */
function buildControlEnv(settings: PodSettings): EnvVar[] {
  return [
    { name: envNames.controlPort, value: String(controlPort) },
    { name: envNames.podUid, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
    { name: envNames.controlPublicKey, value: settings.controlPublicKey },
  ];
}

function poolRequestsOf({ poolRequests = poolRequestDefaults }: PodSettings): Amounts {
  return poolRequests;
}

function buildResources(asked: Resources | undefined, defaults: Amounts): Resources {
  const requests: Record<string, string | number> = { ...asked?.requests };
  for (const [name, amount] of Object.entries(defaults)) {
    // With a limit and no request Kubernetes takes the limit; a default of ours might even exceed it.
    if (requests[name] === undefined && asked?.limits?.[name] === undefined)
      requests[name] = amount;
  }
  return { ...(asked?.limits && { limits: asked.limits }), requests };
}
