// Ports for pods, against real sockets: never another program's, never two pods'.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pod } from '../../../api/kubernetes.ts';
import { derivePortNext, derivePortStart } from '../../../local/kubelet/derive-port-order.ts';
import { HostPorts } from '../../../local/kubelet/host-ports.ts';
import { silentLog } from '../../../platform/process/log.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const home = '/a/folder/of/its/own';
const address = '127.0.0.1';

function podWith(uid: string, hostPort: number): Pod {
  const ports = [{ containerPort: 8080, hostPort }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: uid, uid },
    spec: { containers: [{ name: 'c', ports }] },
  };
}

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  return server;
}

describe('HostPorts', () => {
  const clock = new FakeClock();
  const cleanups: (() => void)[] = [];
  const start = async (at = home): Promise<HostPorts> => {
    const ports = new HostPorts({ home: at, clock, log: silentLog });
    cleanups.push(() => ports.stop());
    await ports.start();
    return ports;
  };

  /** A home whose first two ports were free until now: other tests and programs use the range too. */
  const occupyStart = async (): Promise<{ at: string; first: number; second: number }> => {
    for (let tries = 0; tries < 50; tries += 1) {
      const at = `${home}/${tries}`;
      const first = derivePortStart(at);
      const second = derivePortNext(first);
      try {
        const one = await listen(first, address);
        cleanups.push(() => one.close());
        const two = await listen(second, '0.0.0.0');
        cleanups.push(() => two.close());
        return { at, first, second };
      } catch {
        continue;
      }
    }
    throw new Error('no two free ports in a row after 50 tries');
  };

  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });

  it('leaves ports alone on which another program listens, on one address or on all', async () => {
    const { at, first, second } = await occupyStart();
    const ports = await start(at);
    const taken = Array.from({ length: 20 }, (_, index) => ports.take(`uid-${index}`));
    expect(taken).not.toContain(first);
    expect(taken).not.toContain(second);
    expect(new Set(taken).size).toBe(20);
  });

  it('gives a port that can be bound at once', async () => {
    const ports = await start();
    const server = await listen(ports.take('uid'), address);
    cleanups.push(() => server.close());
    expect(server.listening).toBe(true);
  });

  it('never gives two clusters the same ports, not even from the same home', async () => {
    const [one, two] = [await start(), await start()];
    const taken = [1, 2, 3].flatMap((index) => [one.take(`a${index}`), two.take(`b${index}`)]);
    expect(new Set(taken).size).toBe(6);
  });

  it('gives no port that a pod holds, until the pod goes', async () => {
    const ports = await start();
    const held = ports.take('held');
    ports.hold(podWith('held', held));
    await clock.advance(60_000);
    const others = Array.from({ length: 200 }, (_, index) => ports.take(`uid-${index}`));
    expect(others).not.toContain(held);
    expect(new Set(others).size).toBe(200);
  });
});
