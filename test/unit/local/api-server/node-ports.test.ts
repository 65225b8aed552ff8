// Node ports of Services: given, refused, kept over updates and given back, with kube-apiserver's sentences.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AnyObject } from '../../../../local/api-server/any-object.ts';
import { createInProcessTransport } from '../../../../local/api-server/in-process-transport.ts';
import type { KubeRequest, KubeResponse } from '../../../../platform/kube/transport.ts';
import { createTestServer } from './test-server.ts';

const path = '/api/v1/namespaces/default/services';
let server: ReturnType<typeof createTestServer>;

beforeEach(() => {
  server = createTestServer();
});
afterEach(() => server.close());

type Sent = KubeResponse & { body: AnyObject & { message?: string } };

async function send(method: KubeRequest['method'], at: string, body?: unknown): Promise<Sent> {
  return (await createInProcessTransport(server).request({ method, path: at, body })) as Sent;
}

interface Port {
  name: string;
  nodePort?: number;
}

const create = (name: string, ports: object[], spec: object = {}): Promise<Sent> =>
  send('POST', path, {
    metadata: { name },
    spec: {
      type: 'NodePort',
      selector: { a: 'b' },
      ports: ports.map((one) => ({ name: 'http', port: 80, ...one })),
      ...spec,
    },
  });
const portsOf = ({ body }: Sent): Port[] => body.spec?.['ports'] as Port[];

describe('node ports', () => {
  it('are chosen from the range where none is asked for, each once', async () => {
    const answers = [];
    for (let index = 0; index < 20; index += 1) answers.push(await create(`s${index}`, [{}]));
    const numbers = answers.map((one) => portsOf(one)[0]?.nodePort ?? 0);
    expect(numbers.every((one) => one >= 30_000 && one <= 32_767)).toBe(true);
    expect(new Set(numbers).size).toBe(20);
    const headed = await create('c', [{}], { type: 'ClusterIP' });
    expect(portsOf(headed)[0]).not.toHaveProperty('nodePort');
  });

  it('are refused when another Service has them, when out of range, and twice in one Service', async () => {
    expect((await create('a', [{ nodePort: 30_977 }])).status).toBe(201);
    const taken = await create('b', [{ nodePort: 30_977 }]);
    expect([taken.status, taken.body.message]).toEqual([
      422,
      'Service "b" is invalid: spec.ports[0].nodePort: Invalid value: 30977: provided port is already allocated',
    ]);
    for (const nodePort of [8080, 99_999, -5]) {
      const { body } = await create('b', [{ nodePort }]);
      expect(body.message).toBe(
        `Service "b" is invalid: spec.ports[0].nodePort: Invalid value: ${nodePort}: provided port is not in the valid range. The range of valid ports is 30000-32767`,
      );
    }
    const twice = [{ nodePort: 30_978 }, { name: 'h2', port: 81, nodePort: 30_978 }];
    expect((await create('f', twice)).body.message).toContain(
      'spec.ports[1].nodePort: Invalid value: 30978: provided port is already allocated',
    );
    const two = [{ nodePort: 30_979 }, { name: 'u', nodePort: 30_979, protocol: 'UDP' }];
    expect((await create('u', two)).status).toBe(201);
    expect((await create('g', [{}], { clusterIP: 'None' })).body.message).toContain(
      `Invalid value: "None": may not be set to 'None' for NodePort services`,
    );
  });

  it('are free again after a delete and after a change of the number', async () => {
    await create('a', [{ nodePort: 30_100 }]);
    const port = [{ name: 'http', port: 80, nodePort: 30_101 }];
    expect((await send('PATCH', `${path}/a`, { spec: { ports: port } })).status).toBe(200);
    expect((await create('b', [{ nodePort: 30_100 }])).status).toBe(201);
    expect((await create('c', [{ nodePort: 30_101 }])).status).toBe(422);
    await send('DELETE', `${path}/a`);
    expect((await create('c', [{ nodePort: 30_101 }])).status).toBe(201);
  });

  it('stay over an update that does not name them, and go with the type', async () => {
    const [before] = portsOf(await create('a', [{}]));
    const ports = [{ name: 'http', port: 8080 }];
    const updated = await send('PATCH', `${path}/a`, { spec: { ports } });
    expect(portsOf(updated)[0]?.nodePort).toBe(before?.nodePort);
    const inside = await send('PATCH', `${path}/a`, { spec: { type: 'ClusterIP' } });
    expect(inside.status).toBe(200);
    expect(portsOf(inside)[0]).not.toHaveProperty('nodePort');
    expect(inside.body.spec).not.toHaveProperty('externalTrafficPolicy');
    const outside = await send('PATCH', `${path}/a`, { spec: { type: 'LoadBalancer' } });
    expect(portsOf(outside)[0]?.nodePort).toBeGreaterThanOrEqual(30_000);
  });
});
