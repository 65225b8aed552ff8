// Finds the API server and the credentials: a kubeconfig file, or the service account of a pod.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { HttpTransport, type HttpTransportOptions } from './http-transport.ts';

const serviceAccountDir = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Kubernetes rotates a projected token about hourly; a minute's staleness is far inside its life. */
const tokenReadEveryMs = 60_000;

type Entry = { name: string } & Record<string, unknown>;
interface KubeConfigFile {
  'current-context'?: string;
  contexts?: Entry[];
  clusters?: Entry[];
  users?: Entry[];
}

/**
 * KUBECONFIG (one file), else the pod's service account.
 * Throws when neither is there, or when the file misses what its context names.
 */
export function loadTransport(env: Record<string, string | undefined>): HttpTransport {
  const path = env['KUBECONFIG'];
  if (path !== undefined && path !== '') return new HttpTransport(readKubeconfig(path));
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'];
  if (host !== undefined && port !== undefined) return new HttpTransport(inCluster(host, port));
  throw new Error('no Kubernetes API to talk to: set KUBECONFIG to a file, or run inside a pod');
}

function inCluster(host: string, port: string): HttpTransportOptions {
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    server: `https://${name}:${port}`,
    ca: readFileSync(`${serviceAccountDir}/ca.crt`, 'utf8'),
    readToken: cachedFile(`${serviceAccountDir}/token`),
  };
}

/** Reads one context of a kubeconfig: server, CA, and a token or a client certificate. */
export function readKubeconfig(path: string): HttpTransportOptions {
  const config = parse(readFileSync(path, 'utf8')) as KubeConfigFile;
  const base = dirname(path);
  const pick = (list: Entry[] | undefined, name: unknown, field: string) => {
    const entry = list?.find((one) => one.name === name);
    if (entry === undefined)
      throw new Error(`kubeconfig ${path}: no ${field} named "${String(name)}"`);
    return (entry[field] ?? {}) as Record<string, string | boolean | undefined>;
  };
  const context = pick(config.contexts, config['current-context'], 'context');
  const cluster = pick(config.clusters, context['cluster'], 'cluster');
  const user = pick(config.users, context['user'], 'user');
  const file = (name: string, from: typeof cluster): string | undefined => {
    const data = from[`${name}-data`];
    if (typeof data === 'string') return Buffer.from(data, 'base64').toString('utf8');
    const at = from[name];
    return typeof at === 'string' ? readFileSync(resolve(base, at), 'utf8') : undefined;
  };
  const tokenFile = user['tokenFile'];
  const token = user['token'];
  return {
    server: String(cluster['server']),
    ca: file('certificate-authority', cluster),
    cert: file('client-certificate', user),
    key: file('client-key', user),
    readToken:
      typeof tokenFile === 'string'
        ? cachedFile(resolve(base, tokenFile))
        : () => (typeof token === 'string' ? token : undefined),
    skipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
  };
}

function cachedFile(path: string): () => string {
  let text = '';
  let readAtMs = -Infinity;
  return () => {
    // The monotonic clock, since a jump of the wall clock must not keep an old token.
    const nowMs = performance.now();
    if (nowMs - readAtMs > tokenReadEveryMs && statSync(path).size > 0) {
      text = readFileSync(path, 'utf8').trim();
      readAtMs = nowMs;
    }
    return text;
  };
}
