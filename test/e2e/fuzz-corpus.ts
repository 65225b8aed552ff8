// Bytes that a gateway must refuse: what smuggles a request, breaks framing, floods, or names no host.

export interface Attack {
  readonly name: string;
  readonly bytes: string;
}

/** A Function as callers name it. */
export interface Victim {
  readonly host: string;
  /** /function/NAMESPACE/NAME: so that it is found even where the Host names nothing. */
  readonly prefix: string;
}

const eol = '\r\n';
const kibibyte = 1024;

type Table = Record<string, string>;

/** The words of which attacks are made, for one victim. */
function buildWords({ host, prefix }: Victim) {
  const hostLine = `Host: ${host}${eol}`;
  const smuggled = `GET /smuggled HTTP/1.1${eol}${hostLine}${eol}`;
  const post = (headers: string, body: string): string =>
    `POST /attack HTTP/1.1${eol}${hostLine}${headers}${eol}${body}`;
  return {
    host,
    prefix,
    hostLine,
    smuggled,
    post,
    get: (headers: string): string => `GET /attack HTTP/1.1${eol}${hostLine}${headers}${eol}`,
    coded: (coding: string): string =>
      post(`Transfer-Encoding:${coding}${eol}`, `0${eol}${eol}${smuggled}`),
    sized: (length: string): string => post(`Content-Length:${length}${eol}`, `a${smuggled}`),
    chunks: (body: string): string =>
      post(`Transfer-Encoding: chunked${eol}`, `${body}${smuggled}`),
    line: (text: string): string => `${text}${eol}${hostLine}${eol}`,
    hosted: (value: string): string =>
      `GET ${prefix}/attack HTTP/1.1${eol}Host:${value}${eol}${eol}`,
  };
}

type Words = ReturnType<typeof buildWords>;

/** Everything here gets a 4xx or a closed connection, and the function never sees a whole request of it. */
export function buildAttacks(victim: Victim): readonly Attack[] {
  const words = buildWords(victim);
  const tables = [
    buildLengthAttacks,
    buildChunkAttacks,
    buildBombs,
    buildByteAttacks,
    buildHeaderAttacks,
    buildHostAttacks,
    buildTargetAttacks,
    buildVersionAttacks,
    buildUpgradeAttacks,
  ];
  return tables.flatMap((build) =>
    Object.entries(build(words)).map(([name, bytes]) => ({ name, bytes })),
  );
}

/** Two lengths of one body. */
function buildLengthAttacks({ hostLine, smuggled, post, coded, sized }: Words): Table {
  return {
    'CL.TE': post(
      `Content-Length: 4${eol}Transfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE.CL': post(
      `Transfer-Encoding: chunked${eol}Content-Length: 4${eol}`,
      `5c${eol}${smuggled}${eol}0${eol}${eol}`,
    ),
    'TE.TE identity': post(
      `Transfer-Encoding: chunked${eol}Transfer-Encoding: identity${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE.TE twice': post(
      `Transfer-Encoding: chunked${eol}Transfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE list': coded(' chunked, chunked'),
    'TE gzip': coded(' gzip, chunked'),
    'TE chunked not last': coded(' chunked, gzip'),
    'TE identity': coded(' identity'),
    'TE unknown': coded(' xchunked'),
    'TE quoted': coded(' "chunked"'),
    'TE single quoted': coded(" 'chunked'"),
    'TE with parameter': coded(' chunked;a=b'),
    'TE with comma first': coded(' ,chunked'),
    'TE with comma last': coded(' chunked,'),
    'TE empty': coded(''),
    'TE after vertical tab': coded(' \x0bchunked'),
    'TE before NUL': coded(' chunked\0'),
    'TE folded': coded(`${eol} chunked`),
    'TE with space before colon': post(
      `Transfer-Encoding : chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE with space before name': post(
      ` Transfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE after bare LF': post(
      `X-A: b\nTransfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE after bare CR': post(
      `X-A: b\rTransfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'TE in HTTP/1.0': `POST /attack HTTP/1.0${eol}${hostLine}Transfer-Encoding: chunked${eol}${eol}0${eol}${eol}${smuggled}`,
    'CL twice': post(`Content-Length: 1${eol}Content-Length: 2${eol}`, `a${smuggled}`),
    'CL twice the same': post(`Content-Length: 1${eol}Content-Length: 1${eol}`, `a${smuggled}`),
    'CL list': sized(' 1, 1'),
    'CL plus': sized(' +1'),
    'CL minus': sized(' -1'),
    'CL hex': sized(' 0x1'),
    'CL float': sized(' 1.0'),
    'CL exponent': sized(' 1e0'),
    'CL empty': sized(''),
    'CL of two numbers': sized(' 1 1'),
    'CL beyond 2^53': sized(' 9007199254740993'),
    'CL 2^64 - 1': sized(' 18446744073709551615'),
    'CL beyond 2^64': sized(' 18446744073709551617'),
    'CL with space before colon': post(`Content-Length : 1${eol}`, `a${smuggled}`),
  };
}

/** Chunks that are none. */
function buildChunkAttacks({ chunks }: Words): Table {
  return {
    'chunk size no hex': chunks(`zz${eol}a${eol}0${eol}${eol}`),
    'chunk size empty': chunks(`${eol}a${eol}0${eol}${eol}`),
    'chunk size negative': chunks(`-1${eol}a${eol}0${eol}${eol}`),
    'chunk size 0x': chunks(`0x1${eol}a${eol}0${eol}${eol}`),
    'chunk size with underscore': chunks(`1_0${eol}a${eol}0${eol}${eol}`),
    'chunk size overflows': chunks(`1${'0'.repeat(16)}1${eol}a${eol}0${eol}${eol}`),
    'chunk size with space': chunks(`1 ${eol}a${eol}0${eol}${eol}`),
    'chunk size before bare LF': chunks(`1\na${eol}0${eol}${eol}`),
    'chunk extension before bare LF': chunks(`1;a\n${eol}a${eol}0${eol}${eol}`),
    'chunk extension with NUL': chunks(`1;a=\0${eol}a${eol}0${eol}${eol}`),
    'chunk extension without end': chunks(
      `1;${'a'.repeat(20 * kibibyte)}${eol}a${eol}0${eol}${eol}`,
    ),
    'chunk longer than said': chunks(`1${eol}abc${eol}0${eol}${eol}`),
    'chunk then a bad one': chunks(`1${eol}a${eol}zz${eol}${eol}`),
    'chunk ends with bare LF': chunks(`1${eol}a\n0${eol}${eol}`),
    'last chunk without its end': chunks(`1${eol}a${eol}0${eol}X`),
    'trailer with space in name': chunks(`1${eol}a${eol}0${eol}X A: b${eol}${eol}`),
    'trailer bomb': chunks(`1${eol}a${eol}0${eol}X-A: ${'a'.repeat(40 * kibibyte)}${eol}${eol}`),
  };
}

/** Too much. */
function buildBombs({ get, line }: Words): Table {
  return {
    'header of 40 KiB': get(`X-A: ${'a'.repeat(40 * kibibyte)}${eol}`),
    'header name of 40 KiB': get(`X-${'a'.repeat(40 * kibibyte)}: b${eol}`),
    'headers of 40 KiB together': get(`X-A: ${'a'.repeat(kibibyte)}${eol}`.repeat(40)),
    'header bomb': get(`X: b${eol}`.repeat(300)),
    'cookie bomb': get(`Cookie: a=b${eol}`.repeat(300)),
    'target of 20 KiB': line(`GET /${'a'.repeat(20 * kibibyte)} HTTP/1.1`),
    'target of 1 MiB': line(`GET /${'a'.repeat(kibibyte * kibibyte)} HTTP/1.1`),
    'method of 1 KiB': line(`${'A'.repeat(kibibyte)} /attack HTTP/1.1`),
  };
}

/** Bytes that end a string for some, and a line for others. */
function buildByteAttacks({ hostLine, get, line, hosted }: Words): Table {
  return {
    'NUL in target': line('GET /att\0ack HTTP/1.1'),
    'NUL in method': line('GE\0T /attack HTTP/1.1'),
    'NUL in name': get(`X\0A: b${eol}`),
    'NUL in value': get(`X-A: b\0c${eol}`),
    'NUL in Host': hosted(' a\0b'),
    'NUL first': `\0${get('')}`,
    'control byte in target': line('GET /att\x01ack HTTP/1.1'),
    'tab in target': line('GET /att\tack HTTP/1.1'),
    'DEL in target': line('GET /att\x7fack HTTP/1.1'),
    'high byte in target': line('GET /att\xe9ack HTTP/1.1'),
    'control byte in value': get(`X-A: b\x01c${eol}`),
    'DEL in value': get(`X-A: b\x7fc${eol}`),
    'bare LF everywhere': get('').replaceAll(eol, '\n'),
    'bare LF after request line': `GET /attack HTTP/1.1\n${hostLine}${eol}`,
    'bare LF after header': get(`X-A: b\nX-B: c${eol}`),
    'bare LF at the end': `GET /attack HTTP/1.1${eol}${hostLine}\n`,
    'bare CR everywhere': get('').replaceAll(eol, '\r'),
    'bare CR in value': get(`X-A: b\rX-B: c${eol}`),
    'obs-fold': get(`X-A: b${eol} c${eol}`),
    'obs-fold by tab': get(`X-A: b${eol}\tc${eol}`),
    'obs-fold of first header': `GET /attack HTTP/1.1${eol} ${hostLine}${eol}`,
  };
}

/** Headers that are none. */
function buildHeaderAttacks({ get }: Words): Table {
  return {
    'header without colon': get(`X-A${eol}`),
    'header without name': get(`: b${eol}`),
    'header name with space': get(`X A: b${eol}`),
    'header name with space before colon': get(`X-A : b${eol}`),
    'header name with parenthesis': get(`X(A): b${eol}`),
    'header name with high byte': get(`X-\xe9: b${eol}`),
    'unknown expectation': get(`Expect: 200-ok${eol}`),
  };
}

/** Hosts that are none, or two. */
function buildHostAttacks({ hostLine, host, prefix, get, hosted }: Words): Table {
  return {
    'Host missing': `GET ${prefix}/attack HTTP/1.1${eol}${eol}`,
    'Host twice': get(`Host: other${eol}`),
    'Host twice the same': get(hostLine),
    'Host with space': hosted(' a b'),
    'Host with user': hosted(' a@b'),
    'Host with path': hosted(' a/b'),
    'Host with query': hosted(' a?b'),
    'Host with fragment': hosted(' a#b'),
    'Host with backslash': hosted(' a\\b'),
    'Host with quote': hosted(' a"b'),
    'Host with tag': hosted(' <script>'),
    'Host with high byte': hosted(' \xe9'),
    'Host with two ports': hosted(' a:1:2'),
    'Host with port of letters': hosted(' a:http'),
    'Host with long port': hosted(' a:123456'),
    'Host with bad IPv6': hosted(' [::1'),
    'Host of 1 KiB': hosted(` ${'a'.repeat(kibibyte)}`),
    'Host whose port hides another': `GET /attack HTTP/1.1${eol}Host: ${host.split(':')[0]}:80@other${eol}${eol}`,
  };
}

/** Targets that are no path. */
function buildTargetAttacks({ host, line }: Words): Table {
  return {
    'target absolute with user': line(`GET http://user@${host}/attack HTTP/1.1`),
    'target absolute with bad port': line(`GET http://${host.split(':')[0]}:x/attack HTTP/1.1`),
    'target absolute without host': line('GET http:///attack HTTP/1.1'),
    'target absolute of another scheme': line(`GET ftp://${host}/attack HTTP/1.1`),
    'target absolute of a file': line('GET file:///etc/passwd HTTP/1.1'),
    'target authority': line(`GET ${host} HTTP/1.1`),
    'target authority of CONNECT': line(`CONNECT ${host} HTTP/1.1`),
    'target asterisk': line('OPTIONS * HTTP/1.1'),
    'target asterisk of GET': line('GET * HTTP/1.1'),
    'target relative': line('GET attack HTTP/1.1'),
    'target empty': line('GET  HTTP/1.1'),
    'target with fragment': line('GET /attack#part HTTP/1.1'),
    'target absolute with fragment for path': line(`GET http://${host}#@other/ HTTP/1.1`),
  };
}

/** No HTTP/1. */
function buildVersionAttacks({ line }: Words): Table {
  return {
    'version missing': `GET /attack${eol}${eol}`,
    'version 0.9': line('GET /attack HTTP/0.9'),
    'version 1.2': line('GET /attack HTTP/1.2'),
    'version 1.10': line('GET /attack HTTP/1.10'),
    'version 2.0': line('GET /attack HTTP/2.0'),
    'version 11': line('GET /attack HTTP/11'),
    'version with more': line('GET /attack HTTP/1.1x'),
    'version and space': line('GET /attack HTTP/1.1 '),
    'version in lower case': line('GET /attack http/1.1'),
    'preface of HTTP/2': `PRI * HTTP/2.0${eol}${eol}SM${eol}${eol}\0\0\0\x04\0\0\0\0\0`,
    'hello of TLS': `\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03${'\x01'.repeat(64)}`,
    'hello of SSH': `SSH-2.0-OpenSSH_9.9${eol}`,
    'method unknown': line('ATTACK /attack HTTP/1.1'),
    'method in lower case': line('get /attack HTTP/1.1'),
    'method missing': line(' /attack HTTP/1.1'),
    'method with colon': line('GET: /attack HTTP/1.1'),
    'separator tab': line('GET\t/attack HTTP/1.1'),
    'answer instead of a request': `HTTP/1.1 200 OK${eol}Content-Length: 0${eol}${eol}`,
    'nothing but zeros': '\0'.repeat(kibibyte),
  };
}

/** Upgrades. */
function buildUpgradeAttacks({ prefix, smuggled, post, get }: Words): Table {
  return {
    'upgrade with two lengths': post(
      `Connection: Upgrade${eol}Upgrade: websocket${eol}Content-Length: 3${eol}Transfer-Encoding: chunked${eol}`,
      `0${eol}${eol}${smuggled}`,
    ),
    'upgrade with two hosts': get(
      `Host: other${eol}Connection: Upgrade${eol}Upgrade: websocket${eol}`,
    ),
    'upgrade with bad Host': `GET ${prefix}/attack HTTP/1.1${eol}Host: a@b${eol}Connection: Upgrade${eol}Upgrade: websocket${eol}${eol}`,
    'upgrade with bad name': get(`Connection: Upgrade${eol}Upgrade: web\0socket${eol}`),
  };
}
