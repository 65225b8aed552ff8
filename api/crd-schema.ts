// Pieces of structural schema that the CRDs of Function and Revision share.

import { runtimes, signatures, functionDefaults } from './function.ts';

/** A structural OpenAPI v3 schema, as a CustomResourceDefinition holds it. */
export type CrdSchema = Readonly<Record<string, unknown>>;

/** One rule of x-kubernetes-validations. `fieldPath` is where the caller sees the error. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: string;
}

/** A CustomResourceDefinition of apiextensions.k8s.io/v1. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: {
      readonly plural: string;
      readonly singular: string;
      readonly kind: string;
      readonly listKind: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: CrdSchema };
      readonly subresources: { readonly status: Readonly<Record<string, never>> };
      readonly additionalPrinterColumns: readonly PrinterColumnSpec[];
    }[];
  };
}

export interface PrinterColumnSpec {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: number;
}

/** Every list and map has a maximum: without one a real API server can't bound the cost of the CEL rules. */
export const envItemsMax = 256;
export const mapEntriesMax = 64;
export const podListItemsMax = 32;

export const text = (description: string, lengthMax: number, more: CrdSchema = {}): CrdSchema => ({
  description,
  type: 'string',
  maxLength: lengthMax,
  ...more,
});

export const integer = (
  description: string,
  bounds: { minimum: number; maximum?: number; default?: number },
): CrdSchema => ({ description, type: 'integer', format: 'int32', ...bounds });

const textMap = (description: string, valueLengthMax: number): CrdSchema => ({
  description,
  type: 'object',
  maxProperties: mapEntriesMax,
  additionalProperties: { type: 'string', maxLength: valueLengthMax },
});

const freeObject = (description: string): CrdSchema => ({
  description,
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
});

/** A name and a key in a Secret or a ConfigMap. */
const keyRef = (kind: string): CrdSchema => ({
  description: `A key of a ${kind} in the same namespace.`,
  type: 'object',
  required: ['name', 'key'],
  properties: {
    name: text(`Name of the ${kind}.`, 253, { minLength: 1 }),
    key: text(`Key in the ${kind}.`, 253, { minLength: 1 }),
    optional: {
      description: `Whether the ${kind} or its key may be missing; the variable is then left out.`,
      type: 'boolean',
    },
  },
});

const quantity = {
  'x-kubernetes-int-or-string': true,
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  pattern:
    '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))' +
    '(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$',
  maxLength: 64,
};

const valueFrom: CrdSchema = {
  description: "Where the variable's value comes from, as on a container.",
  type: 'object',
  properties: {
    secretKeyRef: keyRef('Secret'),
    configMapKeyRef: keyRef('ConfigMap'),
    fieldRef: {
      description: 'A field of the pod, for example metadata.name.',
      type: 'object',
      required: ['fieldPath'],
      properties: {
        apiVersion: text('Version of the schema that fieldPath is written in.', 64),
        fieldPath: text('Path of the field.', 253, { minLength: 1 }),
      },
    },
    resourceFieldRef: {
      description: 'A resource limit or request of the container.',
      type: 'object',
      required: ['resource'],
      properties: {
        containerName: text('Name of the container.', 63),
        resource: text('For example limits.memory.', 64, { minLength: 1 }),
        divisor: quantity,
      },
    },
  },
};

const envRules: readonly CelRule[] = [
  {
    rule: "self.name.matches('^[A-Za-z_][A-Za-z0-9_.-]*$')",
    message:
      "env name must start with a letter or '_' and go on with letters, digits, '_', '-' or '.': write for example MY_SETTING",
    fieldPath: '.name',
  },
  {
    rule: "self.name != 'PORT' && !self.name.startsWith('ROUSE_')",
    message: 'env names PORT and ROUSE_... are set by Rouse itself: choose another name',
    fieldPath: '.name',
  },
  {
    rule: '!(has(self.value) && has(self.valueFrom))',
    message: 'env takes value or valueFrom, not both: remove one of them',
  },
];

export const envSchema: CrdSchema = {
  description: 'Environment variables, as on a container.',
  type: 'array',
  maxItems: envItemsMax,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: {
    type: 'object',
    required: ['name'],
    properties: {
      name: text('Name of the variable.', 253, { minLength: 1 }),
      value: text('Its value.', 32_768),
      valueFrom,
    },
    'x-kubernetes-validations': envRules,
  },
};

const quantities = (description: string): CrdSchema => ({
  description,
  type: 'object',
  maxProperties: 16,
  additionalProperties: quantity,
});

export const resourcesSchema: CrdSchema = {
  description: 'Compute resources of each pod, as on a container.',
  type: 'object',
  properties: {
    limits: quantities('The most a pod may use, for example {cpu: "1", memory: 256Mi}.'),
    requests: quantities('What a pod is scheduled by; the limits if left out.'),
  },
};

export const poolSchema: CrdSchema = {
  description: 'Whether a pod of the warm pool may serve it, which makes cold starts fast.',
  type: 'boolean',
};

const tolerations: CrdSchema = {
  description: 'Taints of nodes that the pods put up with.',
  type: 'array',
  maxItems: podListItemsMax,
  'x-kubernetes-list-type': 'atomic',
  items: {
    type: 'object',
    properties: {
      key: text('Key of the taint.', 316),
      operator: text('Exists or Equal.', 16),
      value: text('Value of the taint.', 63),
      effect: text('NoSchedule, PreferNoSchedule or NoExecute.', 32),
      tolerationSeconds: {
        description: 'How long a NoExecute taint is put up with, in seconds.',
        type: 'integer',
        format: 'int64',
      },
    },
  },
};

const named = (description: string, extra: CrdSchema = {}): CrdSchema => ({
  description,
  type: 'array',
  maxItems: podListItemsMax,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['name'],
  items: {
    type: 'object',
    required: ['name'],
    properties: { name: text('Its name.', 253, { minLength: 1 }) },
    ...extra,
  },
});

const ownLabels: readonly CelRule[] = [
  {
    rule: "self.all(key, !key.startsWith('rouse.dev/'))",
    message: 'labels under rouse.dev/ belong to Rouse: use a prefix of your own',
  },
];

export const podTemplateSchema: CrdSchema = {
  description: 'What else of the pods may be chosen; each field means what it means on a pod.',
  type: 'object',
  properties: {
    labels: { ...textMap('Labels of the pods.', 63), 'x-kubernetes-validations': ownLabels },
    annotations: textMap('Annotations of the pods.', 16_384),
    serviceAccountName: text('ServiceAccount the pods run as.', 253),
    nodeSelector: textMap('Labels a node must have.', 63),
    tolerations,
    affinity: freeObject('Where pods go relative to nodes and other pods, as on a pod.'),
    priorityClassName: text('Name of the PriorityClass.', 253),
    imagePullSecrets: named('Secrets to pull the image with.'),
    volumes: named('Volumes, as on a pod; each costs a cold start about 250 ms.', {
      'x-kubernetes-preserve-unknown-fields': true,
    }),
    volumeMounts: {
      description: 'Where the volumes are mounted in the function container.',
      type: 'array',
      maxItems: podListItemsMax,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['mountPath'],
      items: {
        type: 'object',
        required: ['name', 'mountPath'],
        properties: {
          name: text('Name of the volume.', 253, { minLength: 1 }),
          mountPath: text('Path in the container.', 4096, { minLength: 1 }),
          subPath: text('Path inside the volume.', 4096),
          readOnly: { description: 'Whether writing is refused.', type: 'boolean' },
        },
      },
    },
  },
};

export const runtimeSchema: CrdSchema = {
  description: 'Runtime that loads the code; exactly one of runtime and image.',
  type: 'string',
  enum: [...runtimes],
};

export const imageSchema: CrdSchema = text(
  'Any container image that serves HTTP on $PORT; exactly one of runtime and image.',
  1024,
  { minLength: 1 },
);

export const handlerSchema: CrdSchema = text(
  "What to call, as FILE.EXPORT, for example index.handler; the runtime's own default if left out.",
  256,
  {
    'x-kubernetes-validations': [
      {
        rule: "self.matches('^[A-Za-z0-9_$][A-Za-z0-9_$/-]*([.][A-Za-z0-9_$-]+)+(::[A-Za-z0-9_$]+)?$')",
        message: 'handler must be FILE.EXPORT: write for example index.handler',
      },
    ],
  },
);

export const signatureSchema: CrdSchema = {
  description: 'What the handler looks like; auto lets the runtime look at the loaded code.',
  type: 'string',
  enum: [...signatures],
  default: functionDefaults.signature,
};

export const timeoutSchema: CrdSchema = integer(
  'How long the function itself may take, in seconds; waiting for a pod does not count.',
  { minimum: 1, maximum: 3600, default: functionDefaults.timeoutSeconds },
);

export const concurrencySchema: CrdSchema = {
  description: 'How many requests a pod has in flight.',
  type: 'object',
  default: { ...functionDefaults.concurrency },
  properties: {
    target: integer('Requests in flight that one pod should have; the autoscaler aims at it.', {
      minimum: 1,
      maximum: 1000,
      default: functionDefaults.concurrency.target,
    }),
    limit: integer('Requests in flight that one pod never exceeds; 0 means no limit.', {
      minimum: 0,
      maximum: 1000,
      default: functionDefaults.concurrency.limit,
    }),
  },
};

export const conditionsSchema = (types: string): CrdSchema => ({
  description: `What is true of the object now: ${types}.`,
  type: 'array',
  maxItems: 16,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
  items: {
    type: 'object',
    required: ['type', 'status'],
    properties: {
      type: text('Name of the condition.', 316),
      status: {
        description: 'Whether it holds.',
        type: 'string',
        enum: ['True', 'False', 'Unknown'],
      },
      reason: text('Why, in one CamelCase word.', 1024),
      message: text('Why, in a sentence for people.', 32_768),
      lastTransitionTime: {
        description: 'When status changed last.',
        type: 'string',
        format: 'date-time',
      },
      observedGeneration: {
        description: 'Generation of the object that the condition was made for.',
        type: 'integer',
        format: 'int64',
        minimum: 0,
      },
    },
  },
});

/** apiVersion, kind and metadata, as they stand at the root of every custom resource's schema. */
export const rootProperties: CrdSchema = {
  apiVersion: { description: 'Version of the schema of this object.', type: 'string' },
  kind: { description: 'Kind of this object.', type: 'string' },
  metadata: { type: 'object' },
};
