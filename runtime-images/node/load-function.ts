// Takes a bundle to a function that serves requests: files, environment, module, handler, signature.

import type { FoundSignature } from './pick-signature.ts';
import type { LoadError, SpecializeBundle } from './contract-names.ts';
import type { SignatureAdapter } from './invocation.ts';
import { createAdapter } from './create-adapter.ts';
import { deriveLoadError, LoadFailure } from './derive-load-error.ts';
import { env as names } from './contract-names.ts';
import { findSyntaxFrame, importModule } from './import-module.ts';
import { installStreaming } from './lambda-stream.ts';
import { parseHandler, pickEntryFile } from './parse-handler.ts';
import { pickHandler } from './pick-handler.ts';
import { pickSignature } from './pick-signature.ts';
import { writeFiles } from './write-files.ts';

export interface LoadedFunction {
  readonly signature: FoundSignature;
  readonly adapter: SignatureAdapter;
}

export interface LoadOptions {
  readonly codeDirectory: string | undefined;
  readonly loadTimeoutMs: number;
  readonly bodyBytesMax: number;
}

/** Never throws: a bundle that can't be loaded is a value, with the sentence its author will read. */
export async function loadFunction(
  bundle: SpecializeBundle,
  options: LoadOptions,
): Promise<LoadedFunction | { error: LoadError }> {
  let folder = '';
  let entry = 'index';
  try {
    const reference = parseHandler(bundle.handler);
    if (typeof reference === 'string') throw new LoadFailure('MalformedHandlerName', reference);
    const file = pickEntryFile(reference, Object.keys(bundle.files));
    if (typeof file === 'string') throw new LoadFailure('HandlerNotFound', file);
    entry = file.path;
    folder = writeFiles(bundle.files, options.codeDirectory);
    applyEnvironment(bundle, folder);
    const module = await withinTime(importModule(folder, entry), options.loadTimeoutMs);
    const found = pickHandler(module, reference, entry);
    if (typeof found === 'string') throw new LoadFailure('HandlerNotFound', found);
    const signature = bundle.signature === 'auto' ? pickSignature(found) : bundle.signature;
    const adapter = createAdapter(signature, {
      module,
      found,
      bundle,
      bodyBytesMax: options.bodyBytesMax,
    });
    return { signature, adapter: await withinTime(adapter, options.loadTimeoutMs) };
  } catch (thrown) {
    if (thrown instanceof LoadFailure) return { error: describe(thrown) };
    const frame = await findSyntaxFrame(thrown, folder, startWith(entry, bundle.files));
    const context = {
      folder,
      entry,
      files: bundle.files,
      ...(frame === undefined ? {} : { frame }),
    };
    return { error: deriveLoadError(thrown, context) };
  }
}

/** As in a pod that was started for the Function: there the platform's own values win over the Function's. */
const ownNames: ReadonlySet<string> = new Set([
  names.port,
  names.controlPort,
  names.podUid,
  names.controlPublicKey,
  names.function,
  names.namespace,
  names.revision,
]);

/** User code may read its environment as it loads, so this comes first. */
function applyEnvironment(bundle: SpecializeBundle, folder: string): void {
  const target = process.env;
  if (bundle.signature === 'auto' || bundle.signature === 'lambda') {
    installStreaming();
    target['AWS_LAMBDA_FUNCTION_NAME'] ??= bundle.function;
    target['AWS_LAMBDA_FUNCTION_VERSION'] ??= bundle.revision;
    target['LAMBDA_TASK_ROOT'] ??= folder;
    target['_HANDLER'] ??= bundle.handler ?? 'index.handler';
  }
  for (const [name, value] of Object.entries(bundle.env)) {
    if (!ownNames.has(name)) target[name] = value;
  }
  target[names.function] ??= bundle.function;
  target[names.namespace] ??= bundle.namespace;
  target[names.revision] ??= bundle.revision;
}

function withinTime<T>(work: Promise<T>, loadTimeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const message = `the code was still loading after ${loadTimeoutMs} ms; does a top-level await never end?`;
      reject(new LoadFailure('LoadTimeout', message));
    }, loadTimeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function startWith(entry: string, files: Record<string, string>): string[] {
  return [entry, ...Object.keys(files).filter((path) => path !== entry)];
}

function describe(failure: LoadFailure): LoadError {
  return { type: failure.type, message: failure.message };
}
