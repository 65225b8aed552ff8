// The setting that says which Redis, for every program that may have one.

import { ConfigError, readText, type Environment } from '../process/config.ts';
import { parseRedisUrl, type RedisAddress } from './parse-redis-url.ts';

/** `undefined` when the variable is not set. The error names the variable and never shows its value. */
export function readRedisAddress(env: Environment, name: string): RedisAddress | undefined {
  const text = readText(env, name, '');
  if (text === '') return undefined;
  const parsed = parseRedisUrl(text);
  if ('problem' in parsed) throw new ConfigError(`${name} ${parsed.problem}`);
  return parsed.address;
}
