// Reads the body of POST /specialize; what it lets through can be laid down and run without further checks.

import { signatures } from './contract-names.ts';
import type { Signature, SpecializeBundle } from './contract-names.ts';

const filesMax = 1000;
const pathLengthMax = 512;
const timeoutMsMax = 3_600_000;

/** The bundle, or a sentence that says what is wrong with it. */
export function parseBundle(text: string): SpecializeBundle | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'the body is not JSON';
  }
  if (!isRecord(value)) return 'the body is not an object';
  return (
    refuseScalars(value) ??
    refuseEnv(value['env']) ??
    refuseFiles(value['files']) ?? {
      version: 1,
      namespace: value['namespace'] as string,
      function: value['function'] as string,
      revision: value['revision'] as string,
      ...(value['handler'] ? { handler: value['handler'] as string } : {}),
      signature: value['signature'] as Signature,
      files: value['files'] as Record<string, string>,
      codeDigest: value['codeDigest'] as string,
      ...(value['revisionUid'] ? { revisionUid: value['revisionUid'] as string } : {}),
      env: value['env'] as Record<string, string>,
      timeoutMs: value['timeoutMs'] as number,
      concurrencyLimit: value['concurrencyLimit'] as number,
    }
  );
}

/** Why a path may not be a file of the bundle; `undefined` when it may. */
export function refusePath(path: string): string | undefined {
  const shown = JSON.stringify(path.slice(0, 80));
  if (path === '' || path.length > pathLengthMax) {
    return `file path ${shown} must have 1 to ${pathLengthMax} characters`;
  }
  if (/[\0\\\r\n]/.test(path)) return `file path ${shown} has a character that no path may have`;
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) return `file path ${shown} is absolute`;
  const isPlain = path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  return isPlain ? undefined : `file path ${shown} has an empty, . or .. part`;
}

function refuseScalars(value: Record<string, unknown>): string | undefined {
  if (value['version'] !== 1) return `version ${JSON.stringify(value['version'])} is not 1`;
  for (const name of ['namespace', 'function', 'revision', 'codeDigest']) {
    const text = value[name];
    if (typeof text !== 'string' || text === '') return `${name} must be a text`;
  }
  for (const name of ['handler', 'revisionUid']) {
    const text = value[name];
    if (text !== undefined && typeof text !== 'string') return `${name} must be a text`;
  }
  if (!signatures.includes(value['signature'] as Signature)) {
    return `signature must be one of ${signatures.join(', ')}`;
  }
  if (!isWhole(value['timeoutMs'], 1, timeoutMsMax)) {
    return `timeoutMs must be a whole number from 1 to ${timeoutMsMax}`;
  }
  if (!isWhole(value['concurrencyLimit'], 0, Number.MAX_SAFE_INTEGER)) {
    return 'concurrencyLimit must be a whole number, 0 for none';
  }
  return undefined;
}

function refuseEnv(value: unknown): string | undefined {
  if (!isRecord(value)) return 'env must be an object of texts';
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') return `env ${JSON.stringify(name)} must be a text`;
    if (name === '' || /[=\0]/.test(name) || text.includes('\0')) {
      return `env ${JSON.stringify(name)} has a character that no variable may have`;
    }
  }
  return undefined;
}

function refuseFiles(value: unknown): string | undefined {
  if (!isRecord(value)) return 'files must be an object of texts';
  const paths = Object.keys(value);
  if (paths.length === 0) return 'files is empty';
  if (paths.length > filesMax) return `files has ${paths.length} entries; ${filesMax} are the most`;
  const known = new Set(paths);
  for (const path of paths) {
    if (typeof value[path] !== 'string') return `file ${JSON.stringify(path)} must be a text`;
    const refused = refusePath(path);
    if (refused !== undefined) return refused;
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const folder = path.slice(0, at);
      if (known.has(folder)) return `${JSON.stringify(folder)} is both a file and a folder`;
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
