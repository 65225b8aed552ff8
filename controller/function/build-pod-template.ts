// The pod of a Revision: one container, restricted, and with no volume unless the user asks for one.

import type { Runtime } from '../../api/function.ts';
import type { Container, EnvVar, PodTemplate, Probe, Resources } from '../../api/kubernetes.ts';
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
}

/** Seconds a pod goes on answering new requests after SIGTERM, while the news of its end spreads. */
const lameDuckSeconds = 1;
/** Seconds on top for the process itself to end. */
const exitMarginSeconds = 5;
/** What a parked Node process needs; small, so that hundreds of Functions fit on a node. */
const requestDefaults = { cpu: '25m', memory: '64Mi' } as const;

/** The caller has checked that the Revision's runtime is installed. */
export function buildPodTemplate(revision: Revision, settings: PodSettings): PodTemplate {
  const { spec } = revision;
  const overrides = spec.podTemplate ?? {};
  const { serviceAccountName, volumes } = overrides;
  const { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets } = overrides;
  const optional = { nodeSelector, tolerations, affinity, priorityClassName, imagePullSecrets };
  return {
    metadata: {
      labels: {
        ...overrides.labels,
        [labels.function]: spec.functionName,
        [labels.revision]: revision.metadata.name,
        [labels.managedBy]: managedByRouse,
      },
      ...(overrides.annotations && { annotations: overrides.annotations }),
    },
    spec: {
      containers: [buildContainer(revision, settings)],
      terminationGracePeriodSeconds: spec.timeoutSeconds + lameDuckSeconds + exitMarginSeconds,
      // A token is a volume, and a volume costs some 250 ms of every start.
      ...(serviceAccountName === undefined
        ? { automountServiceAccountToken: false }
        : { serviceAccountName }),
      // An environment variable per Service of the namespace would slow every start down.
      enableServiceLinks: false,
      securityContext: {
        // A plain image may be built for root; ours are not.
        ...(spec.image === undefined && { runAsNonRoot: true }),
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      ...(volumes && { volumes }),
    },
  };
}

function buildContainer(revision: Revision, settings: PodSettings): Container {
  const { spec } = revision;
  const isImage = spec.image !== undefined;
  const image = spec.image ?? settings.runtimeImages[spec.runtime ?? 'node'];
  const mounts = spec.podTemplate?.volumeMounts;
  return {
    name: functionContainer,
    ...(image !== undefined && { image }),
    env: buildEnv(revision, settings),
    ports: [
      { name: portNames.http, containerPort: httpPort, protocol: 'TCP' },
      ...(isImage
        ? []
        : [{ name: portNames.control, containerPort: controlPort, protocol: 'TCP' as const }]),
    ],
    resources: buildResources(spec.resources),
    // For kubectl's READY column and Kubernetes' own counting; nobody of ours waits for it.
    readinessProbe: buildProbe(isImage),
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      // A read-only root would need an emptyDir for /tmp, and any volume slows the start down.
      readOnlyRootFilesystem: false,
    },
    ...(mounts && { volumeMounts: mounts }),
  };
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
  if (spec.image === undefined) {
    platform.push(
      { name: envNames.controlPort, value: String(controlPort) },
      { name: envNames.podUid, valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } },
      { name: envNames.controlPublicKey, value: settings.controlPublicKey },
    );
  }
  const taken = new Set(platform.map((one) => one.name));
  return [...(spec.env ?? []).filter((one) => !taken.has(one.name)), ...platform];
}

function buildResources(asked: Resources = {}): Resources {
  const requests: Record<string, string | number> = { ...asked.requests };
  for (const [name, amount] of Object.entries(requestDefaults)) {
    // With a limit and no request Kubernetes takes the limit; a default of ours might even exceed it.
    if (requests[name] === undefined && asked.limits?.[name] === undefined) requests[name] = amount;
  }
  return { ...(asked.limits && { limits: asked.limits }), requests };
}
