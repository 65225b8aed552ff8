// Kinds that are served in two forms, kept as one: Events in two groups, HorizontalPodAutoscalers in two versions.

import { conformanceCase } from '../conformance-case.ts';
import type { ConformanceArea } from '../conformance-case.ts';

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const applyType = 'application/apply-patch+yaml';

export const views: ConformanceArea = {
  name: 'views',
  cases: [
    conformanceCase('keeps one Event for two groups', async (api) => {
      const ev = `/apis/events.k8s.io/v1/namespaces/${api.ns}/events`;
      const core = `${api.core}/events`;
      const regarding = { kind: 'ConfigMap', namespace: api.ns, name: 'one', apiVersion: 'v1' };
      const full = {
        regarding,
        type: 'Normal',
        reason: 'Tried',
        action: 'Trying',
        note: 'hello',
        reportingController: 'example.com/me',
        reportingInstance: 'me-1',
        eventTime: '2020-01-01T00:00:00.000000Z',
      };
      await api.post(ev, { metadata: { name: 'full' }, ...full });
      await api.get(`${core}/full`);
      await api.get(`${ev}/full`);
      await api.post(core, {
        metadata: { name: 'old' },
        involvedObject: regarding,
        message: 'hi',
        reason: 'Old',
        count: 3,
        source: { component: 'c', host: 'h' },
        firstTimestamp: '2020-01-01T00:00:00Z',
        lastTimestamp: '2020-01-02T00:00:00Z',
        type: 'Warning',
        related: regarding,
      });
      await api.get(`${ev}/old`);
      await api.post(ev, { metadata: { name: 'bare' }, regarding });
      await api.post(ev, {
        metadata: { name: 'b2' },
        ...full,
        type: 'Nonsense',
        reportingController: 'x y',
        note: 'a'.repeat(1025),
      });
      await api.post(ev, {
        metadata: { name: 'b3' },
        ...full,
        regarding: { ...regarding, namespace: 'other' },
        deprecatedSource: { component: 'x' },
        deprecatedCount: 3,
        deprecatedFirstTimestamp: '2020-01-01T00:00:00Z',
        deprecatedLastTimestamp: '2020-01-01T00:00:00Z',
      });
      await api.post(`${ev}?fieldValidation=Strict`, {
        metadata: { name: 'b4' },
        ...full,
        message: 'no',
      });
      await api.post(ev, { metadata: { name: 'b5' }, ...full, note: 5 });
      await api.post(ev, { metadata: { name: 'b6' }, ...full, series: { count: 'x' } });
      await api.patch(`${ev}/full`, 'merge', {
        series: { count: 2, lastObservedTime: '2020-01-03T00:00:00.000000Z' },
      });
      await api.patch(`${ev}/full`, 'merge', { note: 'changed' });
      await api.patch(`${ev}/full`, 'strategic', {
        metadata: { labels: { a: 'b' } },
        series: { count: 3, lastObservedTime: '2020-01-03T00:00:00.000000Z' },
      });
      await api.patch(`${ev}/old`, 'merge', { deprecatedCount: 5 });
      await api.patch(`${core}/full`, 'merge', { message: 'changed' });
      await api.get(`${ev}?fieldSelector=reason%3DTried`);
      await api.get(`${ev}?fieldSelector=regarding.name=one,type=Warning`);
      await api.get(`${ev}?fieldSelector=involvedObject.name=one`);
      await api.get(`${ev}?fieldSelector=reportingController=example.com/me`);
      await api.get(ev);
      await api.get(core);
      await api.get(`${ev}/absent`);
      await api.delete(`${ev}/absent`);
      await api.post(ev, { metadata: { name: 'full' }, ...full });
      await api.patch(`${ev}/applied?fieldManager=a`, applyType, {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'applied' },
        ...full,
      });
      await api.patch(`${ev}/applied?fieldManager=b`, applyType, {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: 'applied' },
        note: 'x',
      });
      await api.watch(`${ev}?watch=true&fieldSelector=reason=Tried`, { events: 3 }, async () => {
        await api.quietly('DELETE', `${core}/full`);
      });
      await api.delete(`${ev}/old`);
      await api.delete(ev);
      await api.get(core);
    }),
    conformanceCase('keeps one autoscaler for two versions', async (api) => {
      const h1 = `/apis/autoscaling/v1/namespaces/${api.ns}/horizontalpodautoscalers`,
        h2 = h1.replace('/v1/', '/v2/');
      const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' };
      const both = async (name: string) => {
        await api.get(`${h1}/${name}`);
        await api.get(`${h2}/${name}`);
      };
      await api.post(h1, { metadata: { name: 'a' }, spec: { scaleTargetRef, maxReplicas: 3 } });
      await both('a');
      await api.post(h1, {
        metadata: { name: 'b' },
        spec: {
          scaleTargetRef,
          minReplicas: 2,
          maxReplicas: 3,
          targetCPUUtilizationPercentage: 50,
        },
      });
      await both('b');
      const target = { type: 'AverageValue', averageValue: '5' };
      await api.post(h2, {
        metadata: { name: 'c', annotations: { mine: 'x' } },
        spec: {
          scaleTargetRef,
          maxReplicas: 3,
          behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
          metrics: [
            {
              type: 'Resource',
              resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 60 } },
            },
            {
              type: 'Resource',
              resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 61 } },
            },
            { type: 'Resource', resource: { name: 'cpu', target } },
            {
              type: 'Pods',
              pods: { metric: { name: 'p', selector: { matchLabels: { a: 'b' } } }, target },
            },
            {
              type: 'Object',
              object: {
                metric: { name: 'o' },
                describedObject: scaleTargetRef,
                target: { type: 'Value', value: '7' },
              },
            },
            {
              type: 'Object',
              object: { metric: { name: 'o' }, describedObject: scaleTargetRef, target },
            },
            {
              type: 'External',
              external: {
                metric: { name: 'e', selector: { matchLabels: { a: 'b' } } },
                target: { type: 'Value', value: '7' },
              },
            },
            { type: 'External', external: { metric: { name: 'e' }, target } },
            {
              type: 'ContainerResource',
              containerResource: {
                name: 'cpu',
                container: 'main',
                target: { type: 'Utilization', averageUtilization: 60 },
              },
            },
          ],
        },
      });
      await both('c');
      await api.patch(`${h1}/c`, 'merge', { spec: { maxReplicas: 4 } });
      await api.patch(`${h1}/c`, 'merge', { spec: { targetCPUUtilizationPercentage: 10 } });
      await api.patch(`${h1}/c`, 'merge', {
        metadata: { annotations: { 'autoscaling.alpha.kubernetes.io/metrics': 'nonsense' } },
      });
      await both('c');
      await api.patch(`${h1}/c`, 'merge', { metadata: { annotations: null } });
      await both('c');
      await api.patch(`${h2}/b/status`, 'merge', {
        status: {
          currentReplicas: 1,
          desiredReplicas: 2,
          currentMetrics: [
            {
              type: 'Resource',
              resource: { name: 'cpu', current: { averageUtilization: 61, averageValue: '3' } },
            },
            { type: 'Resource', resource: { name: 'memory', current: { averageValue: '3' } } },
            { type: 'Pods', pods: { metric: { name: 'p' }, current: { averageValue: '3' } } },
            {
              type: 'Object',
              object: {
                metric: { name: 'p' },
                describedObject: scaleTargetRef,
                current: { value: '3', averageValue: '4' },
              },
            },
            {
              type: 'External',
              external: { metric: { name: 'p' }, current: { value: '3', averageValue: '4' } },
            },
          ],
          conditions: [
            {
              type: 'AbleToScale',
              status: 'True',
              lastTransitionTime: '2020-01-01T00:00:00Z',
              reason: 'x',
              message: 'y',
            },
          ],
        },
      });
      await both('b');
      await api.patch(`${h1}/b/status`, 'merge', { status: { currentReplicas: 5 } });
      await both('b');
      await api.patch(`${h1}/a/status`, 'merge', {
        status: { currentReplicas: 5, desiredReplicas: 6, currentCPUUtilizationPercentage: 7 },
      });
      await both('a');
      await api.get(h1);
      await api.get(h2);
      await api.get(h1, { headers: { Accept: tableType } });
      await api.post(h1, {
        metadata: { name: 'd' },
        spec: { scaleTargetRef, maxReplicas: 0, targetCPUUtilizationPercentage: 0 },
      });
      await api.post(h1, { metadata: { name: 'd' }, spec: { scaleTargetRef, maxReplicas: 'x' } });
      await api.post(`${h1}?fieldValidation=Strict`, {
        metadata: { name: 'd' },
        spec: { scaleTargetRef, maxReplicas: 2, metrics: [] },
      });
      await api.get(`${h1}/absent`);
      await api.delete(`${h1}/a`);
    }),
  ],
};
