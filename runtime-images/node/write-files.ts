// Lays a bundle's files down in a fresh folder, because real files give import.meta.url, require and fs for nothing.

import fs from 'node:fs';

/** A tmpfs that every Kubernetes pod has, also with a read-only root. */
const lastResort = '/dev/shm';

const written: string[] = [];

/**
 * Returns the folder, without a trailing slash. Throws what the file system threw when no place could be written.
 * Loading from files costs under 1 ms more than from memory, and less than what registerHooks adds to each import.
 */
export function writeFiles(
  files: Record<string, string>,
  codeDirectory: string | undefined,
): string {
  const folder = makeFolder(codeDirectory);
  written.push(folder);
  for (const [path, text] of Object.entries(files)) {
    const slash = path.lastIndexOf('/');
    if (slash > 0) fs.mkdirSync(`${folder}/${path.slice(0, slash)}`, { recursive: true });
    fs.writeFileSync(`${folder}/${path}`, text);
  }
  // A package.json of somebody else's, further up, would decide what a .js file is.
  if (files['package.json'] === undefined && hasPackageAbove(folder)) {
    fs.writeFileSync(`${folder}/package.json`, '{}');
  }
  return folder;
}

/** What `writeFiles` has made; its modules stay loaded. */
export function removeFiles(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  written.splice(written.indexOf(folder), 1);
}

/** Called when the process exits: a pod's folder dies with it anyway, a laptop's does not. */
export function removeWrittenFiles(): void {
  for (const folder of written) {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // Nothing can be done about it, and nobody is left to tell.
    }
  }
}

function makeFolder(codeDirectory: string | undefined): string {
  const places =
    codeDirectory === undefined ? [process.env['TMPDIR'] || '/tmp', lastResort] : [codeDirectory];
  let failure: unknown;
  for (const place of places) {
    try {
      // realpath: Node resolves links in module paths, and error messages must be recognized by this prefix.
      return fs.realpathSync(fs.mkdtempSync(`${place}/rouse-`));
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

function hasPackageAbove(folder: string): boolean {
  for (let at = folder.lastIndexOf('/'); at >= 0; at = folder.lastIndexOf('/', at - 1)) {
    if (fs.existsSync(`${folder.slice(0, at)}/package.json`)) return true;
    if (at === 0) return false;
  }
  return false;
}
