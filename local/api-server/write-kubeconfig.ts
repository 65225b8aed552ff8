// Writes the kubeconfig an ordinary kubectl uses to reach the local cluster.

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { writePrivate } from './certificates.ts';

export interface KubeconfigOptions {
  readonly path: string;
  /** https://127.0.0.1:PORT */
  readonly url: string;
  /** PEM text of the CA. */
  readonly ca: string;
  readonly token: string;
}

/** Mode 0600: the token in it may do everything. */
export async function writeKubeconfig(options: KubeconfigOptions): Promise<void> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'rouse',
        cluster: {
          server: options.url,
          'certificate-authority-data': Buffer.from(options.ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'rouse-admin', user: { token: options.token } }],
    contexts: [
      { name: 'rouse', context: { cluster: 'rouse', user: 'rouse-admin', namespace: 'default' } },
    ],
    'current-context': 'rouse',
  };
  await mkdir(dirname(options.path), { recursive: true });
  await writePrivate(options.path, stringify(config));
}
