// Everything that is built from Go modules, with its version; the exact sums stand in modules/*/go.sum.

export const kubernetesVersion = 'v1.36.3';
const kubernetesTag = kubernetesVersion.slice(1);
const stamp = 'k8s.io/component-base/version';
const [major, minor] = kubernetesTag.split('.');

export interface GoModule {
  /** Its folder in cluster/modules. */
  readonly name: string;
  readonly version: string;
  /** Program name to package. */
  readonly programs: Readonly<Record<string, string>>;
  readonly linkerFlags?: string;
  readonly tags?: string;
}

export const goModules = {
  kubernetes: {
    name: 'kubernetes',
    version: kubernetesVersion,
    programs: Object.fromEntries(
      [
        'kube-apiserver',
        'kube-controller-manager',
        'kube-scheduler',
        'kube-proxy',
        'kubelet',
        'kubeadm',
        'kubectl',
      ].map((program) => [program, `k8s.io/kubernetes/cmd/${program}`]),
    ),
    // Without these, clients see v0.0.0.
    linkerFlags: [
      `-X ${stamp}.gitVersion=${kubernetesVersion}`,
      `-X ${stamp}.gitMajor=${major}`,
      `-X ${stamp}.gitMinor=${minor}`,
      `-X ${stamp}.gitTreeState=clean`,
    ].join(' '),
  },
  etcd: { name: 'etcd', version: 'v3.7.3', programs: { etcd: 'go.etcd.io/etcd/server/v3' } },
  coredns: { name: 'coredns', version: 'v1.15.0', programs: { coredns: '.' } },
  pause: { name: 'pause', version: 'v1', programs: { pause: '.' } },
  containerd: {
    name: 'containerd',
    version: 'v2.4.2',
    programs: Object.fromEntries(
      ['containerd', 'containerd-shim-runc-v2', 'ctr'].map((program) => [
        program,
        `github.com/containerd/containerd/v2/cmd/${program}`,
      ]),
    ),
    linkerFlags: '-X github.com/containerd/containerd/v2/version.Version=v2.4.2',
    tags: 'no_btrfs,no_devmapper,no_zfs',
  },
  crictl: {
    name: 'crictl',
    version: 'v1.36.0',
    programs: { crictl: 'sigs.k8s.io/cri-tools/cmd/crictl' },
  },
  helm: {
    name: 'helm',
    version: 'v3.22.0',
    programs: { helm: 'helm.sh/helm/v3/cmd/helm' },
    linkerFlags: [
      '-X helm.sh/helm/v3/internal/version.version=v3.22.0',
      // Without these, a Helm that asks no server takes Kubernetes for 1.20.
      ...['pkg/chartutil', 'pkg/lint/rules'].flatMap((folder) => [
        `-X helm.sh/helm/v3/${folder}.k8sVersionMajor=${major}`,
        `-X helm.sh/helm/v3/${folder}.k8sVersionMinor=${minor}`,
      ]),
    ].join(' '),
  },
  kind: { name: 'kind', version: 'v0.33.0', programs: { kind: 'sigs.k8s.io/kind' } },
  'runc-wrapper': { name: 'runc-wrapper', version: 'v1', programs: { 'runc-wrapper': '.' } },
} as const satisfies Record<string, GoModule>;
