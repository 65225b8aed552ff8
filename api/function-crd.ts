// The CustomResourceDefinition of Function: its schema, its rules and its columns.

import type { CelRule, CrdSchema, CustomResourceDefinition } from './crd-schema.ts';
import {
  concurrencySchema,
  conditionsSchema,
  envSchema,
  handlerSchema,
  imageSchema,
  integer,
  podTemplateSchema,
  poolSchema,
  resourcesSchema,
  rootProperties,
  runtimeSchema,
  signatureSchema,
  text,
  timeoutSchema,
} from './crd-schema.ts';
import { functionDefaults, sourceBytesMax } from './function.ts';
import { apiGroup, apiVersion, functionNameLengthMax } from './names.ts';

const trafficTargetsMax = 16;

// No fieldPath: a rule may read metadata.name but not point at it.
const nameRules: readonly CelRule[] = [
  {
    rule: `self.metadata.name.size() <= ${functionNameLengthMax}`,
    message: `metadata.name must be at most ${functionNameLengthMax} characters, because Revisions are named after it: choose a shorter one`,
  },
  {
    // A name that Kubernetes itself refuses gets its sentence alone: this is for a dot, or a digit in front.
    rule: "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$') || !self.metadata.name.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",
    message:
      "metadata.name must be lower-case letters, digits and '-', start with a letter and end with a letter or digit: write for example my-function",
  },
];

const specRules: readonly CelRule[] = [
  {
    rule: 'has(self.runtime) || has(self.image)',
    message:
      'spec needs runtime or image: write runtime: node with a source, or image with a container image that serves HTTP on $PORT',
    fieldPath: '.runtime',
    reason: 'FieldValueRequired',
  },
  {
    rule: '!(has(self.runtime) && has(self.image))',
    message:
      'spec takes runtime or image, not both: remove image to run source code, or runtime to run the image',
    fieldPath: '.image',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(self.runtime) || has(self.source)',
    message:
      'spec.source is needed with runtime: write source.inline with the code, or source.configMap.name',
    fieldPath: '.source',
    reason: 'FieldValueRequired',
  },
  {
    rule: '!has(self.image) || has(self.runtime) || !has(self.source)',
    message: 'spec.source goes with runtime only: remove source, the image brings its own code',
    fieldPath: '.source',
    reason: 'FieldValueForbidden',
  },
  {
    rule: '!has(self.image) || has(self.runtime) || !has(self.handler)',
    message: 'spec.handler goes with runtime only: remove handler, the image starts by itself',
    fieldPath: '.handler',
    reason: 'FieldValueForbidden',
  },
];

const source: CrdSchema = {
  description: 'Where the code is; exactly one of its fields.',
  type: 'object',
  properties: {
    inline: text("One file's text.", sourceBytesMax, { minLength: 1 }),
    configMap: {
      description: "A ConfigMap in the Function's namespace, a file per key.",
      type: 'object',
      required: ['name'],
      properties: { name: text('Name of the ConfigMap.', 253, { minLength: 1 }) },
    },
  },
  'x-kubernetes-validations': [
    {
      rule: 'has(self.inline) || has(self.configMap)',
      message:
        'spec.source needs inline or configMap: write inline with the code, or configMap.name',
      reason: 'FieldValueRequired',
    },
    {
      rule: '!(has(self.inline) && has(self.configMap))',
      message: 'spec.source takes inline or configMap, not both: remove one of them',
      reason: 'FieldValueForbidden',
    },
  ] satisfies CelRule[],
};

const scaling: CrdSchema = {
  description: 'Between which numbers of pods, and how fast, the Function scales.',
  type: 'object',
  default: { ...functionDefaults.scaling },
  properties: {
    minReplicas: integer('The fewest pods; 0 lets the Function sleep.', {
      minimum: 0,
      maximum: 1000,
      default: functionDefaults.scaling.minReplicas,
    }),
    maxReplicas: integer('The most pods.', {
      minimum: 1,
      maximum: 1000,
      default: functionDefaults.scaling.maxReplicas,
    }),
    idleSeconds: integer('Seconds with nothing in flight until the last pod goes.', {
      minimum: 1,
      maximum: 86_400,
      default: functionDefaults.scaling.idleSeconds,
    }),
    stableWindowSeconds: integer(
      'Seconds over which load is averaged to decide between many pods and one.',
      { minimum: 6, maximum: 3600, default: functionDefaults.scaling.stableWindowSeconds },
    ),
  },
  'x-kubernetes-validations': [
    {
      rule: 'self.maxReplicas >= self.minReplicas',
      message:
        'spec.scaling.maxReplicas must not be below minReplicas: raise maxReplicas or lower minReplicas',
      fieldPath: '.maxReplicas',
    },
  ] satisfies CelRule[],
};

const trafficTarget: CrdSchema = {
  type: 'object',
  required: ['revision', 'percent'],
  properties: {
    revision: text("A Revision's name, or latest for the latest ready one.", 63, { minLength: 1 }),
    percent: integer('Share of the requests, in percent.', { minimum: 0, maximum: 100 }),
  },
};

// Atomic, not a map by revision: an applier that names other revisions must replace the default target, not join it.
const trafficList = (description: string): CrdSchema => ({
  description,
  type: 'array',
  maxItems: trafficTargetsMax,
  'x-kubernetes-list-type': 'atomic',
  items: trafficTarget,
});

const traffic: CrdSchema = {
  ...trafficList('Which Revisions get which share of the requests.'),
  minItems: 1,
  default: functionDefaults.traffic.map((target) => ({ ...target })),
  'x-kubernetes-validations': [
    {
      rule: 'self.map(target, target.percent).sum() == 100',
      message: 'the percents of spec.traffic must make 100 together: change them so that they do',
    },
    {
      rule: 'self.all(one, self.exists_one(other, other.revision == one.revision))',
      message: 'spec.traffic must name each revision once: add up the percents of the repeated one',
    },
  ] satisfies CelRule[],
};

const spec: CrdSchema = {
  description: 'What the Function runs and how it scales.',
  type: 'object',
  properties: {
    runtime: runtimeSchema,
    image: imageSchema,
    handler: handlerSchema,
    signature: signatureSchema,
    source,
    env: envSchema,
    resources: resourcesSchema,
    timeoutSeconds: timeoutSchema,
    concurrency: concurrencySchema,
    scaling,
    traffic,
    pool: { ...poolSchema, default: functionDefaults.pool },
    podTemplate: podTemplateSchema,
  },
  'x-kubernetes-validations': specRules,
};

const status: CrdSchema = {
  description: 'What Rouse made of it.',
  type: 'object',
  properties: {
    url: text('Where the Function is called.', 2048),
    observedGeneration: {
      description: 'Generation of the spec that this status was made for.',
      type: 'integer',
      format: 'int64',
    },
    latestCreatedRevision: text('Newest Revision.', 63),
    latestReadyRevision: text('Newest Revision whose code loads.', 63),
    replicas: integer('Ready pods over all Revisions.', { minimum: 0 }),
    traffic: trafficList('Where requests go now, with latest resolved.'),
    conditions: conditionsSchema('Ready, RevisionReady, RoutesReady'),
  },
};

/** Valid on kube-apiserver 1.30 and later; rules and defaults live here, so no webhook is needed. */
export const functionCrd: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `functions.${apiGroup}` },
  spec: {
    group: apiGroup,
    scope: 'Namespaced',
    names: {
      plural: 'functions',
      singular: 'function',
      kind: 'Function',
      listKind: 'FunctionList',
      shortNames: ['fn'],
      categories: ['rouse'],
    },
    versions: [
      {
        name: apiVersion,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            description: 'A function that runs when it is called and sleeps when it is not.',
            type: 'object',
            required: ['spec'],
            properties: { ...rootProperties, spec, status },
            'x-kubernetes-validations': nameRules,
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [
          {
            name: 'URL',
            type: 'string',
            jsonPath: '.status.url',
            description: 'Where to call it.',
          },
          {
            name: 'READY',
            type: 'string',
            jsonPath: '.status.conditions[?(@.type=="Ready")].status',
            description: 'Whether a call would be answered.',
          },
          {
            name: 'REASON',
            type: 'string',
            jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
            description: 'Why it is not ready.',
          },
          {
            name: 'REPLICAS',
            type: 'integer',
            jsonPath: '.status.replicas',
            description: 'Ready pods.',
          },
          {
            name: 'REVISION',
            type: 'string',
            jsonPath: '.status.latestReadyRevision',
            description: 'Newest Revision whose code loads.',
          },
          {
            name: 'AGE',
            type: 'date',
            jsonPath: '.metadata.creationTimestamp',
            description: 'Time since it was created.',
          },
        ],
      },
    ],
  },
};
