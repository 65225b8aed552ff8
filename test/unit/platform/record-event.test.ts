// Events: repeats are counted on one object, for as long as Kubernetes keeps it.

import { describe, expect, it } from '@jest/globals';
import type { KubeEvent } from '../../../api/kubernetes.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { EventRecorder, goodNewsDelayMs } from '../../../platform/kube/record-event.ts';
import type { KubeRequest, KubeResponse, Transport } from '../../../platform/kube/transport.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Keeps Events by name; a PATCH of one that isn't there gets 404, as on a real server. */
class EventServer implements Transport {
  readonly events = new Map<string, KubeEvent>();

  request({ method, path, body }: KubeRequest): Promise<KubeResponse> {
    const name = path.split('/').at(-1) ?? '';
    if (method === 'POST') this.events.set((body as KubeEvent).metadata.name, body as KubeEvent);
    const found = this.events.get(name);
    if (method === 'PATCH' && found === undefined) {
      return Promise.resolve({ status: 404, body: { kind: 'Status', reason: 'NotFound' } });
    }
    if (method === 'PATCH') this.events.set(name, { ...found, ...(body as object) } as KubeEvent);
    return Promise.resolve({ status: 200, body });
  }

  watch(): Promise<void> {
    return Promise.reject(new Error('nobody watches here'));
  }
}

function start() {
  const server = new EventServer();
  const clock = new FakeClock();
  const client = new KubeClient(server);
  const recorder = new EventRecorder({ client, component: 'test', log: silentLog, clock });
  const object = {
    apiVersion: 'rouse.dev/v1alpha1',
    kind: 'Function',
    metadata: { name: 'hello', namespace: 'default', uid: 'one' },
  };
  const record = (type: 'Normal' | 'Warning' = 'Normal'): void =>
    recorder.record({ object, type, reason: 'ScaledUp', message: 'from 0 to 1' });
  const counts = (): (number | undefined)[] => [...server.events.values()].map((one) => one.count);
  return { server, clock, record, counts };
}

describe('EventRecorder', () => {
  it('counts repeats on one Event, also those in the same moment', async () => {
    const { clock, record, counts } = start();
    for (let i = 0; i < 3; i += 1) record();
    await clock.advance(goodNewsDelayMs);
    expect(counts()).toEqual([3]);
  });

  it('writes warnings at once, and good news when what happened has had the processors', async () => {
    const { clock, record, counts, server } = start();
    record('Warning');
    record('Normal');
    await clock.advance(0);
    expect(counts()).toEqual([1]);
    await clock.advance(goodNewsDelayMs);
    const [warning, news] = [...server.events.values()];
    expect(news?.type).toBe('Normal');
    expect(news?.firstTimestamp).toBe(warning?.firstTimestamp);
  });

  it('writes a new Event when Kubernetes has deleted the old one', async () => {
    const { server, clock, record, counts } = start();
    record();
    await clock.advance(3_600_000);
    server.events.clear();
    record();
    await clock.advance(goodNewsDelayMs);
    expect(counts()).toEqual([1]);
    record();
    await clock.advance(goodNewsDelayMs);
    expect(counts()).toEqual([2]);
  });
});
