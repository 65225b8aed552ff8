// Makes sure there is a kubectl for the tests before they start: `node .ci/provide-kubectl.ts`.

import { provideKubectl } from '../test/support/kubectl.ts';

const path = await provideKubectl((line) => console.log(line));
if (path !== undefined) console.log(`kubectl for the tests: ${path}`);
