// The connection against a real Redis: there, away, back again, frozen, and with the wrong password.

import { afterEach, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { findFreePorts } from '../../../local/find-free-ports.ts';
import type { RedisProblem } from '../../../platform/redis/derive-redis-problem.ts';
import { readRedisAddress } from '../../../platform/redis/read-redis-address.ts';
import { RedisConnection } from '../../../platform/redis/redis-connection.ts';
import { hasRedis, TestRedis } from '../../support/redis-server.ts';
import { waitFor } from '../../support/wait-for.ts';

const suite = hasRedis() ? describe : describe.skip;
const open: { close(): Promise<void> }[] = [];
const servers: TestRedis[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await Promise.all(servers.splice(0).map((one) => one.dispose()));
});

async function startRedis(...options: string[]): Promise<TestRedis> {
  const redis = await TestRedis.start(...options);
  servers.push(redis);
  return redis;
}

function connectTo(url: string) {
  const address = readRedisAddress({ URL: url }, 'URL');
  if (address === undefined) throw new Error('no URL');
  const seen: ('ready' | RedisProblem['kind'])[] = [];
  const connection = new RedisConnection(address, {
    onReady: () => seen.push('ready'),
    onUnready: ({ kind }) => seen.push(kind),
  });
  open.push(connection);
  return { connection, seen };
}

/** What a program gets that trusts this certificate, besides those that all trust. */
async function pingOf(url: string, certificate = ''): Promise<string> {
  const program = join(import.meta.dirname, '../../support/run-redis-ping.ts');
  const env = { ...process.env, ROUSE_REDIS_URL: url, NODE_EXTRA_CA_CERTS: certificate };
  return await new Promise((done) => {
    execFile(process.execPath, [program], { env }, (_, stdout) => done(stdout.trim()));
  });
}

const failureOf = (running: Promise<unknown>): Promise<unknown> =>
  running.then(
    () => undefined,
    (error: unknown) => error,
  );

suite('RedisConnection', () => {
  it('connects with the first command, and not before', async () => {
    const redis = await startRedis();
    const { connection, seen } = connectTo(redis.url());
    expect(redis.command([], 'CLIENT', 'LIST')).not.toContain('name=rouse');
    expect(await connection.run('SET', 'key', 'value')).toBe('OK');
    expect(await connection.run('GET', 'key')).toBe('value');
    expect(redis.command([], 'CLIENT', 'LIST')).toContain('name=rouse');
    expect(seen).toEqual(['ready']);
  });

  it('logs in as the user of the URL, to the database of the URL', async () => {
    const redis = await startRedis('--requirepass', 'admin');
    const admin = ['-a', 'admin'];
    redis.command(admin, 'ACL', 'SETUSER', 'rouse', 'on', '>p@ss/word', '~*', '+@all');
    const { connection } = connectTo(`${redis.url('rouse:p%40ss%2Fword@')}/3`);
    await connection.run('SET', 'key', 'value');
    expect(redis.command([...admin, '-n', '3'], 'GET', 'key')).toBe('value');
  });

  it('fails at once while Redis is away, and works again when it is back', async () => {
    const redis = await startRedis();
    const { connection, seen } = connectTo(redis.url());
    await connection.run('PING');
    await redis.kill();
    await waitFor(() => seen.length > 1, { what: 'the news' });
    expect(await failureOf(connection.run('PING'))).toMatchObject({ name: 'RedisError' });
    await redis.start();
    expect(await waitFor(() => connection.run('PING'), { what: 'a PONG' })).toBe('PONG');
    expect(seen.at(0)).toBe('ready');
    expect(seen.at(1)).toBe('unreachable');
    expect(seen.at(-1)).toBe('ready');
  });

  it('is made later, when Redis was not there at first', async () => {
    const redis = await startRedis();
    await redis.kill();
    const { connection } = connectTo(redis.url());
    expect(await failureOf(connection.run('PING'))).toMatchObject({
      message: "can't be reached (ECONNREFUSED)",
    });
    await redis.start();
    expect(await waitFor(() => connection.run('PING'), { what: 'a PONG' })).toBe('PONG');
  });

  it('gives up a command that a frozen Redis does not answer, and sends it never again', async () => {
    const redis = await startRedis();
    const { connection } = connectTo(redis.url());
    await connection.run('PING');
    redis.freeze();
    expect(await failureOf(connection.run('INCR', 'count'))).toMatchObject({
      message: 'does not answer in time',
    });
    redis.goOn();
    await waitFor(() => connection.run('PING'), { what: 'a PONG' });
    // It was carried out when the server woke up, or lost with the connection: once at most.
    expect(Number(await connection.run('GET', 'count'))).toBeLessThanOrEqual(1);
  });

  it('tells nobody the password, and logs in once the server knows it', async () => {
    const redis = await startRedis('--requirepass', 'right');
    const { connection, seen } = connectTo(redis.url(':Hidden-1234@'));
    const error = await failureOf(connection.run('PING'));
    expect(error).toMatchObject({ problem: { kind: 'login' } });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('Hidden-1234');
    expect(JSON.stringify(error)).not.toContain('Hidden-1234');
    redis.command(['-a', 'right'], 'CONFIG', 'SET', 'requirepass', 'Hidden-1234');
    expect(await waitFor(() => connection.run('PING'), { what: 'a PONG' })).toBe('PONG');
    expect(seen[0]).toBe('login');
  });

  it('says that Redis is full, and goes on when it no longer is', async () => {
    const redis = await startRedis('--maxmemory', '100kb', '--maxmemory-policy', 'noeviction');
    const { connection, seen } = connectTo(redis.url());
    expect(await failureOf(connection.run('SET', 'key', 'value'))).toMatchObject({
      problem: { kind: 'full' },
    });
    expect(await connection.run('PING')).toBe('PONG');
    redis.command([], 'CONFIG', 'SET', 'maxmemory', '100mb');
    expect(await connection.run('SET', 'key', 'value')).toBe('OK');
    expect(seen).toEqual(['ready']);
  });

  it('is closed in the middle of trying', async () => {
    const redis = await startRedis();
    await redis.kill();
    const { connection } = connectTo(redis.url());
    const failing = failureOf(connection.run('PING'));
    await connection.close();
    expect(await failing).toMatchObject({ name: 'RedisError' });
    expect(await failureOf(connection.run('PING'))).toMatchObject({ name: 'RedisError' });
  });

  it('speaks TLS by rediss://, with a server whose certificate it trusts and with no other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rouse-redis-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    const names = ['-subj', '/CN=test', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', ...made, ...names, ...files], { stdio: 'ignore' });
    const [plain = 0] = await findFreePorts(1);
    const tls = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-auth-clients', 'no'];
    // Options of later count: the port that the test knows speaks TLS.
    const redis = await startRedis('--port', String(plain), ...tls, '--tls-port', TestRedis.port);
    const url = redis.url().replace('redis:', 'rediss:');
    expect(await pingOf(url)).toContain('SELF_SIGNED_CERT');
    expect(await pingOf(url, certificate)).toBe('PONG');
    rmSync(folder, { recursive: true });
  });
});
