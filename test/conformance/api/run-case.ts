// Runs one case against one server in a namespace of its own and returns what was answered, ready to be compared.

import { waitFor } from '../../support/wait-for.ts';
import type {
  CaseApi,
  ConformanceCase,
  Exchange,
  Reply,
  RequestOptions,
  WatchOptions,
} from './conformance-case.ts';
import { normaliseExchanges } from './normalise-exchanges.ts';
import { WatchReader } from './read-watch.ts';
import type { WatchEvent } from './read-watch.ts';
import type { ServerUnderTest } from './server-under-test.ts';

const waitDeadlineMs = 30_000;
const watchDeadlineMs = 30_000;
const patchTypes: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

export interface RunOptions {
  /** The program that `api.kubectl` runs. */
  readonly kubectl: string;
}

export async function runCase(
  server: ServerUnderTest,
  one: ConformanceCase,
  options: RunOptions,
): Promise<Exchange[]> {
  const ns = `conformance-${Math.random().toString(36).slice(2, 10).padEnd(8, '0')}`;
  const exchanges: Exchange[] = [];
  try {
    await createNamespace(server, ns);
    await one.run(buildApi(server, { ns, exchanges, kubectl: options.kubectl }));
  } finally {
    await server.send('DELETE', `/api/v1/namespaces/${ns}`);
  }
  return normaliseExchanges(exchanges, {
    namespace: ns,
    nodes: server.nodes,
    url: server.url,
    isOrdered: one.isOrdered ?? true,
    without: one.without ?? [],
  });
}

async function createNamespace(server: ServerUnderTest, ns: string): Promise<void> {
  const body = { metadata: { name: ns } };
  const made = await server.send('POST', '/api/v1/namespaces', { body });
  if (made.status !== 201) throw new Error(`no namespace: ${JSON.stringify(made.body)}`);
  // Pods are refused until their service account is there.
  const account = `/api/v1/namespaces/${ns}/serviceaccounts/default`;
  await waitFor(async () => (await server.send('GET', account)).status === 200, {
    what: `the default service account of ${ns}`,
    deadlineMs: waitDeadlineMs,
  });
}

interface Script {
  readonly ns: string;
  readonly exchanges: Exchange[];
  readonly kubectl: string;
}

function buildApi(server: ServerUnderTest, script: Script): CaseApi {
  const { ns, exchanges } = script;
  const record = (request: string, reply: Reply): Reply => {
    exchanges.push({ request, ...reply });
    return reply;
  };
  const request = async (method: string, path: string, options: RequestOptions = {}) =>
    record(options.label ?? `${method} ${path}`, await server.send(method, path, options));
  return {
    ns,
    core: `/api/v1/namespaces/${ns}`,
    apps: `/apis/apps/v1/namespaces/${ns}`,
    get: (path, options) => request('GET', path, options),
    post: (path, body, options) => request('POST', path, { ...options, body }),
    put: (path, body, options) => request('PUT', path, { ...options, body }),
    patch: (path, type, body) =>
      request('PATCH', path, { body, headers: { 'Content-Type': patchTypes[type] ?? type } }),
    delete: (path, body) => request('DELETE', path, body === undefined ? {} : { body }),
    request,
    kubectl: async (args, input = '') =>
      record(
        `kubectl ${args}`,
        await server.kubectl(script.kubectl, splitArguments(`-n ${ns} ${args}`), input),
      ),
    watch: async (path, options, during) => {
      const events = await readWatch(server, path, options, during);
      record(`WATCH ${path}`, { status: 200, headers: {}, body: events });
      return events;
    },
    until: (path, isDone, deadlineMs = waitDeadlineMs) =>
      waitFor(
        async () => {
          const reply = await server.send('GET', path);
          return isDone(reply) ? reply : undefined;
        },
        { what: `${path} to be as wanted`, deadlineMs },
      ),
    quietly: (method, path, options) => server.send(method, path, options),
  };
}

/** Splits at spaces; single quotes keep a word together. */
function splitArguments(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

async function readWatch(
  server: ServerUnderTest,
  path: string,
  options: WatchOptions,
  during: (() => Promise<unknown>) | undefined,
): Promise<WatchEvent[]> {
  const response = await server.open(path, options.accept ?? 'application/json');
  const reader = new WatchReader();
  const events: WatchEvent[] = [];
  let isOver = false;
  response.setEncoding('utf8');
  response.on('data', (piece: string) => {
    const wanted = reader.push(piece).filter((one) => options.without?.includes(one.type) !== true);
    events.push(...wanted);
  });
  for (const name of ['end', 'close', 'error']) response.once(name, () => (isOver = true));
  try {
    await during?.();
    await waitFor(() => isOver || events.length >= options.events, {
      what: `${options.events} events of ${path}, got ${JSON.stringify(events.map((one) => one.type))}`,
      deadlineMs: watchDeadlineMs,
    });
  } finally {
    response.destroy();
  }
  return events.slice(0, options.events);
}
