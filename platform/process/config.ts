// Settings from the environment: read once, checked, with an error that names the variable and what to write.

export type Environment = Readonly<Record<string, string | undefined>>;

/** Thrown for a setting that can't be used; the message is one sentence for the person who set it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** An unset or empty variable is `fallback`; without one it is an error. */
export function readText(env: Environment, name: string, fallback?: string): string {
  const value = env[name];
  if (value !== undefined && value !== '') return value;
  if (fallback !== undefined) return fallback;
  throw new ConfigError(`${name} is not set; set it and start again`);
}

export interface IntegerRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

export function readInteger(env: Environment, name: string, range: IntegerRange): number {
  const text = env[name];
  if (text === undefined || text === '') return range.fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new ConfigError(
    `${name} is "${text}"; set it to a whole number from ${range.min} to ${range.max}`,
  );
}

/** 0 lets the system choose a free port. */
export function readPort(env: Environment, name: string, fallback: number): number {
  return readInteger(env, name, { fallback, min: 0, max: 65_535 });
}

export function readChoice<T extends string>(
  env: Environment,
  name: string,
  choice: { readonly fallback: T; readonly choices: readonly T[] },
): T {
  const text = env[name];
  if (text === undefined || text === '') return choice.fallback;
  const found = choice.choices.find((one) => one === text);
  if (found !== undefined) return found;
  throw new ConfigError(`${name} is "${text}"; set it to one of ${choice.choices.join(', ')}`);
}

/** Kubernetes' notation of an amount, such as 10m, 0.5 or 64Mi. */
export function readQuantity(env: Environment, name: string, fallback: string): string {
  const text = readText(env, name, fallback);
  if (/^\d+(\.\d+)?(m|k|M|G|Ki|Mi|Gi)?$/.test(text)) return text;
  throw new ConfigError(`${name} is "${text}"; set it to an amount such as 10m, 0.5 or 64Mi`);
}
