// What kube-apiserver refuses in a HorizontalPodAutoscaler: its numbers, and what it scales; of metrics, their targets.

import type { Cause } from '../cause.ts';
import { forbidden, invalid, required } from '../schema/field-causes.ts';
import type { JsonObject } from './field-checks.ts';
import { itemsOf, objectOf, textOf } from './field-checks.ts';

/** In the form of autoscaling/v2, whose names the refusals of v1 have, too. */
export function validateAutoscaler(object: JsonObject, old: JsonObject | undefined): Cause[] {
  const spec = objectOf(object['spec']);
  const least = Number(spec['minReplicas'] ?? 1);
  return [
    ...(least < 1
      ? [invalid('spec.minReplicas', least, 'must be greater than or equal to 1')]
      : []),
    ...checkMost(Number(spec['maxReplicas'] ?? 0), least),
    ...checkReference(objectOf(spec['scaleTargetRef']), old === undefined),
    ...itemsOf(spec['metrics']).flatMap(({ item, index }) => checkMetric(item, index)),
    ...(least === 0 ? checkZero(spec['metrics']) : []),
  ];
}

function checkMost(most: number, least: number): Cause[] {
  const field = 'spec.maxReplicas';
  return [
    ...(most === 0 ? [required(field, 'must be set and greater than 0')] : []),
    ...(most < 0 ? [invalid(field, most, 'must be greater than or equal to 1')] : []),
    ...(most < least
      ? [invalid(field, most, 'must be greater than or equal to `minReplicas`')]
      : []),
  ];
}

function checkReference(reference: JsonObject, isNew: boolean): Cause[] {
  const missing = ['kind', 'name'].filter((field) => textOf(reference[field]) === '');
  const version = textOf(reference['apiVersion']);
  const field = 'spec.scaleTargetRef.apiVersion';
  return [
    ...missing.map((one) => required(`spec.scaleTargetRef.${one}`)),
    // Older objects may be without: they are let off.
    ...(isNew && !version.includes('/')
      ? [invalid(field, version, 'apiVersion must specify API group')]
      : []),
  ];
}

function checkMetric(metric: JsonObject, index: number): Cause[] {
  const field = metric['type'] === 'ContainerResource' ? 'containerResource' : 'resource';
  const { averageUtilization } = objectOf(objectOf(metric[field])['target']);
  if (typeof averageUtilization !== 'number' || averageUtilization >= 1) return [];
  const path = `spec.metrics[${index}].${field}.target.averageUtilization`;
  return [invalid(path, averageUtilization, 'must be greater than 0')];
}

function checkZero(metrics: unknown): Cause[] {
  const types = itemsOf(metrics).map(({ item }) => item['type']);
  if (types.includes('Object') || types.includes('External')) return [];
  const why =
    'must specify at least one Object or External metric to support scaling to zero replicas';
  return [forbidden('spec.metrics', why)];
}
