// Which columns kubectl shows for HorizontalPodAutoscalers, with the targets of their metrics as text.

import type { KubeObject } from '../../../api/kubernetes.ts';
import { buildAge } from './build-age.ts';
import type { KindTable } from './build-kind-cells.ts';

interface Values {
  value?: string;
  averageValue?: string;
  averageUtilization?: number;
}

interface MetricPart {
  name?: string;
  target?: Values;
  current?: Values;
}

type Metric = Partial<Record<(typeof kinds)[number], MetricPart>>;

interface Autoscaler extends KubeObject {
  spec?: {
    scaleTargetRef?: { kind?: string; name?: string };
    minReplicas?: number;
    maxReplicas?: number;
    metrics?: Metric[];
  };
  status?: { currentReplicas?: number; currentMetrics?: Metric[] | null };
}

const metricsShown = 2;
const kinds = ['external', 'pods', 'object', 'resource', 'containerResource'] as const;

export const autoscalers: KindTable<Autoscaler> = {
  columns: ['Name', 'Reference', 'Targets', 'MinPods', 'MaxPods', 'Replicas', 'Age'],
  cells: (one, nowMs) => {
    const { scaleTargetRef, minReplicas, maxReplicas, metrics } = one.spec ?? {};
    const { currentMetrics, currentReplicas } = one.status ?? {};
    return [
      one.metadata.name,
      `${scaleTargetRef?.kind ?? ''}/${scaleTargetRef?.name ?? ''}`,
      buildTargets(metrics ?? [], currentMetrics ?? []),
      minReplicas === undefined ? '<unset>' : String(minReplicas),
      maxReplicas ?? 0,
      currentReplicas ?? 0,
      buildAge(one.metadata.creationTimestamp, nowMs),
    ];
  },
};

function buildTargets(metrics: readonly Metric[], current: readonly Metric[]): string {
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((one, at) => buildTarget(one, current[at]));
  const more = texts.length - metricsShown;
  const shown = texts.slice(0, metricsShown).join(', ');
  return more > 0 ? `${shown} + ${more} more...` : shown;
}

function buildTarget(metric: Metric, now: Metric | undefined): string {
  const kind = kinds.find((one) => metric[one] !== undefined);
  if (kind === undefined) return '<unknown type>';
  const { name = '', target = {} } = metric[kind] ?? {};
  const current = now?.[kind]?.current ?? {};
  const isAverage = target.averageValue !== undefined;
  const ofEach = beside(current.averageValue, target.averageValue);
  if (kind === 'pods') return ofEach;
  if (kind === 'external' || kind === 'object') {
    return isAverage ? `${ofEach} (avg)` : beside(current.value, target.value);
  }
  const used = beside(percent(current.averageUtilization), percent(target.averageUtilization));
  return `${name}: ${isAverage ? ofEach : used}`;
}

function beside(current: string | undefined, target: string | undefined): string {
  return `${current ?? '<unknown>'}/${target ?? '<auto>'}`;
}

function percent(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}%`;
}
