// Reads a CloudEvent 1.0 out of an HTTP request: binary or structured mode, by its content type.

export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  specversion: string;
  datacontenttype?: string;
  data?: unknown;
  [attribute: string]: unknown;
}

export interface CloudEventRequest {
  /** Lower-case names, as Node presents them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Not an event: the status and the sentence to answer with. */
export interface Refusal {
  readonly status: 400 | 415;
  readonly message: string;
}

const required = ['id', 'source', 'type', 'specversion'] as const;
const textAttributes = ['datacontenttype', 'dataschema', 'subject', 'time'] as const;
const timePattern = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

export function parseCloudevent(request: CloudEventRequest): { event: CloudEvent } | Refusal {
  const contentType = headerText(request.headers['content-type'])?.trim().toLowerCase() ?? '';
  if (contentType.startsWith('application/cloudevents-batch')) {
    return {
      status: 415,
      message: 'batches of CloudEvents are not taken; send one event a request',
    };
  }
  if (!contentType.startsWith('application/cloudevents')) return parseBinary(request);
  const format = contentType.split(';', 1)[0]?.trim();
  if (format !== 'application/cloudevents' && format !== 'application/cloudevents+json') {
    return {
      status: 415,
      message: `event format ${format} is not taken; use application/cloudevents+json`,
    };
  }
  return parseStructured(request.body);
}

function parseStructured(body: Buffer): { event: CloudEvent } | Refusal {
  const value = parseJson(body);
  if (value === undefined || !isRecord(value.json)) return bad('the body is not a JSON object');
  const event: Record<string, unknown> = {};
  for (const [name, one] of Object.entries(value.json)) {
    // A null attribute is one that is not there.
    if (one !== null && name !== 'data_base64') define(event, name, one);
  }
  const base64 = value.json['data_base64'];
  if (base64 !== undefined && base64 !== null) {
    if (event['data'] !== undefined) return bad('data and data_base64 are both there');
    if (typeof base64 !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
      return bad('data_base64 is not base64');
    }
    event['data'] = Buffer.from(base64, 'base64');
  }
  return finish(event);
}

function parseBinary(request: CloudEventRequest): { event: CloudEvent } | Refusal {
  const event: Record<string, unknown> = {};
  for (const [header, raw] of Object.entries(request.headers)) {
    if (!header.startsWith('ce-')) continue;
    const value = decodeHeader(headerText(raw) ?? '');
    if (value === undefined) return bad(`header ${header} is not legal percent-encoded UTF-8`);
    define(event, header.slice(3), value);
  }
  if (Object.keys(event).length === 0) {
    return bad('no CloudEvent: neither ce- headers nor content type application/cloudevents+json');
  }
  if (event['datacontenttype'] !== undefined)
    return bad('the content type is the header Content-Type, not ce-datacontenttype');
  const contentType = headerText(request.headers['content-type']);
  if (contentType !== undefined) event['datacontenttype'] = contentType;
  const data = parseData(request.body, contentType);
  if (data === undefined) return bad(`the body is not JSON, which its content type says`);
  if (data.value !== undefined) event['data'] = data.value;
  return finish(event);
}

function finish(event: Record<string, unknown>): { event: CloudEvent } | Refusal {
  for (const name of required) {
    const value = event[name];
    if (typeof value !== 'string' || value === '') return bad(`attribute ${name} is missing`);
  }
  if (event['specversion'] !== '1.0')
    return bad(`specversion ${shown(event['specversion'])} is not 1.0`);
  for (const name of textAttributes) {
    const value = event[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      return bad(`attribute ${name} must be a text that is not empty`);
    }
  }
  const time = event['time'] as string | undefined;
  if (time !== undefined && !(timePattern.test(time) && !Number.isNaN(Date.parse(time)))) {
    return bad(`attribute time ${shown(time)} is not RFC 3339`);
  }
  const wrong = Object.keys(event).find((name) => name !== 'data' && !/^[a-z0-9]+$/.test(name));
  if (wrong !== undefined) return bad(`attribute name ${shown(wrong)} has other than a-z and 0-9`);
  return { event: event as CloudEvent };
}

/**
 * One round of decoding: a quoted text loses its quotes, then percent signs are resolved. `undefined` when the bytes
 * are not UTF-8, %C0%A0 for instance.
 */
export function decodeHeader(value: string): string | undefined {
  const trimmed = value.trim();
  const quoted = /^"(.*)"$/s.exec(trimmed)?.[1];
  const text = quoted === undefined ? trimmed : quoted.replace(/\\(.)/gs, '$1');
  // A lone percent sign is data; only percent with two hex digits is an encoding.
  const escaped = text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
}

/** `undefined`: JSON was promised and is not there. */
function parseData(body: Buffer, contentType: string | undefined): { value: unknown } | undefined {
  if (body.length === 0) return { value: undefined };
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (/^[^/]+\/(json|[^/]+\+json)$/.test(type)) {
    const parsed = parseJson(body);
    return parsed === undefined ? undefined : { value: parsed.json };
  }
  if (type.startsWith('text/')) return { value: body.toString('utf8') };
  return { value: body };
}

function parseJson(body: Buffer): { json: unknown } | undefined {
  try {
    return { json: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

/** Attribute names are the sender's: __proto__ must become a property like any other. */
function define(event: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(event, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? typeof value).slice(0, 60);
}

function bad(message: string): Refusal {
  return { status: 400, message: `malformed CloudEvent: ${message}` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
