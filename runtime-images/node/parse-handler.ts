// Reads spec.handler (`dir/file.export.nested`) and finds the file of the bundle that it means.

/** Looked up in this order; .js first, as Lambda does. */
const extensions = ['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'] as const;
const entryName = 'index';

export interface HandlerReference {
  /** Path in the bundle, without an extension unless the user wrote one. */
  readonly file: string;
  /** Names to follow from the module; empty: the module's own or default export. */
  readonly exportPath: readonly string[];
  /** Whether the user wrote it. Otherwise any export that looks like a handler will do. */
  readonly isExplicit: boolean;
}

/** A string is the reason why it can't be read. */
export function parseHandler(handler: string | undefined): HandlerReference | string {
  if (handler === undefined || handler === '') {
    return { file: entryName, exportPath: ['handler'], isExplicit: false };
  }
  const shown = JSON.stringify(handler);
  const slash = handler.lastIndexOf('/');
  const base = handler.slice(slash + 1);
  if (handler.includes('..') || handler.startsWith('/') || /[\0\\]/.test(handler)) {
    return `handler ${shown} must be FILE.EXPORT, with FILE inside the source`;
  }
  // A user who writes index.mjs means the file; no export is called mjs.
  const written = extensions.find((extension) => base.endsWith(extension) && base !== extension);
  if (written !== undefined) return { file: handler, exportPath: [], isExplicit: true };
  const [name = '', ...exportPath] = base.split('.');
  if (name === '' || exportPath.includes('')) {
    return `handler ${shown} must be FILE.EXPORT, for example index.handler`;
  }
  return { file: handler.slice(0, slash + 1) + name, exportPath, isExplicit: true };
}

/** The path of the file, or a sentence that says which files there are. */
export function pickEntryFile(
  reference: HandlerReference,
  paths: readonly string[],
): { path: string } | string {
  const known = new Set(paths);
  if (known.has(reference.file)) return { path: reference.file };
  for (const extension of extensions) {
    if (known.has(reference.file + extension)) return { path: reference.file + extension };
  }
  const code = paths.filter((path) => extensions.some((extension) => path.endsWith(extension)));
  // A ConfigMap with one file under any name needs no handler.
  if (!reference.isExplicit && code.length === 1) return { path: code[0] as string };
  const shown = paths.slice(0, 10).join(', ') + (paths.length > 10 ? ', ...' : '');
  return `the source has no ${reference.file}.js, .mjs, .cjs or .ts; it has: ${shown}. Set spec.handler to FILE.EXPORT`;
}
