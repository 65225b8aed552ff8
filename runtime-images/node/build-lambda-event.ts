// Builds API Gateway's event, payload version 2.0 (function URLs have the same), from an HTTP request.

export interface LambdaRequest {
  readonly method: string;
  /** As it stood in the request line. */
  readonly target: string;
  /** Name, value, name, value, as received. */
  readonly rawHeaders: readonly string[];
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly requestId: string;
  readonly functionName: string;
  readonly timeMs: number;
  /** Absent: the request has no body. */
  readonly body?: { readonly text: string; readonly isBase64: boolean };
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export function buildLambdaEvent(request: LambdaRequest): Record<string, unknown> {
  const mark = request.target.indexOf('?');
  const rawPath = mark < 0 ? request.target : request.target.slice(0, mark);
  const rawQueryString = mark < 0 ? '' : request.target.slice(mark + 1);
  const headers = joinHeaders(request.rawHeaders);
  const cookies = (headers['cookie'] ?? '').split(/;\s*/).filter((cookie) => cookie !== '');
  const query = joinQuery(rawQueryString);
  const domainName = (headers['host'] ?? '').replace(/:\d+$/, '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    // Optional keys are absent rather than null or empty, as in the original.
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(query === undefined ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: 'anonymous',
      apiId: request.functionName,
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: sourceAddress(headers['x-forwarded-for'], request.remoteAddress),
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: request.requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(request.timeMs),
      timeEpoch: request.timeMs,
    },
    ...(request.body === undefined ? {} : { body: request.body.text }),
    isBase64Encoded: request.body?.isBase64 ?? false,
  };
}

/** API Gateway passes only these as text; everything else, forms too, comes in base64. */
export function isTextType(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): boolean {
  if (contentEncoding !== undefined && contentEncoding !== 'identity') return false;
  // Without a type the bytes decide: the caller looks whether they are UTF-8.
  if (contentType === undefined) return true;
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return (
    type.startsWith('text/') ||
    /^application\/(json|javascript|xml)$/.test(type) ||
    /^application\/[\w.-]+\+(json|xml)$/.test(type)
  );
}

/** Lower-case names; one name's values joined by commas, cookies by semicolons as RFC 9113 says. */
function joinHeaders(raw: readonly string[]): Record<string, string> {
  // A caller chooses the names, and __proto__ is a legal one.
  const joined = Object.create(null) as Record<string, string>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    const value = raw[at + 1] as string;
    const before = joined[name];
    joined[name] =
      before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ','}${value}`;
  }
  return { ...joined };
}

function joinQuery(rawQueryString: string): Record<string, string> | undefined {
  if (rawQueryString === '') return undefined;
  const joined = new Map<string, string>();
  for (const pair of rawQueryString.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decodeQuery(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decodeQuery(pair.slice(equals + 1));
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function decodeQuery(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The last entry is the one our own gateway wrote; those before it are the caller's to invent. */
function sourceAddress(forwardedFor: string | undefined, remoteAddress: string): string {
  const last = forwardedFor?.split(',').at(-1)?.trim();
  return last || remoteAddress.replace(/^::ffff:/, '');
}

/** 12/Mar/2020:19:03:58 +0000 */
function commonLogTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getUTCDate())}/${months[time.getUTCMonth()]}/${time.getUTCFullYear()}`;
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  return `${day}:${clock} +0000`;
}
