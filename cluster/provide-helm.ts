// Finds a Helm, or builds the one that the tests were written against.

import { join } from 'node:path';
import { goModules } from './go-modules.ts';
import { isOnPath } from './observe-host.ts';
import { provideBinaries } from './provide-binaries.ts';
import { StopError } from './stop-error.ts';

/** The program's path: ROUSE_TEST_HELM, else one of our Go module, else the one on the PATH where there is no Go. */
export async function provideHelm(): Promise<string> {
  const named = process.env['ROUSE_TEST_HELM'];
  if (named !== undefined && named !== '') return named;
  if (isOnPath('go')) {
    const { folder } = await provideBinaries(goModules.helm);
    return join(folder, 'helm');
  }
  if (isOnPath('helm')) return 'helm';
  throw new StopError('Helm is missing: install Helm 3, or Go 1.26 or newer, which builds it');
}
