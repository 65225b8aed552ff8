// A program that sends one PING to ROUSE_REDIS_URL and prints what it gets: Node reads certificates at its start.

import { readRedisAddress } from '../../platform/redis/read-redis-address.ts';
import { RedisConnection } from '../../platform/redis/redis-connection.ts';

const address = readRedisAddress(process.env, 'ROUSE_REDIS_URL');
if (address === undefined) throw new Error('ROUSE_REDIS_URL is not set');
const connection = new RedisConnection(address, { onReady() {}, onUnready() {} });
const said = await connection.run('PING').catch((error: Error) => error.message);
console.log(said);
await connection.close();
