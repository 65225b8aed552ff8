// Label and field selectors mean what they mean to Kubernetes.

import { describe, expect, it } from '@jest/globals';
import {
  matchesSelection,
  parseFieldSelector,
  parseLabelSelector,
} from '../../../../local/api-server/parse-selector.ts';

const labels = { app: 'hello', tier: 'web', count: '3' };

function matches(text: string): boolean {
  const parsed = parseLabelSelector(text);
  if ('error' in parsed) throw new Error(parsed.error);
  return matchesSelection({ labels: parsed.value, fields: [] }, { labels, fields: {} });
}

describe('parseLabelSelector', () => {
  it.each([
    ['', true],
    ['app=hello', true],
    ['app==hello', true],
    ['app = hello', true],
    ['app=', false],
    ['app!=hello', false],
    ['none!=hello', true],
    ['app', true],
    ['!app', false],
    ['!none', true],
    ['app in (hello, world)', true],
    ['app in (world)', false],
    ['app notin (world)', true],
    ['none notin (world)', true],
    ['app in (hello),tier=web', true],
    ['app=hello,tier=db', false],
    ['count>2', true],
    ['count<3', false],
    ['app>2', false],
  ])('%s gives %s', (text, wanted) => {
    expect(matches(text)).toBe(wanted);
  });

  it.each([',', 'app=hello,', 'app in hello', '=a', 'a=b=c', 'app=-x', 'a b', 'x>y', '(', 'a)'])(
    'refuses %s',
    (text) => {
      expect(parseLabelSelector(text)).toHaveProperty('error');
    },
  );
});

describe('parseFieldSelector', () => {
  const known = ['metadata.name', 'status.phase'];

  it('reads equal and not equal, and escaped characters', () => {
    expect(parseFieldSelector('metadata.name=a\\,b,status.phase!=Running', known)).toEqual({
      value: [
        { field: 'metadata.name', isEqual: true, value: 'a,b' },
        { field: 'status.phase', isEqual: false, value: 'Running' },
      ],
    });
  });

  it('refuses a field that the kind does not have', () => {
    expect(parseFieldSelector('spec.foo=1', known)).toEqual({
      error: 'field label not supported: spec.foo',
    });
  });

  it('takes a missing field for the empty string', () => {
    const fields = [{ field: 'spec.nodeName', isEqual: true, value: '' }];
    expect(matchesSelection({ labels: [], fields }, { labels, fields: {} })).toBe(true);
  });
});
