// What Express adds to a request, for functions written for it: query, path, get() and their kind.

import type { IncomingMessage } from 'node:http';
import { buildQuery } from './build-query.ts';

type Request = IncomingMessage & Record<string, unknown>;

/** Getters are shared by all requests: they go on the prototype once, when an http function is loaded. */
export const requestProperties: PropertyDescriptorMap = {
  originalUrl: lazy('originalUrl', (request) => request.url),
  path: lazy('path', (request) => pathOf(request)),
  query: lazy('query', (request) => {
    const mark = (request.url ?? '').indexOf('?');
    return buildQuery(mark < 0 ? '' : (request.url as string).slice(mark + 1));
  }),
  params: lazy('params', () => ({ 0: '' })),
  hostname: lazy('hostname', (request) => (request.headers.host ?? '').replace(/:\d+$/, '')),
  protocol: lazy('protocol', (request) => lastOf(request, 'x-forwarded-proto') ?? 'http'),
  secure: lazy('secure', (request) => lastOf(request, 'x-forwarded-proto') === 'https'),
  ip: lazy('ip', (request) => lastOf(request, 'x-forwarded-for') ?? request.socket.remoteAddress),
  xhr: lazy('xhr', (request) => request.headers['x-requested-with'] === 'XMLHttpRequest'),
  executionId: lazy(
    'executionId',
    (request) => request.headers['function-execution-id'] ?? request.headers['x-request-id'],
  ),
  get: method(getHeader),
  header: method(getHeader),
  is: method(isType),
  accepts: method(accepts),
};

function getHeader(this: Request, name: string): unknown {
  const lower = String(name).toLowerCase();
  // Express knows both spellings of the one misspelt header.
  if (lower === 'referrer') return this.headers['referrer'] ?? this.headers['referer'];
  return this.headers[lower];
}

/** The first of the types that the body's content type fits, otherwise false. */
function isType(this: Request, ...types: (string | string[])[]): string | false {
  const own = (this.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (own === '') return false;
  for (const type of types.flat()) {
    const [main, sub] = type.includes('/') ? type.split('/') : ['*', type];
    const [ownMain, ownSub] = own.split('/');
    const fitsMain = main === '*' || main === ownMain;
    const fitsSub = sub === '*' || sub === ownSub || (ownSub ?? '').endsWith(`+${sub}`);
    if (fitsMain && fitsSub) return type;
  }
  return false;
}

/** The first offered type that the Accept header allows, by plain matching and without weights. */
function accepts(this: Request, ...types: (string | string[])[]): string | false {
  const accepted = (this.headers.accept ?? '*/*')
    .split(',')
    .map((one) => one.split(';', 1)[0]?.trim());
  for (const type of types.flat()) {
    const fits = accepted.some((one) => {
      if (one === '*/*' || one === type) return true;
      const [main, sub] = (one ?? '').split('/');
      if (type.includes('/')) return sub === '*' && type.startsWith(`${main}/`);
      return sub === type;
    });
    if (fits) return type;
  }
  return false;
}

function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

/** The last entry of a list header: the one our own gateway wrote. */
function lastOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value.split(',').at(-1)?.trim() || undefined : undefined;
}

/** Computed when first asked for, and assignable: Express apps and middleware assign some of these. */
function lazy(name: string, read: (request: IncomingMessage) => unknown): PropertyDescriptor {
  return {
    configurable: true,
    enumerable: false,
    get(this: IncomingMessage): unknown {
      const value = read(this);
      Object.defineProperty(this, name, own(value));
      return value;
    },
    set(this: IncomingMessage, value: unknown): void {
      Object.defineProperty(this, name, own(value));
    },
  };
}

function method(value: unknown): PropertyDescriptor {
  return { configurable: true, enumerable: false, writable: true, value };
}

function own(value: unknown): PropertyDescriptor {
  return { configurable: true, enumerable: true, writable: true, value };
}
