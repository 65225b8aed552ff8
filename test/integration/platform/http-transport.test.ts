// The transport over HTTP, where the other end stops talking.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpTransport } from '../../../platform/kube/http-transport.ts';

let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(200).flushHeaders());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('HttpTransport', () => {
  it('gives up a watch that has said nothing for too long', async () => {
    const transport = new HttpTransport({ server: url, watchSilenceMsMax: 100 });
    const watching = transport.watch({ method: 'GET', path: '/api/v1/pods' }, () => undefined);
    await expect(watching).rejects.toMatchObject({ code: 'UND_ERR_BODY_TIMEOUT' });
    await transport.close();
  });
});
