// Runs the API server alone, without workloads or a kubelet: for trying it out and for its own tests.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createLog } from '../../platform/process/log.ts';
import { startApiServer } from './api-server.ts';
import { ensureCertificates } from './certificates.ts';
import { writeKubeconfig } from './write-kubeconfig.ts';

const folder = process.argv[2] ?? '.rouse';
const port = Number(process.argv[3] ?? 0);
await mkdir(folder, { recursive: true });
const token = randomBytes(24).toString('base64url');
const tls = await ensureCertificates({ folder: join(folder, 'pki'), nowMs: Date.now() });
const log = createLog({ component: 'api-server' });
const server = await startApiServer({
  storagePath: join(folder, 'cluster.db'),
  port,
  token,
  tls,
  log,
});
const path = join(folder, 'kubeconfig');
await writeKubeconfig({ path, url: server.url, ca: tls.ca, token });
log.info({ url: server.url, kubeconfig: path }, 'ready');
process.once('SIGTERM', () => void server.close());
process.once('SIGINT', () => void server.close());
