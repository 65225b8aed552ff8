// The configuration that kind gets, with every workaround only where it is asked for.

export interface KindConfigOptions {
  readonly nodes: number;
  /** On 127.0.0.1; leads to `gatewayNodePort` of the first node. */
  readonly gatewayPort: number;
  /** The image built here; left out, kind takes its own published one and its own network. */
  readonly builtImage: { readonly tag: string; readonly pauseImage: string } | undefined;
  readonly restrictOomScore: boolean;
  readonly allowCgroupV1: boolean;
}

/** The NodePort at which a Service is reached through the gateway's port on the host. */
export const gatewayNodePort = 30_080;

export function buildKindConfig(options: KindConfigOptions): object {
  const { builtImage, allowCgroupV1 } = options;
  const image = builtImage === undefined ? {} : { image: builtImage.tag };
  const gateway = {
    containerPort: gatewayNodePort,
    hostPort: options.gatewayPort,
    listenAddress: '127.0.0.1',
  };
  const workers = Array.from({ length: options.nodes - 1 }, () => ({ role: 'worker', ...image }));
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    ...(builtImage === undefined ? {} : { networking: ownNetwork }),
    nodes: [{ role: 'control-plane', ...image, extraPortMappings: [gateway] }, ...workers],
    kubeadmConfigPatches: [buildKubeletPatch(allowCgroupV1)],
    ...containerdPatches(options),
  };
}

const ownNetwork = {
  disableDefaultCNI: true,
  // node-image/pod-net hands out 10.245.<last byte of the node's address>.0/24.
  podSubnet: '10.245.0.0/16',
  // Not kubeadm's 10.96.0.0/16: where the host has a kube-proxy of its own, its rules would catch the first packets.
  serviceSubnet: '10.97.0.0/16',
};

/**
 * The kubelet's own default is 110, which a hundred Functions that are called at once exceed, with the pool and the
 * rest. A node has 254 addresses for pods.
 */
const podsPerNodeMax = 250;

function buildKubeletPatch(allowCgroupV1: boolean): string {
  return JSON.stringify({
    kind: 'KubeletConfiguration',
    maxPods: podsPerNodeMax,
    // Without it: "kubelet is configured to not run on a host using cgroup v1".
    ...(allowCgroupV1 && { failCgroupV1: false }),
  });
}

function containerdPatches({ builtImage, restrictOomScore }: KindConfigOptions): object {
  const lines = [
    // kind's file names the pause image of another version than kubeadm's list does.
    ...(builtImage === undefined ? [] : [`  sandbox_image = "${builtImage.pauseImage}"`]),
    // Without it no sandbox starts: runc may not lower oom_score_adj.
    ...(restrictOomScore ? ['  restrict_oom_score_adj = true'] : []),
  ];
  if (lines.length === 0) return {};
  return {
    containerdConfigPatches: [['[plugins."io.containerd.grpc.v1.cri"]', ...lines, ''].join('\n')],
  };
}
