// The objects made of a Revision: its Deployment, its proof pod, its Service's slices.

import { describe, expect, it } from '@jest/globals';
import { buildSpecializeBundle } from '../../../../api/build-specialize-bundle.ts';
import type { EndpointSlice } from '../../../../api/kubernetes.ts';
import {
  buildDeployment,
  buildTemplatePatch,
} from '../../../../controller/function/build-deployment.ts';
import { buildPodTemplate } from '../../../../controller/function/build-pod-template.ts';
import { buildProofPod } from '../../../../controller/function/build-proof-pod.ts';
import { buildEndpointSlices } from '../../../../controller/function/build-service.ts';
import { buildTestFunction, buildTestRevision } from '../../../support/build-function.ts';

const settings = { runtimeImages: { node: 'node-image' }, controlPublicKey: 'key', poolMax: 0 };
const imageOf = (spec = {}) => {
  const { runtime: _, ...rest } = buildTestRevision(1).spec;
  return { ...buildTestRevision(1), spec: { ...rest, image: 'shop/web', ...spec } };
};

describe('buildDeployment', () => {
  const deployment = buildDeployment(buildTestRevision(1), settings);
  const { template } = deployment.spec;
  const [container] = template.spec.containers;

  it('sleeps at first, and selects by Revision', () => {
    expect(deployment.spec.replicas).toBe(0);
    expect(deployment.spec.selector.matchLabels).toEqual({ 'rouse.dev/revision': 'hello-00001' });
    expect(template.metadata?.labels).toMatchObject({
      'rouse.dev/revision': 'hello-00001',
      'rouse.dev/function': 'hello',
    });
    expect(deployment.metadata.ownerReferences?.[0]).toMatchObject({
      ...{ kind: 'Revision', uid: 'hello-00001-uid', controller: true },
    });
  });

  it('mounts no volume and no token, and gets no environment per Service', () => {
    expect(template.spec.volumes).toBeUndefined();
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
    });
  });

  it('may do nothing that a function does not need', () => {
    expect(template.spec.securityContext).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container?.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has time to finish what is in flight', () => {
    expect(template.spec.terminationGracePeriodSeconds).toBe(66);
  });

  it('gets the platform after the user, who cannot change it', () => {
    const env = [
      { name: 'COLOUR', value: 'red' },
      { name: 'PORT', value: '1' },
    ];
    const built = buildDeployment(buildTestRevision(1, undefined, { env }), settings);
    const names = built.spec.template.spec.containers[0]?.env?.map((one) => one.name);
    expect(names).toEqual([
      ...['COLOUR', 'PORT', 'ROUSE_FUNCTION', 'ROUSE_NAMESPACE', 'ROUSE_REVISION'],
      ...['ROUSE_CONTROL_PORT', 'ROUSE_POD_UID', 'ROUSE_CONTROL_PUBLIC_KEY'],
    ]);
    const port = built.spec.template.spec.containers[0]?.env?.[1];
    expect(port).toEqual({ name: 'PORT', value: '8080' });
  });

  it('asks for little where the user says nothing, and for nothing above a limit', () => {
    expect(container?.resources).toEqual({ requests: { cpu: '10m', memory: '64Mi' } });
    const resources = { limits: { memory: '32Mi' }, requests: { cpu: 1 } };
    const built = buildDeployment(buildTestRevision(1, undefined, { resources }), settings);
    expect(built.spec.template.spec.containers[0]?.resources).toEqual({
      limits: { memory: '32Mi' },
      requests: { cpu: 1 },
    });
  });

  it('gives an image only the port it listens on, and its user', () => {
    const built = buildDeployment(imageOf(), settings).spec.template.spec;
    expect(built.containers[0]).toMatchObject({
      image: 'shop/web',
      ports: [{ name: 'http', containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 'http' } },
    });
    expect(built.containers[0]?.env?.map((one) => one.name)).not.toContain('ROUSE_CONTROL_PORT');
    expect(built.securityContext).not.toHaveProperty('runAsNonRoot');
  });

  it('takes over what of the pod a user may choose', () => {
    const podTemplate = {
      labels: { team: 'a', 'rouse.dev/revision': 'mine' },
      annotations: { note: 'b' },
      serviceAccountName: 'robot',
      nodeSelector: { disk: 'fast' },
      volumes: [{ name: 'v' }],
      volumeMounts: [{ name: 'v', mountPath: '/v' }],
    };
    const { spec } = buildDeployment(buildTestRevision(1, undefined, { podTemplate }), settings);
    expect(spec.template.metadata).toMatchObject({
      labels: { team: 'a', 'rouse.dev/revision': 'hello-00001' },
      annotations: { note: 'b' },
    });
    expect(spec.template.spec).toMatchObject({
      ...{ serviceAccountName: 'robot', nodeSelector: { disk: 'fast' }, volumes: [{ name: 'v' }] },
      containers: [{ volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    });
    expect(spec.template.spec).not.toHaveProperty('automountServiceAccountToken');
  });
});

describe('buildTemplatePatch', () => {
  const wanted = buildDeployment(buildTestRevision(1), settings);

  it('replaces the template as a whole, so that no dropped field stays, and only our own annotation', () => {
    const annotations = { 'deployment.kubernetes.io/revision': '1' };
    const found = { ...wanted, metadata: { ...wanted.metadata, annotations } };
    expect(buildTemplatePatch(wanted, found)).toEqual([
      { op: 'add', path: '/metadata/annotations/rouse.dev~1template-digest', value: undefined },
      { op: 'replace', path: '/spec/template', value: wanted.spec.template },
    ]);
  });

  it('makes room for the annotation where somebody took all away', () => {
    const found = buildDeployment(buildTestRevision(1), settings);
    expect(buildTemplatePatch(wanted, found)[0]).toEqual({
      ...{ op: 'add', path: '/metadata/annotations', value: {} },
    });
  });
});

describe('buildProofPod', () => {
  it('is not asked by the kubelet, and differs in nothing else from the pod that will serve', () => {
    const resources = { requests: { cpu: '200m' } };
    const revision = buildTestRevision(1, undefined, { resources });
    const [container] = buildProofPod(revision, settings).spec.containers;
    const [served] = buildPodTemplate(revision, settings).spec.containers;
    expect(served).toHaveProperty('readinessProbe');
    expect({ ...container, readinessProbe: served?.readinessProbe }).toEqual(served);
    expect(container).not.toHaveProperty('readinessProbe');
  });

  it('takes next to nothing from its node where the user asks for nothing', () => {
    const [container] = buildProofPod(buildTestRevision(1), settings).spec.containers;
    expect(container?.resources).toEqual({ requests: { cpu: '10m', memory: '16Mi' } });
  });

  it('is not taken for a replica, never restarts, and is owned by its Revision', () => {
    const pod = buildProofPod(buildTestRevision(1), settings);
    expect(pod.metadata.labels).toMatchObject({ 'rouse.dev/proof': 'hello-00001' });
    expect(pod.metadata.labels).not.toHaveProperty(['rouse.dev/revision']);
    expect(pod.metadata.generateName).toBe('hello-00001-proof-');
    expect(pod.spec.restartPolicy).toBe('Never');
    expect(pod.metadata.ownerReferences?.[0]?.uid).toBe('hello-00001-uid');
  });

  it('has the environment of a replica, so that code which needs it loads', () => {
    const env = [{ name: 'COLOUR', value: 'red' }];
    const pod = buildProofPod(buildTestRevision(1, undefined, { env }), settings);
    expect(pod.spec.containers[0]?.env).toContainEqual(env[0]);
  });
});

describe('buildEndpointSlices', () => {
  const slice = (addressType: 'IPv4' | 'IPv6', addresses: string[]): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'x' },
    addressType,
    endpoints: addresses.map((one) => ({ addresses: [one] })),
    ports: [
      { name: 'metrics', port: 9 },
      { name: 'http', port: 8080 },
    ],
  });

  it('has one slice per kind of address, with every address once', () => {
    const activators = [slice('IPv6', ['fd::1']), slice('IPv4', ['10.0.0.2', '10.0.0.1'])];
    const built = buildEndpointSlices(buildTestFunction(), [...activators, ...activators]);
    expect(
      built.map((one) => [one.metadata.name, one.endpoints.map((two) => two.addresses[0])]),
    ).toEqual([
      ['hello-ipv4', ['10.0.0.1', '10.0.0.2']],
      ['hello-ipv6', ['fd::1']],
    ]);
    expect(built[0]?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
    expect(built[0]?.metadata.labels).toMatchObject({ 'kubernetes.io/service-name': 'hello' });
  });
});

describe('buildSpecializeBundle', () => {
  it('carries the code and the limits in milliseconds', () => {
    const spec = { files: { 'index.js': 'code' }, handler: 'index.go', timeoutSeconds: 3 };
    expect(buildSpecializeBundle(buildTestRevision(1, undefined, spec))).toEqual({
      version: 1,
      ...{ namespace: 'shop', function: 'hello', revision: 'hello-00001', handler: 'index.go' },
      ...{ signature: 'auto', files: { 'index.js': 'code' }, codeDigest: 'c', env: {} },
      revisionUid: 'hello-00001-uid',
      ...{ timeoutMs: 3000, concurrencyLimit: 0 },
    });
  });
});
