// Strategic merge gives what apimachinery gives, and never changes its arguments.

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildStrategicMerge } from '../../../../../local/api-server/builtin/build-strategic-merge.ts';
import { kindTypes } from '../../../../../local/api-server/builtin/kind-table.ts';
import type { AnyObject } from '../../../../../local/api-server/any-object.ts';
import { readAnswers } from '../read-answers.ts';

interface Answered {
  name: string;
  object: AnyObject;
  patch: object;
  answer: { object?: unknown; error?: string };
}

const merge = (object: unknown, patch: unknown, kind = 'Deployment'): unknown =>
  buildStrategicMerge(object, patch, { types: kindTypes(), root: kindTypes().get(kind) });

/** Kubernetes keeps a null in a new item until it decodes the result; here it is gone at once. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => (one === null ? undefined : one)),
  ) as unknown;

const pod = (spec: object): object => ({ kind: 'Pod', spec });

interface Named {
  name: string;
  image?: string;
}

const names = ['a', 'b', 'c', 'd', 'e'];
const containers = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...names), image: fc.constantFrom('x', 'y') }),
  { selector: ({ name }) => name, maxLength: 5 },
);
const containersOf = (merged: unknown): Named[] =>
  (merged as { spec: { containers: Named[] } }).spec.containers;

describe('buildStrategicMerge', () => {
  it.each(readAnswers<Answered>('merges.jsonl').map((one) => [one.name, one] as const))(
    'merges "%s" as Kubernetes does',
    (_name, { object, patch, answer }) => {
      if (answer.error !== undefined) {
        expect(() => merge(object, patch, object.kind)).toThrow();
      } else {
        expect(merge(object, patch, object.kind)).toEqual(withoutNulls(answer.object));
      }
    },
  );

  it('leaves both arguments alone', () => {
    fc.assert(
      fc.property(containers, containers, (before, after) => {
        const [object, patch] = [pod({ containers: before }), pod({ containers: after })];
        const copies = JSON.stringify([object, patch]);
        merge(object, patch, 'Pod');
        expect(JSON.stringify([object, patch])).toBe(copies);
      }),
    );
  });

  it('holds every item of the object and of the patch exactly once', () => {
    fc.assert(
      fc.property(containers, containers, (before, after) => {
        const merged = containersOf(
          merge(pod({ containers: before }), pod({ containers: after }), 'Pod'),
        );
        const wanted = new Set([...before, ...after].map(({ name }) => name));
        expect(merged.map(({ name }) => name).sort()).toEqual([...wanted].sort());
        for (const { name, image } of after) {
          expect(merged.find((one) => one.name === name)?.image).toBe(image);
        }
      }),
    );
  });

  it('gives the same when a patch is applied twice', () => {
    fc.assert(
      fc.property(containers, containers, (before, after) => {
        const patch = pod({ containers: after });
        const once = merge(pod({ containers: before }), patch, 'Pod');
        expect(merge(once, patch, 'Pod')).toEqual(once);
      }),
    );
  });

  it('keeps the order that $setElementOrder asks for', () => {
    const order = fc.shuffledSubarray(names, { minLength: 5 });
    fc.assert(
      fc.property(containers, order, (before, wanted) => {
        const patch = pod({ '$setElementOrder/containers': wanted.map((name) => ({ name })) });
        const merged = containersOf(merge(pod({ containers: before }), patch, 'Pod'));
        const present = wanted.filter((name) => before.some((one) => one.name === name));
        expect(merged.map(({ name }) => name)).toEqual(present);
      }),
    );
  });

  it('replaces lists of kinds it does not know', () => {
    const patch = { items: [{ name: 'b' }] };
    expect(merge({ items: [{ name: 'a' }] }, patch, 'Unknown')).toEqual(patch);
  });
});
