// A pod's own access to the API server: its service account's token, in files of the pod's folder instead of a volume.

import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { KubeObject, Pod, Resource } from '../../api/kubernetes.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { systemClock, type Clock, type Timer } from '../../platform/process/clock.ts';
import type { Log } from '../../platform/process/log.ts';
import { podFolder } from './pod-ports.ts';

/** How the API server is reached over the network. */
export interface ApiAddress {
  /** For example https://127.0.0.1:6444 */
  readonly url: string;
  /** PEM text of the CA. */
  readonly ca: string;
}

interface ServiceAccount extends KubeObject {
  automountServiceAccountToken?: boolean;
}

interface TokenRequest extends KubeObject {
  spec: { expirationSeconds: number };
  status?: { token?: string };
}

const serviceAccounts: Resource<ServiceAccount> = {
  group: '',
  version: 'v1',
  plural: 'serviceaccounts',
  kind: 'ServiceAccount',
  namespaced: true,
};

/** Kubernetes' own: an hour, and a new one when four fifths have passed. */
const tokenSeconds = 3_600;
const renewMs = tokenSeconds * 0.8 * 1000;
const retryMs = 10_000;
/** In the pod's folder. */
const folderName = 'serviceaccount';

export interface AccountCredentialsOptions {
  readonly client: KubeClient;
  readonly api: ApiAddress;
  readonly podsFolder: string;
  readonly log: Log;
  readonly clock?: Clock;
}

export class AccountCredentials {
  readonly #options: AccountCredentialsOptions;
  readonly #clock: Clock;
  readonly #renewals = new Map<string, Timer>();

  constructor(options: AccountCredentialsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Writes token, CA, namespace and a kubeconfig that leads to them, and keeps the token fresh until `forget`. Resolves
   * with the variables that name it; rejects when there is no such account.
   */
  async provide(pod: Pod): Promise<Record<string, string>> {
    if (!(await this.#isWanted(pod))) return {};
    const folder = this.#folderOf(pod);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { url, ca } = this.#options.api;
    writeAside(join(folder, 'ca.crt'), ca);
    writeAside(join(folder, 'namespace'), pod.metadata.namespace ?? '');
    writeAside(join(folder, 'kubeconfig'), stringify(buildKubeconfig(pod, url)));
    await this.#writeToken(pod);
    this.#renewAfter(pod, renewMs);
    return { KUBECONFIG: join(folder, 'kubeconfig') };
  }

  forget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.#renewals.get(uid)?.cancel();
    this.#renewals.delete(uid);
  }

  stop(): void {
    for (const timer of this.#renewals.values()) timer.cancel();
    this.#renewals.clear();
  }

  async #isWanted(pod: Pod): Promise<boolean> {
    const own = pod.spec.automountServiceAccountToken;
    if (own !== undefined) return own;
    const account = await this.#options.client.get(serviceAccounts, refOf(pod));
    return account.automountServiceAccountToken ?? true;
  }

  async #writeToken(pod: Pod): Promise<void> {
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: refOf(pod),
      spec: { expirationSeconds: tokenSeconds },
    };
    const made = await this.#options.client.create(
      serviceAccounts as Resource<KubeObject> as Resource<TokenRequest>,
      request,
      'token',
    );
    writeAside(join(this.#folderOf(pod), 'token'), made.status?.token ?? '');
  }

  #renewAfter(pod: Pod, delayMs: number): void {
    this.forget(pod);
    const renew = (): void => {
      this.#writeToken(pod).then(
        () => this.#renewAfter(pod, renewMs),
        (error: unknown) => {
          this.#options.log.warn({ error, pod: pod.metadata.name }, 'no new token for a pod');
          this.#renewAfter(pod, retryMs);
        },
      );
    };
    this.#renewals.set(pod.metadata.uid ?? '', this.#clock.setTimeout(renew, delayMs));
  }

  #folderOf(pod: Pod): string {
    return join(podFolder(this.#options.podsFolder, pod.metadata.uid ?? ''), folderName);
  }
}

function refOf(pod: Pod) {
  const { namespace = '' } = pod.metadata;
  return { namespace, name: pod.spec.serviceAccountName ?? 'default' };
}

/** Names its files relative to itself. The token is read again by clients, so a new one is picked up. */
function buildKubeconfig(pod: Pod, server: string): object {
  const { namespace } = pod.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'local', cluster: { server, 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'pod', user: { tokenFile: 'token' } }],
    contexts: [{ name: 'pod', context: { cluster: 'local', user: 'pod', namespace } }],
    'current-context': 'pod',
  };
}

/** A reader never sees half of it. */
function writeAside(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
