// Builds an HTTP answer from what a Lambda handler returned, by the rules of payload version 2.0.

export interface LambdaAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string | readonly string[]])[];
  readonly body: string;
  /** How `body` is to be read. */
  readonly encoding: 'utf8' | 'base64';
}

const jsonType = ['content-type', 'application/json'] as const;
/** Node computes these from the body; a handler's own would contradict it. */
const skipped = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive']);

/** A string is the reason why the value is no answer. */
export function buildLambdaAnswer(value: unknown): LambdaAnswer | string {
  if (!isRecord(value) || value['statusCode'] === undefined) return buildInferred(value);
  const status = Number(value['statusCode']);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return `statusCode ${printed(value['statusCode'])} is not a whole number from 200 to 599`;
  }
  const headers = buildHeaders(value);
  if (typeof headers === 'string') return headers;
  const body = buildBody(value['body']);
  if (body === undefined) return 'body can not be written as JSON';
  if (!headers.has('content-type')) {
    const isText = typeof value['body'] === 'string' || body === '';
    headers.set('content-type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  }
  if (status === 204 || status === 304) headers.delete('content-type');
  return {
    status,
    headers: [...headers],
    body,
    encoding: value['isBase64Encoded'] === true ? 'base64' : 'utf8',
  };
}

/** No statusCode: the whole value is the body, as JSON, and the answer is 200. */
function buildInferred(value: unknown): LambdaAnswer | string {
  const body = toJson(value ?? null);
  if (body === undefined) return 'the returned value can not be written as JSON';
  return { status: 200, headers: [jsonType], body, encoding: 'utf8' };
}

type Headers = Map<string, string | string[]>;

function buildHeaders(value: Record<string, unknown>): Headers | string {
  const headers: Headers = new Map();
  const refused =
    addHeaders(headers, 'headers', value['headers']) ??
    addHeaders(headers, 'multiValueHeaders', value['multiValueHeaders']) ??
    addCookies(headers, value['cookies']);
  return refused ?? headers;
}

/** Adds to `headers`; the answer is the reason why it could not. */
function addHeaders(headers: Headers, field: string, given: unknown): string | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isRecord(given)) return `${field} is not an object`;
  for (const [name, one] of Object.entries(given)) {
    if (one === undefined || one === null || skipped.has(name.toLowerCase())) continue;
    const texts = [one].flat().map(textOf);
    const refused = refuseHeader(name, texts);
    if (refused !== undefined) return refused;
    headers.set(name.toLowerCase(), Array.isArray(one) ? texts : (texts[0] ?? ''));
  }
  return undefined;
}

function addCookies(headers: Headers, cookies: unknown): string | undefined {
  if (cookies === undefined || cookies === null) return undefined;
  if (!Array.isArray(cookies)) return 'cookies is not a list';
  const texts = cookies.map(textOf);
  const refused = refuseHeader('set-cookie', texts);
  if (refused !== undefined || texts.length === 0) return refused;
  headers.set('set-cookie', [headers.get('set-cookie') ?? [], texts].flat(2));
  return undefined;
}

/** Not String(): a header may be an object without a prototype, which can't become one. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? printed(value) : String(value);
}

function refuseHeader(name: string, values: readonly string[]): string | undefined {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    return `header name ${printed(name)} is not legal`;
  const isLegal = values.every((value) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  return isLegal ? undefined : `header ${name} has a character that no header may have`;
}

/** Lambda wants a string; an object is forgiven, and becomes JSON. */
function buildBody(body: unknown): string | undefined {
  if (body === undefined || body === null) return '';
  if (typeof body === 'string') return body;
  return toJson(body);
}

function toJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function printed(value: unknown): string {
  return (toJson(value) ?? typeof value).slice(0, 80);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
