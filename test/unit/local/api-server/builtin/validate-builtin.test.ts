// Built-in kinds are refused, and let through, as Kubernetes' own registry does it.

import { describe, expect, it } from '@jest/globals';
import type { Cause } from '../../../../../local/api-server/cause.ts';
import { defaultBuiltin } from '../../../../../local/api-server/builtin/default-builtin.ts';
import { findTypeError } from '../../../../../local/api-server/builtin/unknown-fields.ts';
import { validateBuiltin } from '../../../../../local/api-server/builtin/validate-builtin.ts';
import { builtinResources } from '../../../../../local/api-server/builtin-resources.ts';
import type { ResourceInfo } from '../../../../../local/api-server/resource-info.ts';
import { apiVersionOf } from '../../../../../local/api-server/resource-info.ts';
import { validateMetadata } from '../../../../../local/api-server/validate-metadata.ts';
import type { AnyObject } from '../../../../../local/api-server/any-object.ts';
import { causeTexts, readAnswers } from '../read-answers.ts';

interface Answered {
  name: string;
  object: AnyObject;
  old?: AnyObject;
  answer: { causes?: Cause[]; error?: string };
}

const answers = readAnswers<Answered>('validation.jsonl');

function infoOf({ apiVersion, kind }: AnyObject): ResourceInfo {
  const info = builtinResources.find(
    (one) => apiVersionOf(one) === apiVersion && one.kind === kind,
  );
  if (info === undefined) throw new Error(`no such kind: ${apiVersion} ${kind}`);
  return info;
}

function validate(object: AnyObject, old?: AnyObject, subresource?: string): Cause[] {
  const info = infoOf(object);
  const [now, before] = [structuredClone(object), structuredClone(old)];
  defaultBuiltin(info, now);
  if (before !== undefined) defaultBuiltin(info, before);
  const metadata = info.kind === 'Namespace' ? validateMetadata(info, now, before) : [];
  return [...metadata, ...validateBuiltin(info, now, before, subresource)];
}

const pod = (spec: object): AnyObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default' },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
});

const texts = (causes: Cause[]): string[] =>
  causes.map(({ field, message }) => `${field}: ${message}`);

describe('validateBuiltin', () => {
  const known = answers.filter(({ answer }) => answer.causes !== undefined);
  it.each(known.map((one) => [one.name, one] as const))(
    'says of "%s" what Kubernetes says',
    (_name, { object, old, answer }) => {
      expect(causeTexts(validate(object, old))).toEqual(causeTexts(answer.causes ?? []));
    },
  );

  it('counts the bytes of a ConfigMap and of a Secret', () => {
    const metadata = { name: 'a', namespace: 'default' };
    const text = 'ü'.repeat(512 * 1024);
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: text } };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: text } };
    expect([...validate(map), ...validate(secret)]).toEqual([]);
    const more = { b: 'x' };
    expect(texts(validate({ ...map, data: { ...map.data, ...more } }))).toEqual([
      '[]: Too long: may not be more than 1048576 bytes',
    ]);
    expect(texts(validate({ ...secret, stringData: { a: text, ...more } }))).toEqual([
      'data: Too long: may not be more than 1048576 bytes',
    ]);
  });

  it('lets pods live on the loopback, which a real cluster does not', () => {
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'a', namespace: 'default' },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['127.0.0.1'] }],
    };
    expect(validate(slice)).toEqual([]);
  });

  it('lets only a resize change resources', () => {
    const big = pod({
      containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '2' } } }],
    });
    expect(validate(big, pod({}))).toHaveLength(1);
    expect(validate(big, pod({}), 'resize')).toEqual([]);
    expect(validate(pod({ nodeName: 'n' }), pod({}), 'binding')).toEqual([]);
  });

  it('checks a definition and the schema in it', () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'wrong.x.dev' },
      spec: {
        group: 'x.dev',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } },
            additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.a[' }],
          },
        ],
      },
    };
    expect(texts(validate(definition))).toEqual([
      'metadata.name: Invalid value: "wrong.x.dev": must be spec.names.plural+"."+spec.group',
      'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      'spec.additionalPrinterColumns[0].type: Unsupported value: "text": supported values: "boolean", "date", "integer", "number", "string"',
      'spec.additionalPrinterColumns[0].JSONPath: Invalid value: ".a[": unrecognized JSON path',
    ]);
  });
});

describe('findTypeError', () => {
  it('says what could not be decoded, and where', () => {
    const info = infoOf(pod({}));
    expect(findTypeError(info, pod({ containers: [{ name: 'c', stdin: 'x' }] }))).toBe(
      'json: cannot unmarshal string into Go struct field Container.spec.containers.stdin of type bool',
    );
    expect(findTypeError(info, pod({ containers: {} }))).toContain('of type []Container');
    expect(findTypeError(info, pod({ priority: 1.5 }))).toContain('number 1.5');
    expect(findTypeError(info, pod({ nodeSelector: { a: 1 } }))).toContain('of type string');
  });

  it('takes everything Kubernetes takes', () => {
    const taken = answers.filter(({ answer }) => answer.error === undefined);
    const errors = taken.map(({ object }) => findTypeError(infoOf(object), object));
    expect(errors.filter((error) => error !== undefined)).toEqual([]);
  });
});
