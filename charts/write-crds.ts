// `node charts/write-crds.ts`: writes the chart's CustomResourceDefinitions from api/, where they are defined.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { functionCrd } from '../api/function-crd.ts';
import { revisionCrd } from '../api/revision-crd.ts';

const header = '# Written by charts/write-crds.ts from api/: change it there.\n';

export const crdFolder = join(import.meta.dirname, 'rouse/files/crds');

/** Text per file name. */
export function renderCrds(): Record<string, string> {
  return Object.fromEntries(
    [functionCrd, revisionCrd].map((crd) => [
      `${crd.metadata.name}.yaml`,
      // Aliases would make a schema that is used twice unreadable, and kubectl apply of it a riddle.
      header + stringify(crd, { aliasDuplicateObjects: false, lineWidth: 120 }),
    ]),
  );
}

if (import.meta.main) {
  mkdirSync(crdFolder, { recursive: true });
  for (const [name, text] of Object.entries(renderCrds())) {
    writeFileSync(join(crdFolder, name), text);
  }
}
