// Bytes that look odd and that a gateway must serve: exactly one request of each reaches the function.

import type { Attack, Victim } from './fuzz-corpus.ts';

const eol = '\r\n';

export interface Oddity extends Attack {
  /** What the function says it got: method, target and body. */
  readonly seen: string;
}

/** Unusual and right: exactly one request reaches the function. */
export function buildOddities(victim: Victim): readonly Oddity[] {
  const rows = [...buildOddStarts(victim), ...buildOddBodies(victim), ...buildOddUpgrades(victim)];
  return rows.map(([name, bytes, seen]) => ({ name, bytes, seen }));
}

type Row = readonly [name: string, bytes: string, seen: string];

const restOf = (host: string): string => `Host: ${host}${eol}Connection: close${eol}`;

function buildOddStarts({ host, prefix }: Victim): readonly Row[] {
  const rest = restOf(host);
  const name = host.split(':')[0] ?? '';
  return [
    ['empty lines first', `${eol}${eol}GET /odd HTTP/1.1${eol}${rest}${eol}`, 'GET /odd '],
    ['HTTP/1.0', `GET /odd HTTP/1.0${eol}Host: ${host}${eol}${eol}`, 'GET /odd '],
    ['no Host in HTTP/1.0', `GET ${prefix}/odd HTTP/1.0${eol}${eol}`, 'GET /odd '],
    [
      'empty Host',
      `GET ${prefix}/odd HTTP/1.1${eol}Host:${eol}Connection: close${eol}${eol}`,
      'GET /odd ',
    ],
    [
      'IPv6 Host',
      `GET ${prefix}/odd HTTP/1.1${eol}Host: [::1]:80${eol}Connection: close${eol}${eol}`,
      'GET /odd ',
    ],
    [
      'Host in upper case',
      `GET /odd HTTP/1.1${eol}HOST: ${host.toUpperCase()}${eol}Connection: close${eol}${eol}`,
      'GET /odd ',
    ],
    [
      'Host with dot last',
      `GET /odd HTTP/1.1${eol}Host: ${name}.${eol}Connection: close${eol}${eol}`,
      'GET /odd ',
    ],
    [
      'absolute target',
      `GET http://${host}/odd?a HTTP/1.1${eol}Host: other${eol}Connection: close${eol}${eol}`,
      'GET /odd?a ',
    ],
    [
      'close with a request behind',
      `GET /odd HTTP/1.1${eol}${rest}${eol}GET /smuggled HTTP/1.1${eol}${rest}${eol}`,
      'GET /odd ',
    ],
    ['path with dots', `GET /../odd HTTP/1.1${eol}${rest}${eol}`, 'GET /../odd '],
    ['path with an escaped NUL', `GET /odd%00 HTTP/1.1${eol}${rest}${eol}`, 'GET /odd%00 '],
    ['path with two slashes', `GET //odd HTTP/1.1${eol}${rest}${eol}`, 'GET //odd '],
    [
      'control path of a pod',
      `POST /specialize HTTP/1.1${eol}${rest}Content-Length: 2${eol}${eol}{}`,
      'POST /specialize {}',
    ],
  ];
}

function buildOddBodies({ host }: Victim): readonly Row[] {
  const rest = restOf(host);
  const chunked = `Transfer-Encoding: chunked${eol}`;
  return [
    [
      'chunked in mixed case',
      `POST /odd HTTP/1.1${eol}${rest}transfer-encoding:\tcHuNkEd${eol}${eol}1${eol}a${eol}0${eol}${eol}`,
      'POST /odd a',
    ],
    [
      'chunk extension',
      `POST /odd HTTP/1.1${eol}${rest}${chunked}${eol}1;a="b"${eol}a${eol}0${eol}${eol}`,
      'POST /odd a',
    ],
    [
      'chunk size with zeros',
      `POST /odd HTTP/1.1${eol}${rest}${chunked}${eol}0001${eol}a${eol}000${eol}${eol}`,
      'POST /odd a',
    ],
    [
      'length with zeros',
      `POST /odd HTTP/1.1${eol}${rest}Content-Length: 0001${eol}${eol}a`,
      'POST /odd a',
    ],
    [
      'length of zeros',
      `POST /odd HTTP/1.1${eol}${rest}Content-Length: 00${eol}${eol}`,
      'POST /odd ',
    ],
    [
      'GET with a body',
      `GET /odd HTTP/1.1${eol}${rest}Content-Length: 1${eol}${eol}a`,
      'GET /odd a',
    ],
  ];
}

function buildOddUpgrades({ host }: Victim): readonly Row[] {
  const rest = restOf(host);
  const upgrade = (to: string): string =>
    `Host: ${host}${eol}Connection: Upgrade, close${eol}Upgrade: ${to}${eol}`;
  return [
    [
      'upgrade to h2c',
      `GET /odd HTTP/1.1${eol}${upgrade('h2c')}HTTP2-Settings: AAMAAABk${eol}${eol}`,
      'GET /odd ',
    ],
    [
      'upgrade to h2c or more',
      `GET /odd HTTP/1.1${eol}${upgrade('websocket, h2c')}${eol}`,
      'GET /odd ',
    ],
    [
      'upgrade with a body',
      `POST /odd HTTP/1.1${eol}${upgrade('websocket')}Content-Length: 1${eol}${eol}a`,
      'POST /odd a',
    ],
    ['upgrade in HTTP/1.0', `GET /odd HTTP/1.0${eol}${upgrade('websocket')}${eol}`, 'GET /odd '],
    [
      'upgrade with a request behind',
      `GET /odd HTTP/1.1${eol}${upgrade('websocket')}${eol}GET /smuggled HTTP/1.1${eol}${rest}${eol}`,
      'GET /odd ',
    ],
  ];
}
