// `npm run test:cluster [-- JEST OPTIONS]`: a Kubernetes by kind, the platform by Helm, every suite that runs on both.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findNodeEntry, writeInnerKubeconfig } from './enter-node.ts';

const root = resolve(import.meta.dirname, '../..');
const clusterProgram = join(root, 'cluster/main.ts');
const state = join(root, '.cluster');

interface Suite {
  readonly name: string;
  /** Folders of tests. */
  readonly paths: readonly string[];
  readonly options: readonly string[];
  /** Runs in the network of the node; its tests say that they are skipped where that can't be. */
  readonly insideNode?: boolean;
}

/** What runs on the local cluster alone stays out; what upgrades, breaks or takes away the platform comes last. */
const suites: readonly Suite[] = [
  {
    name: 'e2e',
    paths: ['test/e2e/'],
    options: ['--maxWorkers=2', '--testPathIgnorePatterns=test/e2e/local/'],
  },
  // On a local platform of its own, where processes can be killed for real.
  {
    name: 'chaos',
    paths: ['test/chaos/'],
    options: ['--runInBand', '--testPathIgnorePatterns=test/chaos/cluster-chaos'],
  },
  { name: 'conformance', paths: ['test/conformance/api/'], options: ['--maxWorkers=2'] },
  {
    name: 'chaos-inside',
    paths: ['test/chaos/cluster-chaos'],
    options: ['--runInBand', '--testPathIgnorePatterns=/node_modules/'],
    insideNode: true,
  },
  {
    name: 'cluster',
    paths: ['test/cluster/'],
    options: ['--runInBand', '--testPathIgnorePatterns=/node_modules/'],
  },
];

const given = process.argv.slice(2);
const wasUp = runCluster('status', { isQuiet: true });
// Any free port: another checkout's cluster may have the usual one.
const upArgs = wasUp ? [] : ['--gateway-port', String(await findFreePort())];
if (!runCluster('up', { args: upArgs }) || !runCluster('install')) {
  takeDown();
  console.log('0 passed, 1 failed');
  process.exit(1);
}
/** Kept for whoever names the folder, as .ci/run does to add them up. */
const results = process.env['ROUSE_TEST_RESULTS'] ?? mkdtempSync(join(tmpdir(), 'rouse-results-'));
mkdirSync(results, { recursive: true });
const environment = suiteEnvironment();
/** ROUSE_TEST_SUITES: names with commas between, for those who want a few. */
const wanted = process.env['ROUSE_TEST_SUITES']?.split(',');
const files = suites.filter(({ name }) => wanted?.includes(name) ?? true).map(runSuite);
const { status } = spawnSync(process.execPath, [join(root, '.ci/print-totals.js'), ...files], {
  stdio: 'inherit',
});
if (status !== 0) runCluster('logs');
takeDown();
if (process.env['ROUSE_TEST_RESULTS'] === undefined) rmSync(results, { recursive: true });
process.exit(status ?? 1);

/** A cluster that was there before is somebody's; one that was made for the tests goes with them. */
function takeDown(): void {
  if (!wasUp && process.env['ROUSE_KEEP_CLUSTER'] === undefined) runCluster('down');
}

function runCluster(command: string, { isQuiet = false, args = [] as string[] } = {}): boolean {
  const stdio = isQuiet ? 'ignore' : 'inherit';
  const all = [clusterProgram, command, ...args];
  return spawnSync(process.execPath, all, { cwd: root, stdio }).status === 0;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Gives the file that the results are in. */
function runSuite({ name, paths, options, insideNode = false }: Suite): string {
  console.log(`\n=== test:cluster, ${name}`);
  const file = join(results, `cluster-${name}.json`);
  rmSync(file, { force: true });
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest];
  const report = ['--ci', '--json', `--outputFile=${file}`];
  const args = [...flags, ...paths, ...options, ...report, ...given];
  // Jest prints its JSON on standard output too, where nobody wants it; people read standard error.
  const stdio = ['ignore', 'ignore', 'inherit'] as const;
  const { before, env } = insideNode ? enterNode() : { before: [], env: environment };
  const [program = '', ...rest] = [...before, process.execPath, ...args];
  spawnSync(program, rest, { cwd: root, env, stdio: [...stdio] });
  return file;
}

function enterNode(): { before: readonly string[]; env: NodeJS.ProcessEnv } {
  const entry = findNodeEntry(environment['ROUSE_TEST_NODE'] ?? '', environment);
  if (entry === undefined) return { before: [], env: environment };
  const inner = join(state, 'inner-kubeconfig');
  writeInnerKubeconfig(join(state, 'kubeconfig'), inner);
  const env = { ...environment, KUBECONFIG: inner, ROUSE_TEST_INSIDE_NODE: entry.id };
  return { before: entry.enter, env };
}

/** Where the suites find the cluster, and the Docker that holds its nodes, for tests that stop what runs in them. */
function suiteEnvironment(): NodeJS.ProcessEnv {
  const kubeconfig = join(state, 'kubeconfig');
  const note = JSON.parse(readFileSync(join(state, 'cluster.json'), 'utf8')) as ClusterNote;
  return {
    ...process.env,
    KUBECONFIG: kubeconfig,
    ROUSE_E2E_GATEWAY_URL: `http://127.0.0.1:${note.gatewayPort}`,
    ROUSE_CONFORMANCE_KUBECONFIG: kubeconfig,
    ROUSE_TEST_HELM: findHelm(),
    ROUSE_TEST_NODE: note.firstNode,
    ...(note.dockerHost === undefined ? {} : { DOCKER_HOST: note.dockerHost }),
  };
}

interface ClusterNote {
  readonly gatewayPort: number;
  readonly firstNode: string;
  readonly dockerHost?: string;
}

function findHelm(): string {
  const args = [join(root, '.ci/provide-helm.ts')];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  return stdout.trim().split('\n').at(-1) ?? '';
}
