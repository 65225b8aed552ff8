// `npm run build`: bundles every program into dist/, where it is not fresh.

import { bundlePrograms } from './bundle-programs.ts';

const made = await bundlePrograms();
console.log(made.length === 0 ? 'dist/ is fresh.' : `Bundled ${made.join(', ')} into dist/.`);
