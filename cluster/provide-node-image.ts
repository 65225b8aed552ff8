// The node image for machines without a registry: Debian by debootstrap, everything else from Go modules.

import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Docker } from './docker.ts';
import { folders } from './folders.ts';
import { goModules, kubernetesVersion } from './go-modules.ts';
import { findModuleFolder, provideBinaries, type Binaries } from './provide-binaries.ts';
import { provideControlPlaneImages } from './provide-control-plane-images.ts';
import { step } from './print-step.ts';
import { run } from './run-program.ts';

const debian = 'bookworm';
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'kmod', 'mount', 'util-linux', 'procps', 'hostname'],
  ...['iptables', 'iproute2', 'conntrack', 'ethtool', 'ca-certificates', 'jq'],
  // runc from Debian: one built without libseccomp refuses to start pods.
  ...['runc', 'containernetworking-plugins'],
];
/** Debian's mirror may be slow: 39 s were seen, and minutes elsewhere. */
const debootstrapMsMax = 20 * 60_000;

export interface NodeImage {
  readonly tag: string;
  readonly pauseImage: string;
}

/** The binaries a node is made of, by module. */
export type NodeBinaries = Readonly<Record<NodeModule, Binaries>>;
const nodeModules = ['kubernetes', 'etcd', 'coredns', 'pause', 'containerd', 'crictl'] as const;
type NodeModule = (typeof nodeModules)[number];

export async function provideNodeImage(docker: Docker): Promise<NodeImage> {
  const binaries = await buildBinaries();
  const images = await listImages(binaries);
  const pauseImage = images.find((image) => /\/pause:/.test(image)) ?? '';
  const tag = `rouse.local/kind-node:${kubernetesVersion}-${fingerprint(binaries, images)}`;
  if (await docker.hasImage(tag)) return { tag, pauseImage };
  const base = await provideNodeBase(docker);
  removeScratch();
  await step('assembling the node image', async () => {
    const context = join(folders.work, 'node');
    await fillContext(context, binaries);
    const target = join(context, 'images.tar');
    await provideControlPlaneImages({ docker, binaries, images, base, target });
    await docker.build({ context, tag, buildArguments: { BASE: base } });
    removeScratch();
  });
  return { tag, pauseImage };
}

async function buildBinaries(): Promise<NodeBinaries> {
  const built: Partial<Record<NodeModule, Binaries>> = {};
  for (const name of nodeModules) built[name] = await provideBinaries(goModules[name]);
  return built as NodeBinaries;
}

/** kubeadm says under which names it will look for the control plane's images. */
async function listImages({ kubernetes }: NodeBinaries): Promise<string[]> {
  const args = ['config', 'images', 'list', '--kubernetes-version', kubernetesVersion];
  const said = await run(join(kubernetes.folder, 'kubeadm'), args);
  return said.trim().split('\n');
}

/** Debian with little else, from which this machine makes its images. */
export async function provideNodeBase(docker: Docker): Promise<string> {
  const key = createHash('sha256').update(packages.join()).digest('hex').slice(0, 8);
  const tag = `rouse.local/node-base:${debian}-${key}`;
  if (await docker.hasImage(tag)) return tag;
  const archive = join(folders.cache, `node-base-${debian}-${key}.tar`);
  if (!existsSync(archive)) {
    await step(`debootstrap of ${debian} for the node image`, () => debootstrap(archive));
  }
  await docker.run(['import', archive, tag]);
  return tag;
}

async function debootstrap(archive: string): Promise<void> {
  const root = join(folders.work, 'base');
  removeScratch();
  mkdirSync(root, { recursive: true });
  // In a mount namespace of its own, so that its /proc goes with it, however it ends.
  const args = ['--mount', 'debootstrap', '--variant=minbase', `--include=${packages.join()}`];
  await run('unshare', [...args, debian, root], { nice: true, timeoutMs: debootstrapMsMax });
  const left = ['./var/cache/apt/archives/*.deb', './var/lib/apt/lists/*', './proc/*', './sys/*'];
  const excluded = left.map((pattern) => `--exclude=${pattern}`);
  await run('tar', [
    '-C',
    root,
    '--numeric-owner',
    ...excluded,
    '-cf',
    `${archive}.${process.pid}.partial`,
    '.',
  ]);
  renameSync(`${archive}.${process.pid}.partial`, archive);
  removeScratch();
}

/** Of this build and of those that were killed; we hold the lock, so no other build goes on. */
function removeScratch(): void {
  for (const name of readdirSync(folders.cache)) {
    if (!name.startsWith('work-')) continue;
    try {
      rmSync(join(folders.cache, name), { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // What a killed build started may still write there; the next build removes it.
    }
  }
}

/** `files/` is laid over the base; the rest serves the build. */
async function fillContext(context: string, binaries: NodeBinaries): Promise<void> {
  const files = join(context, 'files');
  const put = (from: string, folder: string, name: string, mode = 0o755) => {
    mkdirSync(join(files, folder), { recursive: true });
    copyFileSync(join(from, name), join(files, folder, name));
    chmodSync(join(files, folder, name), mode);
  };
  const { kubernetes, containerd, crictl } = binaries;
  for (const name of ['kubelet', 'kubeadm', 'kubectl']) put(kubernetes.folder, 'usr/bin', name);
  for (const name of Object.keys(goModules.containerd.programs)) {
    put(containerd.folder, 'usr/local/bin', name);
  }
  put(crictl.folder, 'usr/local/bin', 'crictl');
  put(folders.nodeImage, 'usr/local/bin', 'pod-net');
  put(folders.nodeImage, 'etc/systemd/system', 'pod-net.service', 0o644);
  for (const name of ['Dockerfile', 'preload-images.sh', 'finish-node.sh']) {
    copyFileSync(join(folders.nodeImage, name), join(context, name));
  }
  await putKindsOwn(put);
  writeFileSync(join(files, 'kind/version'), kubernetesVersion);
}

type Put = (from: string, folder: string, name: string, mode?: number) => void;

/** kind's entrypoint, units and settings, unchanged, as they lie in its Go module. */
async function putKindsOwn(put: Put): Promise<void> {
  const kind = await findModuleFolder(goModules.kind, goModules.kind.programs.kind);
  const base = join(kind, 'images/base/files');
  const folderOf = (folder: string, mode: number) => {
    for (const name of readdirSync(join(base, folder))) put(join(base, folder), folder, name, mode);
  };
  put(join(base, 'usr/local/bin'), 'usr/local/bin', 'entrypoint');
  folderOf('kind/bin', 0o755);
  const units = [
    'containerd.service',
    'kubelet.service',
    'kubelet.slice',
    'undo-mount-hacks.service',
  ];
  for (const unit of units) {
    put(join(base, 'etc/systemd/system'), 'etc/systemd/system', unit, 0o644);
  }
  folderOf('etc/systemd/system/kubelet.service.d', 0o644);
  folderOf('etc/default', 0o644);
  folderOf('etc/sysctl.d', 0o644);
  put(join(base, 'etc'), 'etc', 'crictl.yaml', 0o644);
  put(join(base, 'etc/containerd'), 'etc/containerd', 'config.toml', 0o644);
}

function fingerprint(binaries: NodeBinaries, images: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([debian, packages, images]));
  for (const { key } of Object.values(binaries)) hash.update(key);
  for (const name of readdirSync(folders.nodeImage)) {
    hash.update(name).update(readFileSync(join(folders.nodeImage, name)));
  }
  return hash.digest('hex').slice(0, 8);
}
