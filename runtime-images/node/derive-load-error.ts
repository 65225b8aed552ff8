// Turns whatever user code threw while it was loaded into a type and a message that its author can act on.

import type { LoadError } from './contract-names.ts';

/** Characters; a Kubernetes condition holds 32 KiB, a reader far less. */
const messageLengthMax = 4000;
const frameLinesMax = 3;

export interface LoadErrorContext {
  /** Folder the files were laid down in; its name is cut out of every text. */
  readonly folder: string;
  readonly entry: string;
  readonly files: Record<string, string>;
  /** `file:line` and code frame of a syntax error whose own stack does not have them. */
  readonly frame?: string;
}

/** A reason that comes from the runtime itself rather than from user code. */
export class LoadFailure extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export function deriveLoadError(thrown: unknown, context: LoadErrorContext): LoadError {
  const error = readError(thrown);
  const clean = (text: string): string => cut(hideFolder(text, context.folder));
  if (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') {
    return { type: 'ImportModuleError', message: cut(describeMissing(error, context)) };
  }
  if (error.name === 'SyntaxError') {
    return { type: 'SyntaxError', message: clean(describeSyntax(error, context)) };
  }
  const where = firstPlace(error.stack, context.folder);
  const at = where === undefined ? '' : ` (${where})`;
  return { type: reasonOf(error.name), message: clean(`${error.name}: ${error.message}${at}`) };
}

/** Whether a syntax error's stack lacks the place, as it does for ES modules. */
export function lacksPlace(thrown: unknown, folder: string): boolean {
  const error = readError(thrown);
  return error.name === 'SyntaxError' && !error.stack.includes(folder);
}

interface ReadError {
  name: string;
  message: string;
  stack: string;
  code: unknown;
  requireStack: unknown;
}

/** User code may throw anything, also a Proxy or an object whose getters throw. */
function readError(thrown: unknown): ReadError {
  const read = (name: string): unknown => {
    try {
      return (thrown as Record<string, unknown> | null | undefined)?.[name];
    } catch {
      return undefined;
    }
  };
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' ? value : undefined;
  const isObject = typeof thrown === 'object' && thrown !== null;
  return {
    name: text(read('name')) || (isObject ? 'Error' : `Thrown ${typeof thrown}`),
    message: isObject ? (text(read('message')) ?? '') : safeString(thrown),
    stack: text(read('stack')) ?? '',
    code: read('code'),
    requireStack: read('requireStack'),
  };
}

function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

/** Says which module is missing and which file wants it. */
function describeMissing(error: ReadError, context: LoadErrorContext): string {
  const text = hideFolder(error.message, context.folder);
  const esm = /^Cannot find (module|package) '([^']+)' imported from '?([^'\n]+?)'?$/m.exec(text);
  const cjs = /^Cannot find module '([^']+)'/.exec(text);
  const missing = esm?.[2] ?? cjs?.[1];
  if (missing === undefined) return text;
  const stack = Array.isArray(error.requireStack) ? String(error.requireStack[0]) : context.entry;
  const from = esm?.[3] ?? hideFolder(stack, context.folder);
  const isRelative = esm?.[1] === 'module' || /^[./]/.test(missing);
  const advice = isRelative
    ? 'add the file to the source'
    : 'packages are not installed here: bundle it into the source (esbuild --bundle --platform=node)';
  return `${from} imports '${missing}', which is not there; ${advice}`;
}

function describeSyntax(error: ReadError, context: LoadErrorContext): string {
  const place =
    context.frame ?? frameOf(error.stack) ?? placeOfImport(error.message, context.files);
  return place === undefined ? `${context.entry}: ${error.message}` : `${place}: ${error.message}`;
}

/** V8 puts `file:line`, the line and a row of carets before the first line of the stack. */
export function frameOf(stack: string): string | undefined {
  const match = /^(?:file:\/\/)?(\/[^\n]*?:\d+)\n((?:[^\n]*\n){1,8}?)[ \t]*\^+/.exec(stack);
  if (match === null) return undefined;
  const lines = (match[2] as string).split('\n').filter((line) => line.trim() !== '');
  const shown = lines.slice(0, frameLinesMax).map((line) => line.trim().slice(0, 200));
  return `${match[1]}: \`${shown.join(' ')}\``;
}

/** `The requested module './b.mjs' does not provide ...` names no importer; the files do. */
function placeOfImport(message: string, files: Record<string, string>): string | undefined {
  const wanted = /requested module '([^']+)'/.exec(message)?.[1];
  if (wanted === undefined) return undefined;
  for (const [path, text] of Object.entries(files)) {
    const line = text
      .split('\n')
      .findIndex((one) => /\b(import|export)\b/.test(one) && one.includes(wanted));
    if (line >= 0) return `${path}:${line + 1}`;
  }
  return undefined;
}

function firstPlace(stack: string, folder: string): string | undefined {
  const at = stack.indexOf(`${folder}/`);
  if (at < 0) return undefined;
  return /^[^\s():]+(?::\d+){0,2}/.exec(stack.slice(at + folder.length + 1))?.[0];
}

function hideFolder(text: string, folder: string): string {
  return text.replaceAll(`file://${folder}/`, '').replaceAll(`${folder}/`, '');
}

function cut(text: string): string {
  return text.length <= messageLengthMax ? text : `${text.slice(0, messageLengthMax)} ...`;
}

/** A condition's reason: letters and digits, beginning with a letter. */
function reasonOf(name: string): string {
  const clean = name.replace(/[^A-Za-z0-9]/g, '').slice(0, 60);
  return /^[A-Za-z]/.test(clean) ? clean : 'Error';
}
