// Takes rights away from a client, as a ClusterRole without a verb would: the answers are the API server's own form.

import { parseApiPath } from '../../platform/kube/parse-api-path.ts';
import { deriveCallName } from '../../platform/kube/derive-api-problem.ts';
import { KubeError } from '../../platform/kube/kube-error.ts';
import type { KubeRequest, Transport } from '../../platform/kube/transport.ts';

export class Rights {
  /** For example `patch deployments.apps/scale`. */
  readonly forbidden = new Set<string>();

  /** Between a client and its server. The local API server has no RBAC, so the refusal is made here. */
  wrap = (inner: Transport): Transport => ({
    request: (request) => {
      const body = this.#refuse(request, false);
      return body === undefined ? inner.request(request) : Promise.resolve({ status: 403, body });
    },
    watch: (request, onEvent, onOpen) => {
      const body = this.#refuse(request, true);
      if (body === undefined) return inner.watch(request, onEvent, onOpen);
      return Promise.reject(new KubeError(403, body, `watch ${request.path}`));
    },
  });

  #refuse(request: KubeRequest, isWatch: boolean): object | undefined {
    const name = deriveCallName({ ...request, isWatch });
    const path = parseApiPath(request.path);
    if (name === undefined || path === undefined) return undefined;
    const { verb, resource, namespace } = name;
    if (!this.forbidden.has(`${verb} ${resource}`)) return undefined;
    const where =
      namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
    const message =
      `${path.plural} is forbidden: User "system:serviceaccount:rouse-system:rouse-controller" cannot ${verb} ` +
      `resource "${path.plural}" in API group "${path.group}" ${where}`;
    const details = { kind: path.plural, group: path.group };
    return {
      ...{ apiVersion: 'v1', kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403 },
      ...{ message, details },
    };
  }
}
