// The CustomResourceDefinition of Revision: an immutable spec, written by the controller only.

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
import { sourceBytesMax } from './function.ts';
import { apiGroup, apiVersion, functionNameLengthMax } from './names.ts';

/** As many files as a ConfigMap source may bring. */
export const revisionFilesMax = 256;
/** A ConfigMap holds 1 MiB, so no file of one can be longer. */
const fileLengthMax = Math.max(sourceBytesMax, 1024 * 1024);

const spec: CrdSchema = {
  description: "A snapshot of a Function's template, code included.",
  type: 'object',
  required: ['functionName', 'number', 'codeDigest', 'templateDigest'],
  properties: {
    functionName: text('Name of the Function, in the same namespace.', functionNameLengthMax, {
      minLength: 1,
    }),
    number: integer("Counts from 1; the Revision's name ends in it.", { minimum: 1 }),
    runtime: runtimeSchema,
    image: imageSchema,
    handler: handlerSchema,
    signature: signatureSchema,
    files: {
      description: 'The code, a text per relative path.',
      type: 'object',
      maxProperties: revisionFilesMax,
      additionalProperties: { type: 'string', maxLength: fileLengthMax },
    },
    codeDigest: text('sha256 in hex over the sorted files; empty for an image.', 64),
    templateDigest: text('sha256 in hex over everything that makes two templates different.', 64),
    env: envSchema,
    resources: resourcesSchema,
    timeoutSeconds: timeoutSchema,
    concurrency: concurrencySchema,
    pool: poolSchema,
    podTemplate: podTemplateSchema,
  },
  'x-kubernetes-validations': [
    {
      rule: 'self == oldSelf',
      message: 'spec of a Revision never changes: change the Function, which makes a new Revision',
      reason: 'FieldValueForbidden',
    },
  ] satisfies CelRule[],
};

const status: CrdSchema = {
  description: 'What Rouse made of it.',
  type: 'object',
  properties: {
    observedGeneration: {
      description: 'Generation of the spec that this status was made for.',
      type: 'integer',
      format: 'int64',
    },
    replicas: integer('Ready pods.', { minimum: 0 }),
    conditions: conditionsSchema('Ready, Unknown until its code was proved to load'),
  },
};

/** Valid on kube-apiserver 1.30 and later. */
export const revisionCrd: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `revisions.${apiGroup}` },
  spec: {
    group: apiGroup,
    scope: 'Namespaced',
    names: {
      plural: 'revisions',
      singular: 'revision',
      kind: 'Revision',
      listKind: 'RevisionList',
      shortNames: ['fnrev'],
      categories: ['rouse'],
    },
    versions: [
      {
        name: apiVersion,
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            description: "An immutable snapshot of a Function's template.",
            type: 'object',
            required: ['spec'],
            properties: { ...rootProperties, spec, status },
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [
          {
            name: 'FUNCTION',
            type: 'string',
            jsonPath: '.spec.functionName',
            description: 'Function it belongs to.',
          },
          {
            name: 'READY',
            type: 'string',
            jsonPath: '.status.conditions[?(@.type=="Ready")].status',
            description: 'Whether its code loads.',
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
