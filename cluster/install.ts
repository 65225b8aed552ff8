// `install`: the platform's images built and loaded, then the chart, as on any other Kubernetes.

import { resolve } from 'node:path';
import { readNote } from './cluster-note.ts';
import { folders } from './folders.ts';
import { observeHost } from './observe-host.ts';
import { provideHelm } from './provide-helm.ts';
import { provideImages, type BuiltImage } from './provide-images.ts';
import { say, step } from './print-step.ts';
import { run } from './run-program.ts';
import { findCluster } from './status.ts';
import { StopError } from './stop-error.ts';
import { provideKind } from './up.ts';

const chart = resolve(import.meta.dirname, '../charts/rouse');
const values = resolve(chart, 'ci/node-port-values.yaml');
const namespace = 'rouse-system';
const helmMsMax = 5 * 60_000;

/** Harmless where it is installed: Helm upgrades what changed. */
export async function install(): Promise<void> {
  const built = await loadImages();
  const port = readNote()?.gatewayPort;
  const helm = await provideHelm();
  const args = ['upgrade', '--install', 'rouse', chart, '--namespace', namespace];
  const settings = [
    '--create-namespace',
    '--values',
    values,
    '--set',
    `externalPort=${port}`,
    ...idsOf(built),
  ];
  await step(`installing the chart in namespace ${namespace}`, () =>
    run(helm, [...args, ...settings, '--wait', '--timeout', '180s'], {
      env: { ...process.env, KUBECONFIG: folders.kubeconfig },
      timeoutMs: helmMsMax,
    }),
  );
  say(`kubectl apply -f examples/hello.yaml, then: curl http://hello.default.localhost:${port}`);
}

/** Builds what the chart installs and puts it into the nodes. */
async function loadImages(): Promise<readonly BuiltImage[]> {
  const isThere = (await findCluster()) !== undefined;
  const found = isThere ? await findCluster(await provideKind()) : undefined;
  if (found === undefined) throw new StopError('there is no cluster: run "npm run cluster -- up"');
  const { isRegistryReachable } = await observeHost();
  const images = await provideImages(found.docker, { hasRegistry: isRegistryReachable });
  const tags = images.map(({ tag }) => tag);
  await step(`loading ${tags.join(', ')}`, () => found.cluster.load(...tags));
  return images;
}

/** A tag stays while the image changes: by its id in an annotation, Kubernetes replaces the pods then and only then. */
function idsOf(built: readonly BuiltImage[]): string[] {
  return ['controller', 'activator'].flatMap((part) => {
    const image = built.find(({ tag }) => tag.startsWith(`rouse/${part}:`));
    return ['--set-string', `${part}.podAnnotations.rouse\\.dev/image-id=${image?.id}`];
  });
}
