// buildKindConfig: what kind is told, and that a host without need gets no workaround.

import { describe, expect, it } from '@jest/globals';
import { buildKindConfig } from '../../../cluster/build-kind-config.ts';

const plain = {
  nodes: 1,
  gatewayPort: 8088,
  builtImage: undefined,
  restrictOomScore: false,
  allowCgroupV1: false,
};
const builtImage = { tag: 'rouse.local/kind-node:v1', pauseImage: 'registry.k8s.io/pause:3.10.2' };

describe('buildKindConfig', () => {
  it("leaves image and network to kind where kind's published image serves", () => {
    expect(buildKindConfig(plain)).toEqual({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      nodes: [
        {
          role: 'control-plane',
          extraPortMappings: [
            { containerPort: 30_080, hostPort: 8088, listenAddress: '127.0.0.1' },
          ],
        },
      ],
      kubeadmConfigPatches: ['{"kind":"KubeletConfiguration","maxPods":250}'],
    });
  });

  it('makes every further node a worker of the same image', () => {
    const { nodes } = buildKindConfig({ ...plain, nodes: 3, builtImage }) as { nodes: object[] };
    expect(nodes).toEqual([
      expect.objectContaining({ role: 'control-plane', image: builtImage.tag }),
      { role: 'worker', image: builtImage.tag },
      { role: 'worker', image: builtImage.tag },
    ]);
  });

  it('brings its own pod network with the image built here', () => {
    expect(buildKindConfig({ ...plain, builtImage })).toMatchObject({
      networking: { disableDefaultCNI: true, podSubnet: '10.245.0.0/16' },
      containerdConfigPatches: [expect.stringContaining('"registry.k8s.io/pause:3.10.2"')],
    });
  });

  it('lets the kubelet run on cgroup v1 only where the host has that', () => {
    expect(buildKindConfig({ ...plain, allowCgroupV1: true })).toMatchObject({
      kubeadmConfigPatches: ['{"kind":"KubeletConfiguration","maxPods":250,"failCgroupV1":false}'],
    });
  });

  it('restricts the oom score where the host lacks the capability, with any image', () => {
    expect(buildKindConfig({ ...plain, restrictOomScore: true })).toMatchObject({
      containerdConfigPatches: [expect.stringContaining('restrict_oom_score_adj = true')],
    });
  });
});
