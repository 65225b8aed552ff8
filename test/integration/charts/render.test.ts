// The chart as Helm renders it: lint, Pod Security "restricted", and what each setting changes.

import { describe, expect, it } from '@jest/globals';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { functionCrd } from '../../../api/function-crd.ts';
import { revisionCrd } from '../../../api/revision-crd.ts';
import type { Container, KubeObject, PodSpec } from '../../../api/kubernetes.ts';
import { chart, helmOrSkip, kubeVersion, runHelm } from './helm.ts';

const helm = helmOrSkip();
const suite = helm === undefined ? describe.skip : describe;
const files = [undefined, ...globSync('ci/*.yaml', { cwd: chart })];

type Rendered = KubeObject & { readonly spec?: Record<string, unknown> };

async function render(...args: string[]): Promise<Rendered[]> {
  const all = ['template', 'rouse', chart, '-n', 'rouse-system', '--kube-version', kubeVersion];
  const { code, stdout, stderr } = await runHelm(helm ?? '', [...all, ...args]);
  if (code !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
}

const valuesOf = (file: string | undefined): string[] =>
  file === undefined ? [] : ['-f', join(chart, file)];

function find(objects: readonly Rendered[], kind: string, name: string): Rendered {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

function podsOf(objects: readonly Rendered[]): PodSpec[] {
  return objects.flatMap(({ kind, spec }) => {
    if (kind === 'Pod') return [spec as unknown as PodSpec];
    if (kind !== 'Deployment' && kind !== 'StatefulSet') return [];
    return [(spec as { template: { spec: PodSpec } }).template.spec];
  });
}

suite('helm lint --strict', () => {
  it.each(files)('passes with %s', async (file) => {
    const args = ['lint', '--strict', chart, '-n', 'rouse-system', ...valuesOf(file)];
    const { code, stdout } = await runHelm(helm ?? '', args);
    expect(stdout).toContain('0 chart(s) failed');
    expect(code).toBe(0);
  });
});

suite('helm template', () => {
  // The right alone would let it change the image of any pod.
  it('lets the activator patch pods only together with the policy that narrows it', async () => {
    const policy = 'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
    for (const known of [[], ['--api-versions', policy]]) {
      const objects = await render(...known);
      const has = known.length > 0;
      const policies = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
      expect(policies).toHaveLength(has ? 1 : 0);
      const roles = objects.filter(
        ({ kind, metadata }) => kind === 'ClusterRole' && /activator/.test(metadata.name),
      ) as (Rendered & { rules: { resources: string[]; verbs: string[] }[] })[];
      const ofPods = roles.flatMap(({ rules }) => rules.filter((one) => one.resources[0] === 'pods'));
      expect(ofPods.some(({ verbs }) => verbs.includes('patch'))).toBe(has);
    }
  });

  it('closes pods of Functions and parked ones alike to their neighbours', async () => {
    const objects = await render('--set', 'networkPolicy.functionNamespaces={team-a}');
    const selected = objects
      .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.namespace === 'team-a')
      .map(({ spec }) => JSON.stringify(spec?.['podSelector']));
    expect(selected.join()).toContain('rouse.dev/function');
    expect(selected.join()).toContain('rouse.dev/pool');
  });

  it.each(files)('gives each object a place, the labels and a name of its own: %s', async (file) => {
    const objects = await render(...valuesOf(file));
    const keys = objects.map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
    );
    expect(new Set(keys).size).toBe(keys.length);
    const clusterWide = /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition)$/;
    for (const { kind, metadata } of objects) {
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/name': 'rouse',
        'app.kubernetes.io/managed-by': 'Helm',
      });
      expect(metadata.namespace === undefined).toBe(clusterWide.test(kind));
    }
  });

  it.each(files)('makes pods that are restricted, with a read-only root: %s', async (file) => {
    const pods = podsOf(await render(...valuesOf(file)));
    const hasRedis = file?.includes('redis') ?? false;
    expect(pods).toHaveLength(hasRedis ? 4 : 3);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      // Only Redis has any: its data and its settings.
      const [{ name: program }] = pod.containers as [Container];
      if (program !== 'redis') expect(pod.volumes).toBeUndefined();
      for (const container of pod.containers as Container[]) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.resources?.limits?.['memory']).toBeDefined();
      }
    }
  });

  it('keeps the definitions as api/ has them, over an uninstall too', async () => {
    const objects = await render();
    for (const crd of [functionCrd, revisionCrd]) {
      const rendered = find(objects, 'CustomResourceDefinition', crd.metadata.name);
      expect(rendered.spec).toEqual(JSON.parse(JSON.stringify(crd.spec)));
      expect(rendered.metadata.annotations).toEqual({ 'helm.sh/resource-policy': 'keep' });
    }
  });

  it('asks for no right outside its namespace and the one it watches', async () => {
    const objects = await render('-f', join(chart, 'ci/one-namespace-values.yaml'));
    const kinds = new Set(objects.map((one) => one.kind));
    expect([...kinds].filter((kind) => /^(Cluster|Custom)/.test(kind))).toEqual([]);
    const everywhere = await render();
    for (const program of ['controller', 'activator']) {
      const name = `rouse-system:rouse-${program}`;
      const role = find(objects, 'Role', name) as { rules?: unknown };
      expect(role).toMatchObject({ metadata: { namespace: 'team-a' } });
      expect(role.rules).toEqual(
        (find(everywhere, 'ClusterRole', name) as { rules?: unknown }).rules,
      );
      const [pod] = podsOf([find(objects, 'Deployment', `rouse-${program}`)]);
      expect(pod?.containers[0]?.env).toContainEqual({
        name: 'ROUSE_NAMESPACE_WATCHED',
        value: 'team-a',
      });
    }
  });

  it('gives a drain the time it was promised', async () => {
    const times = 'activator.drainDelaySeconds=2,activator.drainTimeoutSeconds=300';
    const [pod] = podsOf([find(await render('--set', times), 'Deployment', 'rouse-activator')]);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(302);
    expect(pod?.containers[0]?.env).toContainEqual({
      name: 'ROUSE_DRAIN_TIMEOUT_MS',
      value: '300000',
    });
  });

  it('leaves replicas to the autoscaler where there is one', async () => {
    const objects = await render('--set', 'activator.autoscaling.enabled=true');
    expect(find(objects, 'Deployment', 'rouse-activator').spec).not.toHaveProperty('replicas');
    expect(find(objects, 'HorizontalPodAutoscaler', 'rouse-activator').spec).toBeDefined();
  });

  it('makes no budget that would block every drain of a node', async () => {
    const budgets = async (replicas: string): Promise<string[]> => {
      const objects = await render('--set', replicas);
      return objects
        .filter((one) => one.kind === 'PodDisruptionBudget')
        .map((one) => one.metadata.name);
    };
    expect(await budgets('activator.replicas=1')).toEqual([]);
    expect(await budgets('controller.replicas=2')).toEqual(['rouse-activator', 'rouse-controller']);
  });

  it('finds its selectors in the pods', async () => {
    const objects = await render('-f', join(chart, 'ci/production-values.yaml'));
    const templates = objects
      .filter((one) => one.kind === 'Deployment')
      .map((one) => (one.spec as { template: KubeObject }).template.metadata.labels ?? {});
    const matches = (selector: object): number =>
      templates.filter((labels) =>
        Object.entries(selector).every(([key, value]) => labels[key] === value),
      ).length;
    const selectors = objects.flatMap(({ kind, spec }) => {
      if (kind === 'Service') return [spec?.['selector'] as object];
      const selector = spec?.['selector'] ?? spec?.['podSelector'];
      return kind === 'ServiceMonitor' ? [] : [(selector as { matchLabels?: object })?.matchLabels];
    });
    const used = selectors.filter((one) => one !== undefined);
    expect(used.length).toBeGreaterThan(8);
    expect(used.filter((selector) => matches(selector) !== 1)).toEqual([]);
  });

  describe('redis', () => {
    const secretOf = (objects: readonly Rendered[]): Record<string, string> => {
      const { data } = find(objects, 'Secret', 'rouse-redis') as { data?: Record<string, string> };
      const entries = Object.entries(data ?? {});
      return Object.fromEntries(
        entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
      );
    };
    const urlOf = (objects: readonly Rendered[]): unknown => {
      const [pod] = podsOf([find(objects, 'Deployment', 'rouse-controller')]);
      return pod?.containers[0]?.env?.find(({ name }) => name === 'ROUSE_REDIS_URL');
    };
    const egressOf = (objects: readonly Rendered[]): string =>
      JSON.stringify(find(objects, 'NetworkPolicy', 'rouse-controller').spec?.['egress']);

    it('is none by default, and nothing waits for one', async () => {
      const objects = await render();
      expect(JSON.stringify(objects)).not.toMatch(/redis/i);
    });

    it('keeps the password out of everything but its Secret', async () => {
      for (const persistence of ['true', 'false']) {
        const set = `redis.enabled=true,redis.persistence.enabled=${persistence}`;
        const objects = await render('--set', set);
        const { password = '', url, 'auth.conf': file } = secretOf(objects);
        expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
        expect(url).toBe(`redis://:${password}@rouse-redis.rouse-system:6379`);
        expect(file).toBe(`requirepass ${password}\n`);
        const others = objects.filter((one) => one.kind !== 'Secret');
        expect(JSON.stringify(others)).not.toContain(password);
      }
    });

    it('may lose its pod where it has a volume, and its settings where they change', async () => {
      const values = ['-f', join(chart, 'ci/redis-values.yaml')];
      const { spec } = find(await render(...values), 'StatefulSet', 'rouse-redis');
      expect(spec).toMatchObject({
        volumeClaimTemplates: [
          { spec: { storageClassName: 'fast', resources: { requests: { storage: '2Gi' } } } },
        ],
      });
      const markOf = async (...more: string[]): Promise<unknown> => {
        const objects = await render('--set', 'redis.enabled=true', ...more);
        const found = find(objects, 'Deployment', 'rouse-redis').spec?.['template'];
        return (found as KubeObject).metadata.annotations?.['rouse.dev/redis-config'];
      };
      expect(await markOf()).toBe(await markOf());
      expect(await markOf()).not.toBe(await markOf('--set', 'redis.maxmemory=100mb'));
    });

    it.each([
      ['redis.enabled=true', 'rouse-redis', 'url'],
      ['redis.url=rediss://:secret@example.com', 'rouse-redis', 'url'],
      ['redis.existingSecret.name=mine,redis.existingSecret.key=at', 'mine', 'at'],
    ])('tells the controller by a Secret where it is: %s', async (set, name, key) => {
      const objects = await render('--set', set);
      const valueFrom = { secretKeyRef: { name, key } };
      expect(urlOf(objects)).toEqual({ name: 'ROUSE_REDIS_URL', valueFrom });
      const others = objects.filter((one) => one.kind !== 'Secret');
      expect(JSON.stringify(others)).not.toContain(':secret@');
      // To it, and to whoever knows its name.
      expect(egressOf(objects)).toContain('"port":6379');
      expect(egressOf(objects)).toContain('"port":53');
    });

    it('lets the controller out to the given addresses only', async () => {
      const objects = await render('-f', join(chart, 'ci/production-values.yaml'));
      expect(egressOf(objects)).toContain('{"cidr":"10.2.0.0/16"}');
      expect(egressOf(objects)).toContain('"port":6380');
    });

    it.each([
      ['redis.enabled=true,redis.url=redis://:secret@a', 'redis.enabled and redis.url each name'],
      ['redis.url=redis://:secret@a,redis.existingSecret.name=b', 'each name a Redis'],
      ['redis.enabled=true,redis.existingSecret.name=b', 'each name a Redis: set one of them'],
      ['redis.url=http://:secret@a', 'write redis://USER:PASSWORD@HOST:PORT'],
    ])('refuses %s with a sentence, which holds no secret', async (set, sentence) => {
      const failing = render('--set', set).catch((error: unknown) => (error as Error).message);
      expect(await failing).toContain(sentence);
      expect(await failing).not.toContain('secret@');
    });
  });

  describe('traces', () => {
    const variables = (objects: readonly Rendered[]) =>
      podsOf(objects).flatMap(({ containers }) =>
        (containers[0]?.env ?? []).filter(({ name }) => name.startsWith('OTEL_')),
      );
    const egressOf = (objects: readonly Rendered[]) =>
      JSON.stringify(find(objects, 'NetworkPolicy', 'rouse-activator').spec?.['egress']);

    it('are none by default, and nothing is let out for them', async () => {
      const objects = await render('--set', 'tracing.sampler=always_on');
      expect(variables(objects)).toEqual([]);
      expect(egressOf(objects)).not.toContain('4318');
    });

    it('go from the activator to the collector', async () => {
      const set = 'tracing.endpoint=http://collector:4318,tracing.sampler=traceidratio';
      const objects = await render('--set', set, '--set-string', 'tracing.samplerArg=0');
      expect(variables(objects)).toEqual([
        { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' },
        { name: 'OTEL_TRACES_SAMPLER', value: 'traceidratio' },
        { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0' },
      ]);
      expect(egressOf(objects)).toContain('"port":4318');
      expect(egressOf(objects)).toContain('"port":53');
    });

    it('go to the given addresses only', async () => {
      const objects = await render('-f', join(chart, 'ci/production-values.yaml'));
      expect(egressOf(objects)).toContain('{"cidr":"10.3.0.0/16"}');
      expect(egressOf(objects)).toContain('"port":443');
    });

    it.each(['endpoint=collector:4318', 'sampler=sometimes', 'samplerArg=2'])(
      'are refused with %s',
      async (set) => {
        await expect(render('--set-string', `tracing.${set}`)).rejects.toThrow(/tracing\/\w+/);
      },
    );
  });

  it('refuses values that make no sense, and says where', async () => {
    await expect(render('--set', 'service.type=Public,replicas=2')).rejects.toThrow(
      /service\/type[\s\S]*'replicas' not allowed/,
    );
  });

  it('says in a sentence what a route misses', async () => {
    await expect(render('--set', 'httpRoute.enabled=true')).rejects.toThrow('httpRoute.parentRefs is empty');
  });
});
