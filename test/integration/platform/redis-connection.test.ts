// The connection against a real Redis: there, away, back again, frozen, and with the wrong password.

import { afterEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
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
});
