// Makes the images of the control plane under the names that kubeadm asks for, as one archive.

import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Docker } from './docker.ts';
import { folders } from './folders.ts';
import { run } from './run-program.ts';
import type { NodeBinaries } from './provide-node-image.ts';

export interface ControlPlaneImages {
  readonly docker: Docker;
  readonly binaries: NodeBinaries;
  /** As kubeadm lists them: `registry.k8s.io/kube-apiserver:v1.36.3` and so on. */
  readonly images: readonly string[];
  readonly base: string;
  /** The archive to write. */
  readonly target: string;
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export async function provideControlPlaneImages(options: ControlPlaneImages): Promise<void> {
  const { docker, images, target } = options;
  for (const image of images) await provideImage(image, options);
  await docker.run(['save', '--output', target, ...images]);
  // They serve the nodes only; the names are those of other people's images.
  await docker.run(['image', 'rm', ...images]);
}

async function provideImage(image: string, options: ControlPlaneImages): Promise<void> {
  const { docker, binaries, base } = options;
  const program = /([^/]+):[^:]+$/.exec(image)?.[1] ?? image;
  const context = join(folders.work, program);
  const from = folderOf(program, binaries);
  if (program === 'kube-proxy') {
    mkdirSync(context, { recursive: true });
    copyFileSync(join(from, program), join(context, program));
    for (const name of ['kube-proxy.Dockerfile', 'collect-tools.sh']) {
      copyFileSync(join(folders.nodeImage, name), join(context, name));
    }
    await docker.build({
      context,
      tag: image,
      buildArguments: { BASE: base },
      file: 'kube-proxy.Dockerfile',
    });
    return;
  }
  mkdirSync(join(context, 'usr/local/bin'), { recursive: true });
  copyFileSync(join(from, program), join(context, 'usr/local/bin', program));
  await run('tar', ['-C', context, '--numeric-owner', '-cf', `${context}.tar`, 'usr']);
  const changes = ['--change', `ENV ${path}`, '--change', `ENTRYPOINT ["${program}"]`];
  await docker.run(['import', ...changes, `${context}.tar`, image]);
}

function folderOf(program: string, binaries: NodeBinaries): string {
  if (program === 'etcd' || program === 'coredns' || program === 'pause') {
    return binaries[program].folder;
  }
  return binaries.kubernetes.folder;
}
