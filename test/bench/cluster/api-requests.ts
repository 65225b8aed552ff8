// Counts requests by what the API server itself says of them, by verb and resource.

import type { Transport } from '../../../platform/kube/transport.ts';

/** Requests by `VERB resource`, for example `PATCH deployments/scale`. */
export type RequestCounts = ReadonlyMap<string, number>;

/** Watches count when they end, and these tell of time that passed and not of a wake. */
const background = new Set(['leases', 'nodes', 'tokenreviews', 'subjectaccessreviews', '']);

export async function readRequestCounts(transport: Transport): Promise<RequestCounts> {
  const { body, status } = await transport.request({ method: 'GET', path: '/metrics' });
  if (status !== 200) throw new Error(`the API server's metrics: ${status}`);
  return parseRequestCounts(String(body));
}

export function parseRequestCounts(text: string): RequestCounts {
  const counts = new Map<string, number>();
  for (const [, fields = '', value] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const field = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(fields)?.[1] ?? '';
    const resource = field('resource');
    const verb = field('verb');
    if (verb === 'WATCH' || background.has(resource.split('/')[0] ?? '')) continue;
    const subresource = field('subresource');
    const key = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(value));
  }
  return counts;
}

export function subtractCounts(after: RequestCounts, before: RequestCounts): RequestCounts {
  const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(grown.filter(([, count]) => count > 0));
}
