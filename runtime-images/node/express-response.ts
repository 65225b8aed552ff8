// What Express adds to a response, for functions written for it: status(), json(), send(), redirect() and their kind.

import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  json: 'application/json; charset=utf-8',
  text: 'text/plain; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  pdf: 'application/pdf',
  bin: 'application/octet-stream',
};

interface CookieOptions {
  domain?: string;
  path?: string;
  expires?: Date;
  /** Milliseconds, as in Express. */
  maxAge?: number;
  httpOnly?: boolean;
  secure?: boolean;
  sameSite?: boolean | string;
}

interface Response extends ServerResponse {
  status(code: number): this;
  set(name: string | Record<string, unknown>, value?: unknown): this;
  type(name: string): this;
  send(body?: unknown): this;
  json(value: unknown): this;
  location(url: string): this;
  cookie(name: string, value: unknown, options?: CookieOptions): this;
}

const methods = {
  status(this: Response, code: number): Response {
    this.statusCode = code;
    return this;
  },
  sendStatus(this: Response, code: number): Response {
    return this.status(code)
      .type('txt')
      .send(STATUS_CODES[code] ?? String(code));
  },
  set: setHeader,
  header: setHeader,
  get(this: Response, name: string): unknown {
    return this.getHeader(name);
  },
  append(this: Response, name: string, value: string | string[]): Response {
    this.appendHeader(name, value);
    return this;
  },
  type: setType,
  contentType: setType,
  json(this: Response, value: unknown): Response {
    if (!this.hasHeader('content-type')) this.type('json');
    return this.send(JSON.stringify(value) ?? '');
  },
  send,
  location(this: Response, url: string): Response {
    this.setHeader('location', encodeURI(url).replace(/%25([0-9a-f]{2})/gi, '%$1'));
    return this;
  },
  redirect(this: Response, first: number | string, second?: string): void {
    const [status, url] = typeof first === 'number' ? [first, second ?? '/'] : [302, first];
    this.location(url).status(status).type('txt').send(`Redirecting to ${url}`);
  },
  cookie(this: Response, name: string, value: unknown, options: CookieOptions = {}): Response {
    this.appendHeader('set-cookie', writeCookie(name, value, options));
    return this;
  },
  clearCookie(this: Response, name: string, options: CookieOptions = {}): Response {
    return this.cookie(name, '', { ...options, expires: new Date(1) });
  },
  vary(this: Response, name: string): Response {
    this.appendHeader('vary', name);
    return this;
  },
  attachment(this: Response, name?: string): Response {
    const file = name === undefined ? '' : `; filename="${encodeURIComponent(name)}"`;
    this.setHeader('content-disposition', `attachment${file}`);
    return this;
  },
};

/** These go on the prototype once, when an http function is loaded. */
export const responseProperties: PropertyDescriptorMap = Object.fromEntries(
  Object.entries(methods).map(([name, value]) => [
    name,
    { configurable: true, writable: true, value },
  ]),
);

function setHeader(
  this: Response,
  name: string | Record<string, unknown>,
  value?: unknown,
): Response {
  if (typeof name === 'object') {
    for (const [one, its] of Object.entries(name)) this.set(one, its);
    return this;
  }
  this.setHeader(name, Array.isArray(value) ? value.map(String) : String(value));
  return this;
}

function setType(this: Response, name: string): Response {
  this.setHeader(
    'content-type',
    name.includes('/') ? name : (types[name.replace(/^\./, '')] ?? (types['bin'] as string)),
  );
  return this;
}

function send(this: Response, body?: unknown): Response {
  if (body === undefined || body === null) {
    this.end();
    return this;
  }
  if (typeof body === 'string') {
    if (!this.hasHeader('content-type')) this.type('html');
  } else if (body instanceof Uint8Array) {
    if (!this.hasHeader('content-type')) this.type('bin');
  } else {
    return this.json(body);
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (this.statusCode === 204 || this.statusCode === 304) {
    this.removeHeader('content-type');
    this.end();
    return this;
  }
  this.setHeader('content-length', bytes.length);
  this.end(bytes);
  return this;
}

function writeCookie(name: string, value: unknown, options: CookieOptions): string {
  const text = typeof value === 'object' ? `j:${JSON.stringify(value)}` : String(value);
  const parts = [`${name}=${encodeURIComponent(text)}`, `Path=${options.path ?? '/'}`];
  if (options.domain !== undefined) parts.push(`Domain=${options.domain}`);
  if (options.maxAge !== undefined) parts.push(`Max-Age=${Math.floor(options.maxAge / 1000)}`);
  const expires =
    options.expires ??
    (options.maxAge === undefined ? undefined : new Date(Date.now() + options.maxAge));
  if (expires !== undefined) parts.push(`Expires=${expires.toUTCString()}`);
  if (options.httpOnly === true) parts.push('HttpOnly');
  if (options.secure === true) parts.push('Secure');
  const sameSite = options.sameSite === true ? 'Strict' : options.sameSite;
  if (typeof sameSite === 'string') parts.push(`SameSite=${sameSite}`);
  return parts.join('; ');
}
