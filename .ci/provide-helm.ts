// Makes sure there is a Helm for the tests and prints its path: `node .ci/provide-helm.ts`.

import { provideHelm } from '../cluster/provide-helm.ts';

console.log(await provideHelm());
