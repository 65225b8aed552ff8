// Metrics of a HorizontalPodAutoscaler, from autoscaling/v2 to the annotations of autoscaling/v1 and back.

import type { JsonMap } from '../any-object.ts';

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const mapOf = (value: unknown): JsonMap => (isMap(value) ? value : {});

/** Without the fields that say nothing. */
function given(fields: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const fieldOfType: Readonly<Record<string, string>> = {
  Resource: 'resource',
  ContainerResource: 'containerResource',
  Pods: 'pods',
  Object: 'object',
  External: 'external',
};

/** The one part of a metric that its type names, made anew. */
function convert(metric: JsonMap, make: (part: JsonMap, type: string) => JsonMap): JsonMap {
  const type = String(metric['type']);
  const field = fieldOfType[type];
  if (field === undefined) return metric;
  return { type, [field]: given(make(mapOf(metric[field]), type)) };
}

export const buildOldMetric = (metric: JsonMap): JsonMap => convert(metric, oldTarget);
export const buildOldStatus = (metric: JsonMap): JsonMap => convert(metric, oldCurrent);
export const buildMetric = (metric: JsonMap): JsonMap => convert(metric, newTarget);
export const buildMetricStatus = (metric: JsonMap): JsonMap => convert(metric, newCurrent);

function oldTarget(part: JsonMap, type: string): JsonMap {
  const { value, averageValue, averageUtilization } = mapOf(part['target']);
  const { name: metricName, selector } = mapOf(part['metric']);
  const { name, container } = part;
  switch (type) {
    case 'Pods':
      return { metricName, targetAverageValue: averageValue, selector };
    case 'Object':
      // The value isn't left out there, so none is a zero.
      return {
        target: part['describedObject'],
        metricName,
        targetValue: value ?? '0',
        selector,
        averageValue,
      };
    case 'External':
      return {
        metricName,
        metricSelector: selector,
        targetValue: value,
        targetAverageValue: averageValue,
      };
    default:
      return {
        name,
        targetAverageUtilization: averageUtilization,
        targetAverageValue: averageValue,
        container,
      };
  }
}

function oldCurrent(part: JsonMap, type: string): JsonMap {
  const { value, averageValue, averageUtilization } = mapOf(part['current']);
  const { name: metricName, selector } = mapOf(part['metric']);
  const { name, container } = part;
  switch (type) {
    case 'Pods':
      return { metricName, currentAverageValue: averageValue ?? '0', selector };
    case 'Object':
      return {
        target: part['describedObject'],
        metricName,
        currentValue: value ?? '0',
        selector,
        averageValue,
      };
    case 'External':
      return {
        metricName,
        metricSelector: selector,
        currentValue: value ?? '0',
        currentAverageValue: averageValue,
      };
    default:
      return {
        name,
        currentAverageUtilization: averageUtilization,
        currentAverageValue: averageValue ?? '0',
        container,
      };
  }
}

function newTarget(part: JsonMap, type: string): JsonMap {
  const { name, container } = part;
  const metric = given({
    name: part['metricName'],
    selector: part['selector'] ?? part['metricSelector'],
  });
  const average = part['averageValue'] ?? part['targetAverageValue'];
  const averageUtilization = part['targetAverageUtilization'];
  const value = average === undefined ? part['targetValue'] : undefined;
  const kind =
    averageUtilization !== undefined
      ? 'Utilization'
      : value !== undefined
        ? 'Value'
        : 'AverageValue';
  const target = given({ type: kind, value, averageValue: average, averageUtilization });
  if (type === 'Object') return { describedObject: part['target'], target, metric };
  if (type === 'Pods' || type === 'External') return { metric, target };
  return { name, target, container };
}

function newCurrent(part: JsonMap, type: string): JsonMap {
  const { name, container } = part;
  const metric = given({
    name: part['metricName'],
    selector: part['selector'] ?? part['metricSelector'],
  });
  const current = given({
    value: part['currentValue'],
    averageValue: part['averageValue'] ?? part['currentAverageValue'],
    averageUtilization: part['currentAverageUtilization'],
  });
  if (type === 'Object') return { metric, current, describedObject: part['target'] };
  if (type === 'Pods' || type === 'External') return { metric, current };
  return { name, current, container };
}
