// The platform's keys: made once, by whichever controller comes first, and read by all.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import type { Secret } from '../../api/kubernetes.ts';
import { labels, managedByRouse, system } from '../../api/names.ts';
import { secrets } from '../../api/resources.ts';
import type { KeySecretData } from '../../api/wire.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { isKubeError } from '../../platform/kube/kube-error.ts';

export interface Keys {
  readonly controlPrivateKey: KeyObject;
  /** Raw 32 bytes in base64. */
  readonly controlPublicKey: string;
  readonly internalToken: string;
}

/** The SPKI form of an Ed25519 key is a fixed head and the 32 raw bytes. */
const rawKeyBytes = 32;
const tokenBytes = 32;

/** Makes the Secret when it is missing; when another controller was faster, its keys hold. Throws on a broken one. */
export async function ensureKeys(client: KubeClient, namespace: string): Promise<Keys> {
  const ref = { namespace, name: system.keySecret };
  const found = await client.getOrUndefined(secrets, ref);
  if (found !== undefined) return parseKeys(found);
  try {
    return parseKeys(await client.create(secrets, buildSecret(namespace)));
  } catch (error) {
    if (!isKubeError(error, 409)) throw error;
    return parseKeys(await client.get(secrets, ref));
  }
}

function buildSecret(namespace: string): Secret {
  const { privateKey } = generateKeyPairSync('ed25519');
  const data: KeySecretData = {
    controlPrivateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    controlPublicKey: rawPublicKey(privateKey),
    internalToken: randomBytes(tokenBytes).toString('base64url'),
  };
  const encoded = Object.entries(data).map(([key, text]: [string, string]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: system.keySecret, namespace, labels: { [labels.managedBy]: managedByRouse } },
    data: Object.fromEntries(encoded) as Record<string, string>,
  };
}

function parseKeys(secret: Secret): Keys {
  const read = (key: keyof KeySecretData): string => {
    const text = Buffer.from(secret.data?.[key] ?? '', 'base64').toString('utf8');
    if (text !== '') return text;
    const { namespace, name } = secret.metadata;
    throw new Error(
      `Secret ${namespace}/${name} has no ${key}; delete it, and the controller makes a new one`,
    );
  };
  const controlPrivateKey = createPrivateKey(read('controlPrivateKey'));
  return {
    controlPrivateKey,
    controlPublicKey: rawPublicKey(controlPrivateKey),
    internalToken: read('internalToken'),
  };
}

function rawPublicKey(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return spki.subarray(-rawKeyBytes).toString('base64');
}
