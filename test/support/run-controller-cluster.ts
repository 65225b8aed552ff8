// A program that runs the local cluster alone, with no controller and no activator. Argument: its home.

import { join } from 'node:path';
import { bundlePath, bundlePrograms, programs } from '../../local/bundle-programs.ts';
import { system } from '../../api/names.ts';
import { startCluster } from '../../local/start-cluster.ts';
import { silentLog } from '../../platform/process/log.ts';

// A process of its own, because the rules of the CRDs look at the classes of values, which Jest has twice.
const home = process.argv[2] ?? '';
const runtime = programs.filter((program) => program.name === 'runtime-node');
await bundlePrograms(runtime);
const cluster = await startCluster({
  cacheFolder: join(home, 'cache'),
  settings: { home, apiPort: 0, parts: 'all' },
  runtimes: {
    'rouse/runtime-node': { command: [process.execPath, ...runtime.map(bundlePath)] },
    // An image that listens on $PORT, one that ends at once, and one that never listens.
    'test/listener': {
      command: [process.execPath, '-e', 'require("http").createServer().listen(process.env.PORT)'],
    },
    'test/quitter': { command: ['/bin/sh', '-c', 'echo no database >&2; exit 3'] },
  },
  log: silentLog,
});
await cluster.announce([{ name: system.activatorService, host: '127.0.0.1', port: 8080 }]);
process.send?.({ kubeconfig: cluster.kubeconfigPath });
process.once('disconnect', () => void cluster.stop().finally(() => process.exit(0)));
