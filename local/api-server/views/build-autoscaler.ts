// HorizontalPodAutoscalers in the form of autoscaling/v1: a figure for the CPU, annotations for what has no field.

import type { AnyObject, JsonMap } from '../any-object.ts';
import {
  buildMetric,
  buildMetricStatus,
  buildOldMetric,
  buildOldStatus,
  isMap,
  mapOf,
} from './build-metric.ts';
import type { ResourceView } from './resource-view.ts';

const prefix = 'autoscaling.alpha.kubernetes.io/';
const metricsNote = `${prefix}metrics`;
const currentNote = `${prefix}current-metrics`;
const conditionsNote = `${prefix}conditions`;
const behaviorNote = `${prefix}behavior`;
const notes = [metricsNote, currentNote, conditionsNote, behaviorNote];

const mapsOf = (value: unknown): JsonMap[] => (Array.isArray(value) ? value.filter(isMap) : []);

/** The use of CPU that a metric of a spec or a status names, if it is that one. */
function cpuOf(metric: JsonMap, part: 'target' | 'current'): unknown {
  const resource = mapOf(metric['resource']);
  if (metric['type'] !== 'Resource' || resource['name'] !== 'cpu') return undefined;
  return mapOf(resource[part])['averageUtilization'];
}

function show(kept: AnyObject): AnyObject {
  const { metrics, behavior, ...spec } = kept.spec ?? {};
  const { currentMetrics, conditions, ...status } = kept.status ?? {};
  const all = mapsOf(metrics);
  const cpu = all.find((one) => cpuOf(one, 'target') !== undefined);
  const others = all.filter((one) => cpuOf(one, 'target') === undefined);
  const current = mapsOf(currentMetrics);
  const used = current.find((one) => cpuOf(one, 'current') !== undefined);
  const added: Record<string, string> = {};
  if (isMap(behavior)) added[behaviorNote] = JSON.stringify(noteBehavior(behavior));
  if (mapsOf(conditions).length > 0) added[conditionsNote] = JSON.stringify(conditions);
  if (current.length > 0) added[currentNote] = JSON.stringify(current.map(buildOldStatus));
  if (others.length > 0) added[metricsNote] = JSON.stringify(others.map(buildOldMetric));
  return withNotes(kept, {
    apiVersion: 'autoscaling/v1',
    spec: {
      ...spec,
      ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpuOf(cpu, 'target') }),
    },
    status: {
      currentReplicas: 0,
      desiredReplicas: 0,
      ...status,
      ...(used !== undefined && { currentCPUUtilizationPercentage: cpuOf(used, 'current') }),
    },
    notes: added,
  });
}

function keep(shown: AnyObject): AnyObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = shown.spec ?? {};
  const { currentCPUUtilizationPercentage: used, ...status } = shown.status ?? {};
  const noted = (note: string): unknown => readNote(shown.metadata.annotations?.[note]);
  const cpu = (part: string, averageUtilization: unknown) => ({
    type: 'Resource',
    resource: {
      name: 'cpu',
      [part]: { ...(part === 'target' && { type: 'Utilization' }), averageUtilization },
    },
  });
  const metrics = mapsOf(noted(metricsNote)).map(buildMetric);
  if (target !== undefined) metrics.push(cpu('target', target));
  const current = mapsOf(noted(currentNote)).map(buildMetricStatus);
  if (current.length === 0 && used !== undefined) current.push(cpu('current', used));
  const conditions = mapsOf(noted(conditionsNote));
  const behavior = readBehavior(noted(behaviorNote));
  if (status['currentReplicas'] === 0) delete status['currentReplicas'];
  return withNotes(shown, {
    apiVersion: 'autoscaling/v2',
    spec: {
      ...spec,
      ...(metrics.length > 0 && { metrics }),
      ...(isMap(behavior) && { behavior }),
    },
    status: {
      ...status,
      currentMetrics: current.length > 0 ? current : null,
      ...(conditions.length > 0 && { conditions }),
    },
    notes: {},
  });
}

interface Other {
  readonly apiVersion: string;
  readonly spec: JsonMap;
  readonly status: JsonMap;
  readonly notes: Readonly<Record<string, string>>;
}

/** The same object with another spec and status; what its own annotations said of either form is gone. */
function withNotes(object: AnyObject, { notes: added, ...rest }: Other): AnyObject {
  const { annotations: before, ...metadata } = object.metadata;
  const own = Object.entries(before ?? {}).filter(([name]) => !notes.includes(name));
  const annotations = { ...Object.fromEntries(own), ...added };
  return {
    ...object,
    ...rest,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
  };
}

/** Undefined where it is no JSON: Kubernetes drops what it can't read, too. */
function readNote(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Names of a behavior, in the order in which Kubernetes writes it down: as it has it in its own memory. */
const behaviorFields = ['scaleUp', 'scaleDown'];
const rulesFields = ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'];
const policyFields = ['type', 'value', 'periodSeconds'];
const capital = (name: string): string => `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}`;

function noteBehavior(behavior: JsonMap): JsonMap {
  const noteAll = (fields: readonly string[], value: unknown): JsonMap | null => {
    if (!isMap(value)) return null;
    return Object.fromEntries(fields.map((one) => [capital(one), value[one] ?? null]));
  };
  const rules = (value: unknown): JsonMap | null => {
    const noted = noteAll(rulesFields, value);
    if (noted === null) return null;
    const policies = mapsOf(noted['Policies']).map((one) => noteAll(policyFields, one));
    return { ...noted, Policies: policies };
  };
  return Object.fromEntries(behaviorFields.map((one) => [capital(one), rules(behavior[one])]));
}

/** The way back: what is null there isn't set. */
function readBehavior(noted: unknown): unknown {
  if (Array.isArray(noted)) return noted.map(readBehavior);
  if (!isMap(noted)) return noted;
  const given = Object.entries(noted).filter(([, value]) => value !== null);
  return Object.fromEntries(
    given.map(([name, value]) => [
      `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`,
      readBehavior(value),
    ]),
  );
}

export const autoscalerView: ResourceView = {
  home: 'autoscaling/horizontalpodautoscalers',
  show,
  keep,
};
