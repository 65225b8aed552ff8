// Asks the cluster that KUBECONFIG names for its answers to the cases, and prints them as JSON lines; see README.md.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { parse } from 'yaml';
import { builtinCases } from './builtin-cases.ts';
import { customCases } from './custom-cases.ts';
import { thingDefinition } from './thing-definition.ts';
import { runCase } from './run-case.ts';
import type { Sent } from './run-case.ts';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

const config = parse(readFileSync(process.env['KUBECONFIG'] ?? '', 'utf8')) as Kubeconfig;
const cluster = config.clusters[0]?.cluster;
const user = config.users[0]?.user;
if (cluster === undefined || user === undefined) throw new Error('KUBECONFIG names no cluster');
const decode = (text: string): Buffer => Buffer.from(text, 'base64');

function send(sent: Sent): Promise<{ code: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${cluster?.server}${sent.path}`,
      {
        method: sent.method,
        ca: decode(cluster?.['certificate-authority-data'] ?? ''),
        cert: decode(user?.['client-certificate-data'] ?? ''),
        key: decode(user?.['client-key-data'] ?? ''),
        headers: { 'Content-Type': sent.contentType, 'User-Agent': sent.userAgent },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          // A definition that isn't served yet is answered with a plain text.
          const body: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
          resolve({ code: incoming.statusCode ?? 0, body });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent.body === undefined ? undefined : JSON.stringify(sent.body));
  });
}

const json = { contentType: 'application/json', userAgent: 'recorder' };
const namespace = `ssa-${randomBytes(3).toString('hex')}`;
const namespaces = '/api/v1/namespaces';
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
await send({
  ...json,
  method: 'POST',
  path: namespaces,
  body: { metadata: { name: namespace }, kind: 'Namespace', apiVersion: 'v1' },
});
await send({ ...json, method: 'POST', path: definitions, body: thingDefinition });
const things = `/apis/apply.rouse.test/v1/namespaces/${namespace}/things`;
while ((await send({ ...json, method: 'GET', path: things, body: undefined })).code !== 200);
for (const one of [...builtinCases, ...customCases]) {
  const answers = await runCase(one, namespace, send);
  process.stdout.write(`${JSON.stringify({ name: one.name, answers })}\n`);
}
await send({
  ...json,
  method: 'DELETE',
  path: `${definitions}/things.apply.rouse.test`,
  body: undefined,
});
await send({ ...json, method: 'DELETE', path: `${namespaces}/${namespace}`, body: undefined });
