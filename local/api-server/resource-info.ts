// What the server knows about one collection: its names, its verbs, and for a CRD its schema and columns.

import type { ResourceView } from './views/resource-view.ts';

/** A subresource the server serves. `status` and `scale` follow the CRD, the others belong to built-ins. */
export type Subresource =
  'status' | 'scale' | 'log' | 'resize' | 'eviction' | 'binding' | 'finalize' | 'token';

/** A printer column, as a CRD's additionalPrinterColumns has it. */
export interface PrinterColumn {
  name: string;
  /** string, integer, number, boolean or date. */
  type: string;
  format?: string;
  description?: string;
  /** Above 0 only shown with -o wide. */
  priority?: number;
  /** Simple JSON path with a leading dot, for example .status.url */
  jsonPath: string;
}

/** Where a CRD's scale subresource finds its numbers; simple JSON paths. */
export interface ScalePaths {
  specReplicasPath: string;
  statusReplicasPath: string;
  labelSelectorPath?: string;
}

/** A JSON schema as OpenAPI v3 (structural) has it. */
export type OpenApiSchema = Record<string, unknown>;

export interface ResourceInfo {
  /** Empty for the core group. */
  group: string;
  version: string;
  plural: string;
  singular: string;
  kind: string;
  /** For example DeploymentList. */
  listKind: string;
  shortNames: readonly string[];
  categories: readonly string[];
  namespaced: boolean;
  subresources: readonly Subresource[];
  /** get, list, watch, create, update, patch, delete, deletecollection; reviews have only create. */
  verbs: readonly string[];
  /** Whether metadata.generation is kept: bumped when anything but metadata and status changes. */
  hasGeneration: boolean;
  /** True for a collection a CustomResourceDefinition made. */
  isCustom: boolean;
  /** True if objects may be kept in another version of the same group; they differ in apiVersion only. */
  hasOtherVersions?: boolean;
  /** Where its fields are written down; undefined: under its kind, which may mean another version's. */
  typeName?: string;
  /** Of a collection that shows another one's objects. */
  view?: ResourceView;
  /** CRD only: additionalPrinterColumns; undefined for built-ins (and for a CRD without columns). */
  columns?: readonly PrinterColumn[];
  /** CRD only: spec.versions[].schema.openAPIV3Schema. */
  schema?: OpenApiSchema;
  scale?: ScalePaths;
}

/** `Deployment.apps`, `Pod`: how Kubernetes names a kind in messages. */
export function qualifiedKind(info: Pick<ResourceInfo, 'group' | 'kind'>): string {
  return info.group === '' ? info.kind : `${info.kind}.${info.group}`;
}

/** `apps/v1`, `v1`. */
export function apiVersionOf(info: Pick<ResourceInfo, 'group' | 'version'>): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}
