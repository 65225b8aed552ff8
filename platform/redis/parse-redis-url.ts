// Reads a Redis URL, and says what is wrong with it without repeating it: it holds a password.

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly isTls: boolean;
  /** For logs and Events: without user and password. */
  readonly label: string;
}

export type ParsedRedisUrl = { readonly address: RedisAddress } | { readonly problem: string };

const portDefault = 6379;
const databaseMax = 1_000_000;
const shape = 'write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS';

export function parseRedisUrl(text: string): ParsedRedisUrl {
  const url = URL.parse(text);
  const isTls = url?.protocol === 'rediss:';
  if (url === null || (!isTls && url.protocol !== 'redis:')) {
    return { problem: `is no Redis URL; ${shape}` };
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === '') return { problem: `names no host; ${shape}` };
  if (url.search !== '' || url.hash !== '') {
    return { problem: `has a "?" or "#", which must be %3F or %23 in a password; ${shape}` };
  }
  const database = parseDatabase(url.pathname);
  if (database === undefined) {
    return { problem: `has a path that is no number of a database; ${shape}` };
  }
  const username = decode(url.username);
  const password = decode(url.password);
  if (username === undefined || password === undefined) {
    return { problem: `has a "%" in user or password that must be %25; ${shape}` };
  }
  const port = url.port === '' ? portDefault : Number(url.port);
  const path = database === 0 ? '' : `/${database}`;
  const label = `${url.protocol}//${url.hostname}:${port}${path}`;
  const login = { username: username || undefined, password: password || undefined };
  return { address: { host, port, database, ...login, isTls, label } };
}

function parseDatabase(path: string): number | undefined {
  if (path === '' || path === '/') return 0;
  if (!/^\/[0-9]{1,7}$/.test(path)) return undefined;
  const database = Number(path.slice(1));
  return database <= databaseMax ? database : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
