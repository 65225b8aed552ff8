// The Function a user writes: its shape, its units and its defaults.

import type { Condition, EnvVar, KubeObject, Resources } from './kubernetes.ts';

export const runtimes = ['node', 'python', 'go', 'java'] as const;
export type Runtime = (typeof runtimes)[number];

export const signatures = ['auto', 'lambda', 'http', 'cloudevent', 'fetch'] as const;
/** What a handler looks like; `auto` lets the runtime look at the loaded code. */
export type Signature = (typeof signatures)[number];

export interface Source {
  /** One file's text, 1..512 KiB. The node runtime gets it as index.js and tells by its syntax what it is. */
  inline?: string;
  /** A ConfigMap in the Function's namespace, a file per key. */
  configMap?: { name: string };
}

export interface Concurrency {
  /** Requests in flight that one pod should have; the autoscaler aims at it. 1..1000, default 100. */
  target: number;
  /** Requests in flight that one pod never exceeds. 0..1000, default 0: no limit. */
  limit: number;
}

export interface Scaling {
  /** 0..1000, default 0. */
  minReplicas: number;
  /** 1..1000, default 100. */
  maxReplicas: number;
  /** Seconds with nothing in flight until zero. 1..86400, default 30. */
  idleSeconds: number;
  /** Window of the average that decides between N and 1. 6..3600, default 60. */
  stableWindowSeconds: number;
}

export interface TrafficTarget {
  /** A Revision's name, or `latest` for the latest ready one. */
  revision: string;
  /** 0..100; all targets together make 100. */
  percent: number;
}

/** What of the pod a user may choose; the same meaning as on a pod. */
export interface PodOverrides {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  serviceAccountName?: string;
  nodeSelector?: Record<string, string>;
  tolerations?: unknown[];
  affinity?: unknown;
  priorityClassName?: string;
  imagePullSecrets?: { name: string }[];
  volumes?: unknown[];
  volumeMounts?: unknown[];
}

export interface FunctionSpec {
  /** Exactly one of `runtime` and `image`. */
  runtime?: Runtime;
  image?: string;
  /** `file.export`; the runtime's own default (`index.handler`) if left out. */
  handler?: string;
  signature: Signature;
  source?: Source;
  env?: EnvVar[];
  resources?: Resources;
  /** How long the function itself may take, in seconds: 1..3600, default 60. Waiting does not count. */
  timeoutSeconds: number;
  concurrency: Concurrency;
  scaling: Scaling;
  traffic: TrafficTarget[];
  /** Whether a pod of the warm pool may become one of its pods. Default true; absent is true as well. */
  pool?: boolean;
  podTemplate?: PodOverrides;
}

export interface FunctionStatus {
  url?: string;
  observedGeneration?: number;
  latestCreatedRevision?: string;
  latestReadyRevision?: string;
  /** Ready pods over all Revisions. */
  replicas?: number;
  /** Where requests go now, with `latest` resolved. Empty until the first Revision is ready. */
  traffic?: TrafficTarget[];
  /** Ready, RevisionReady, RoutesReady. */
  conditions?: Condition[];
}

export interface RouseFunction extends KubeObject {
  spec: FunctionSpec;
  status?: FunctionStatus;
}

/** The defaults, as they stand in the CRD. */
export const functionDefaults = {
  signature: 'auto',
  timeoutSeconds: 60,
  concurrency: { target: 100, limit: 0 },
  scaling: { minReplicas: 0, maxReplicas: 100, idleSeconds: 30, stableWindowSeconds: 60 },
  traffic: [{ revision: 'latest', percent: 100 }],
  pool: true,
} as const;

export const sourceBytesMax = 512 * 1024;
