// The informer: what it shows after lists, watches, gaps and broken connections.

import { describe, expect, it } from '@jest/globals';
import { configMaps } from '../../../api/resources.ts';
import type { ConfigMap } from '../../../api/kubernetes.ts';
import { KubeClient } from '../../../platform/kube/client.ts';
import { Informer, unservedMsMax, type Change } from '../../../platform/kube/informer.ts';
import { KubeError } from '../../../platform/kube/kube-error.ts';
import type {
  KubeRequest,
  KubeResponse,
  Transport,
  WatchEvent,
} from '../../../platform/kube/transport.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A server whose answers the test writes: lists from `objects`, watches held open until `end`. */
class ScriptedTransport implements Transport {
  objects: ConfigMap[] = [];
  resourceVersion = '1';
  lists = 0;
  /** Lists answer 404, as for a kind that was removed. */
  isServed = true;
  watches: { request: KubeRequest; emit: (event: WatchEvent) => void; end: (e?: Error) => void }[] =
    [];

  async request(_request: KubeRequest): Promise<KubeResponse> {
    this.lists += 1;
    if (!this.isServed) return { status: 404, body: { kind: 'Status' } };
    const metadata = { resourceVersion: this.resourceVersion };
    return { status: 200, body: { kind: 'ConfigMapList', metadata, items: this.objects } };
  }

  async watch(request: KubeRequest, onEvent: (event: WatchEvent) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      this.watches.push({ request, emit: onEvent, end });
    });
  }
}

const configMap = (name: string, version: string, value = ''): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', resourceVersion: version },
  data: { value },
});

async function start(objects: ConfigMap[]) {
  const transport = new ScriptedTransport();
  transport.objects = objects;
  const clock = new FakeClock();
  const informer = new Informer<ConfigMap>({
    client: new KubeClient(transport),
    resource: configMaps,
    clock,
  });
  informer.addIndex('value', (object) => [object.data?.['value'] ?? '']);
  const changes: string[] = [];
  informer.onChange((change: Change<ConfigMap>) =>
    changes.push(`${change.type} ${change.object.metadata.name}`),
  );
  const stop = new AbortController();
  informer.start(stop.signal);
  await informer.synced;
  await clock.advance(0);
  return { transport, clock, informer, changes, stop: () => stop.abort() };
}

describe('Informer', () => {
  it('lists, then follows additions, changes and deletions', async () => {
    const { transport, informer, changes, stop } = await start([configMap('a', '1', 'x')]);
    const watch = transport.watches[0];
    watch?.emit({ type: 'ADDED', object: configMap('b', '2', 'x') });
    watch?.emit({ type: 'MODIFIED', object: configMap('a', '3', 'y') });
    watch?.emit({ type: 'DELETED', object: configMap('b', '4', 'x') });
    expect(changes).toEqual(['added a', 'added b', 'modified a', 'deleted b']);
    expect(informer.get('default', 'a')?.data?.['value']).toBe('y');
    expect(informer.byIndex('value', 'x')).toEqual([]);
    expect(informer.byIndex('value', 'y')).toHaveLength(1);
    stop();
  });

  it('goes on from the last version it saw when the watch ends, without a new list', async () => {
    const { transport, clock, stop } = await start([]);
    transport.watches[0]?.emit({ type: 'ADDED', object: configMap('a', '7') });
    await clock.advance(2_000);
    transport.watches[0]?.end();
    await clock.advance(0);
    expect(transport.watches[1]?.request.query?.['resourceVersion']).toBe('7');
    expect(transport.lists).toBe(1);
    stop();
  });

  it('lists again when its version is too old, and tells what vanished in the gap', async () => {
    const { transport, clock, changes, informer, stop } = await start([
      configMap('a', '1'),
      configMap('b', '1'),
    ]);
    transport.objects = [configMap('b', '9'), configMap('c', '9')];
    transport.resourceVersion = '9';
    await clock.advance(2_000);
    transport.watches[0]?.emit({ type: 'ERROR', object: { kind: 'Status', code: 410 } });
    transport.watches[0]?.end();
    await clock.advance(0);
    expect(changes.slice(2).sort()).toEqual(['added c', 'deleted a', 'modified b']);
    expect(informer.list().map((one) => one.metadata.name)).toEqual(['b', 'c']);
    stop();
  });

  it('lists again when the server refuses the watch itself, with 410 as its status', async () => {
    const { transport, clock, changes, stop } = await start([configMap('a', '1')]);
    transport.objects = [configMap('b', '9')];
    transport.resourceVersion = '9';
    transport.watches[0]?.end(new KubeError(410, undefined, 'watch'));
    await clock.advance(50);
    expect(changes).toEqual(['added a', 'added b', 'deleted a']);
    expect(transport.watches[1]?.request.query?.['resourceVersion']).toBe('9');
    stop();
  });

  it('tells of an object that was made anew in the gap as deleted and added', async () => {
    const withUid = (uid: string, version: string): ConfigMap => {
      const object = configMap('a', version);
      return { ...object, metadata: { ...object.metadata, uid } };
    };
    const { transport, clock, changes, stop } = await start([withUid('first', '1')]);
    transport.objects = [withUid('second', '9')];
    transport.resourceVersion = '9';
    await clock.advance(2_000);
    transport.watches[0]?.emit({ type: 'ERROR', object: { kind: 'Status', code: 410 } });
    transport.watches[0]?.end();
    await clock.advance(0);
    expect(changes).toEqual(['added a', 'deleted a', 'added a']);
    stop();
  });

  it('backs off while the server is away and keeps showing what it had', async () => {
    const { transport, clock, informer, stop } = await start([configMap('a', '1')]);
    for (let i = 0; i < 6; i += 1) {
      transport.watches.at(-1)?.end(new Error('refused'));
      await clock.advance(0);
    }
    expect(transport.watches).toHaveLength(1);
    expect(informer.get('default', 'a')).toBeDefined();
    await clock.advance(50);
    expect(transport.watches).toHaveLength(2);
    stop();
  });

  it('drops everything when its kind stays unserved, and fills again when it comes back', async () => {
    const { transport, clock, informer, changes, stop } = await start([configMap('a', '1')]);
    transport.isServed = false;
    transport.watches[0]?.end(new KubeError(404, undefined, 'watch'));
    await clock.advance(unservedMsMax / 2);
    expect(informer.list()).toHaveLength(1);
    await clock.advance(unservedMsMax);
    expect(informer.list()).toEqual([]);
    transport.isServed = true;
    await clock.advance(5_000);
    expect(changes).toEqual(['added a', 'deleted a', 'added a']);
    stop();
  });

  it('keeps what it has through a time in which its kind is unknown for a moment only', async () => {
    const { transport, clock, changes, stop } = await start([configMap('a', '1')]);
    for (let i = 0; i < 4; i += 1) {
      transport.isServed = false;
      transport.watches.at(-1)?.end(new KubeError(404, undefined, 'watch'));
      await clock.advance(unservedMsMax / 2);
      transport.isServed = true;
      await clock.advance(5_000);
    }
    expect(changes).toEqual(['added a']);
    stop();
  });

  it('does not loop when a server ends every watch at once', async () => {
    const { transport, clock, stop } = await start([]);
    for (let i = 0; i < 5; i += 1) {
      transport.watches.at(-1)?.end();
      await clock.advance(10);
    }
    expect(transport.watches.length).toBeLessThan(3);
    stop();
  });

  it('says nothing about an object that did not change', async () => {
    const { transport, changes, stop } = await start([configMap('a', '1')]);
    transport.watches[0]?.emit({ type: 'MODIFIED', object: configMap('a', '1') });
    transport.watches[0]?.emit({ type: 'BOOKMARK', object: configMap('', '5') });
    expect(changes).toEqual(['added a']);
    stop();
  });
});
