// Reads what the pod's environment says before anything listens; a value that makes no sense stops the start.

import {
  bodyBytesMaxDefault,
  controlPortDefault,
  env as names,
  httpPortDefault,
  lameDuckMsDefault,
  loadTimeoutMsDefault,
} from './contract-names.ts';

/** A pod's own memory: containers of it that start again find it as it was. */
const markDirectoryDefault = '/dev/shm';

export interface Settings {
  readonly port: number;
  readonly controlPort: number;
  /** `undefined`: all addresses. */
  readonly listenHost: string | undefined;
  readonly podUid: string;
  /** Started for the warm pool rather than for a Function: nobody waits for it yet. */
  readonly isParked: boolean;
  /** While parked it also makes ready what signature fetch needs. */
  readonly wantsFetch: boolean;
  /** Raw Ed25519 key in base64; without one every signed request is refused. */
  readonly controlPublicKey: string | undefined;
  readonly codeDirectory: string | undefined;
  /** Where a parked pod notes whose it is. */
  readonly markDirectory: string;
  readonly lameDuckMs: number;
  readonly loadTimeoutMs: number;
  readonly bodyBytesMax: number;
}

/** Throws an Error whose message names the variable, its value and what it should be. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const port = wholeNumber(env, names.port, { fallback: httpPortDefault, max: 65_535 });
  const controlPort = wholeNumber(env, names.controlPort, {
    fallback: controlPortDefault,
    max: 65_535,
  });
  if (port === controlPort && port !== 0) {
    throw new Error(`${names.port} and ${names.controlPort} are both ${port}; they must differ`);
  }
  return {
    port,
    controlPort,
    listenHost: env[names.listenHost] || undefined,
    podUid: env[names.podUid] ?? '',
    isParked: !env[names.function],
    wantsFetch: env[names.parkWithFetch] === '1',
    controlPublicKey: env[names.controlPublicKey] || undefined,
    codeDirectory: env[names.codeDirectory] || undefined,
    markDirectory: env[names.markDirectory] || markDirectoryDefault,
    lameDuckMs: wholeNumber(env, names.lameDuckMs, { fallback: lameDuckMsDefault, max: 60_000 }),
    loadTimeoutMs: wholeNumber(env, names.loadTimeoutMs, {
      fallback: loadTimeoutMsDefault,
      max: 900_000,
    }),
    bodyBytesMax: wholeNumber(env, names.bodyBytesMax, {
      fallback: bodyBytesMaxDefault,
      max: 1024 * 1024 * 1024,
    }),
  };
}

function wholeNumber(
  env: Record<string, string | undefined>,
  name: string,
  rule: { fallback: number; max: number },
): number {
  const text = env[name];
  if (text === undefined || text === '') return rule.fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= rule.max) return value;
  throw new Error(`${name} is ${JSON.stringify(text)}; write a whole number from 0 to ${rule.max}`);
}
