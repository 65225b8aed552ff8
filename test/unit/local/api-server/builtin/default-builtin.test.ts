// Built-in kinds get the defaults that kube-apiserver gives them.

import { describe, expect, it } from '@jest/globals';
import { defaultBuiltin } from '../../../../../local/api-server/builtin/default-builtin.ts';
import { deriveQosClass } from '../../../../../local/api-server/builtin/derive-qos-class.ts';
import type { AnyObject } from '../../../../../local/api-server/any-object.ts';
import { readAnswers } from '../read-answers.ts';

interface Answered {
  name: string;
  object: AnyObject;
  answer: { object: AnyObject };
}

/** What the registry or a controller fills in later, or the client of a Go type sees and the server doesn't keep. */
function comparable(object: AnyObject, name: string): unknown {
  const { status, ...rest } = structuredClone(object);
  const template = (rest.spec?.['volumeClaimTemplates'] as AnyObject[] | undefined)?.[0];
  if (template !== undefined) {
    delete (template as Partial<AnyObject>).apiVersion;
    delete (template as Partial<AnyObject>).kind;
  }
  delete rest.metadata.labels;
  if (rest.kind === 'Pod') delete rest.spec?.['serviceAccount'];
  if (rest.kind === 'CronJob')
    delete (rest.spec as { jobTemplate: { metadata?: unknown } }).jobTemplate.metadata;
  if (rest.kind === 'Namespace' || rest.kind === 'Node') delete rest.spec;
  const isFilled = !['Pod', 'Namespace', 'Node', 'HorizontalPodAutoscaler'].includes(rest.kind);
  return { name, ...rest, ...(isFilled && { status }) };
}

const apply = (object: AnyObject): AnyObject => {
  const copy = structuredClone(object);
  const [group = ''] = copy.apiVersion.includes('/') ? copy.apiVersion.split('/') : [''];
  defaultBuiltin({ group, kind: copy.kind }, copy);
  return copy;
};

describe('defaultBuiltin', () => {
  const answers = readAnswers<Answered>('defaults.jsonl');
  it.each(answers.map((one) => [one.name, one] as const))(
    'fills in "%s" as Kubernetes does',
    (name, { object, answer }) => {
      expect(comparable(apply(object), name)).toEqual(comparable(answer.object, name));
    },
  );

  it('changes nothing the second time', () => {
    for (const { object } of answers) {
      const once = apply(object);
      expect(apply(once)).toEqual(once);
    }
  });

  it('turns stringData into data', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { a: 'eA==', b: 'eA==' },
      stringData: { b: 'grüße', c: '' },
    };
    expect(apply(secret)).toMatchObject({ data: { a: 'eA==', b: 'Z3LDvMOfZQ==', c: '' } });
    expect(apply(secret)).not.toHaveProperty('stringData');
  });

  it('names what a definition leaves out', () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'a' },
      spec: { names: { plural: 'things', kind: 'Thing' } },
    };
    expect(apply(definition).spec?.['names']).toEqual({
      plural: 'things',
      kind: 'Thing',
      singular: 'thing',
      listKind: 'ThingList',
    });
  });
});

describe('deriveQosClass', () => {
  const container = (limits?: Record<string, string>, requests?: Record<string, string>) => ({
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
  });
  const both = { cpu: '1', memory: '1Gi' };

  it.each([
    ['BestEffort', [{}]],
    ['BestEffort', [container({}, {})]],
    ['Guaranteed', [container(both)]],
    ['Guaranteed', [container(both, { cpu: '1000m', memory: '1024Mi' })]],
    ['Burstable', [container(both, { cpu: '500m', memory: '1Gi' })]],
    ['Burstable', [container(both), {}]],
    ['Burstable', [container({ cpu: '1' })]],
  ] as const)('is %s', (wanted, containers) => {
    expect(deriveQosClass(containers)).toBe(wanted);
  });
});
