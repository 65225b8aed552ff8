// The port for operators: metrics, liveness and readiness. Never reachable through the gateway.

import { createServer, type Server } from 'node:http';
import express from 'express';
import type { Registry } from 'prom-client';

export interface AdminPorts {
  readonly registry: Registry;
  /** `undefined` when it takes requests, else what it still waits for. */
  readonly findObstacle: () => string | undefined;
  /** What the cluster doesn't let it do at the moment; it stays ready, for what it can. */
  readonly findProblem?: () => string | undefined;
}

export function createAdminServer(ports: AdminPorts): Server {
  const app = express();
  app.disable('x-powered-by');
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const obstacle = ports.findObstacle();
    const status = obstacle === undefined ? 200 : 503;
    const problem = ports.findProblem?.();
    const ok = problem === undefined ? 'ok' : `ok, but:\n${problem}`;
    response
      .status(status)
      .type('text/plain')
      .send(`${obstacle ?? ok}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(ports.registry.contentType).send(await ports.registry.metrics());
  });
  return createServer(app);
}
