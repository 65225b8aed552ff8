// How a changed Function becomes a new Revision, and how traffic moves between Revisions.

import { describe, expect, it } from '@jest/globals';
import { configMaps, revisions } from '../../api/resources.ts';
import { call } from '../support/call.ts';
import { useTarget } from '../support/use-target.ts';
import { waitFor } from '../support/wait-for.ts';

const target = useTarget();
const saying = (word: string) =>
  `export const handler = async () => ({ statusCode: 200, body: '${word}' });`;
const spec = (word: string) => ({ runtime: 'node', source: { inline: saying(word) } });

describe('a changed Function', () => {
  it('gets a new Revision, which takes over without a failed request', async () => {
    await target().deploy('moves', spec('one'));
    const host = await target().hostOf('moves');
    const { gatewayUrl } = target();
    const seen: string[] = [];
    let isOver = false;
    const caller = async () => {
      while (!isOver) {
        const answer = await call({ gatewayUrl, host });
        seen.push(`${answer.status} ${answer.text}`);
      }
    };
    const calling = caller();
    await waitFor(() => seen.length > 0, { what: 'the first answer' });
    await target().deploy('moves', spec('two'));
    await waitFor(() => seen.at(-1) === '200 two', { what: 'the new Revision to answer' });
    isOver = true;
    await calling;
    expect([...new Set(seen)]).toEqual(['200 one', '200 two']);
    expect((await target().get('moves')).status?.latestReadyRevision).toBe('moves-00002');
  });

  it('gets no new Revision for its scaling or its traffic', async () => {
    await target().deploy('same', spec('same'));
    await target().deploy('same', { ...spec('same'), scaling: { idleSeconds: 7 } });
    await target().deploy('same', {
      ...spec('same'),
      traffic: [{ revision: 'same-00001', percent: 100 }],
    });
    const { kube, namespace } = target();
    const { items } = await kube.list(revisions, {
      namespace,
      labelSelector: 'rouse.dev/function=same',
    });
    expect(items.map((one) => one.metadata.name)).toEqual(['same-00001']);
  });

  it('gets a new Revision when its ConfigMap has new content', async () => {
    const { kube, namespace } = target();
    const metadata = { name: 'code', namespace };
    const map = (word: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        'index.mjs': `import { word } from './word.mjs'; export const handler = async () => ({ statusCode: 200, body: word });`,
        'word.mjs': `export const word = '${word}';`,
      },
    });
    await kube.create(configMaps, map('first'));
    await target().deploy('mapped', { runtime: 'node', source: { configMap: { name: 'code' } } });
    expect((await target().call('mapped')).text).toBe('first');
    await kube.replace(configMaps, map('second'));
    await waitFor(async () => (await target().call('mapped')).text === 'second', {
      what: 'the new content to answer',
    });
    expect((await target().get('mapped')).status?.latestReadyRevision).toBe('mapped-00002');
  });
});

describe('traffic', () => {
  it('goes to a named older Revision, and back to the latest', async () => {
    await target().deploy('back', spec('old'));
    await target().deploy('back', spec('new'));
    const to = (revision: string) => ({ ...spec('new'), traffic: [{ revision, percent: 100 }] });
    await target().deploy('back', to('back-00001'));
    await waitFor(async () => (await target().call('back')).text === 'old', {
      what: 'the old one',
    });
    await target().deploy('back', to('latest'));
    await waitFor(async () => (await target().call('back')).text === 'new', {
      what: 'the new one',
    });
    expect((await target().get('back')).status?.traffic).toEqual([
      { revision: 'back-00002', percent: 100 },
    ]);
  });

  it('is split by percent', async () => {
    await target().deploy('split', spec('a'));
    await target().deploy('split', spec('b'));
    await target().deploy('split', {
      ...spec('b'),
      traffic: [
        { revision: 'split-00001', percent: 50 },
        { revision: 'latest', percent: 50 },
      ],
    });
    await waitFor(async () => (await target().get('split')).status?.traffic?.length === 2, {
      what: 'both targets in the status',
    });
    const answers: string[] = [];
    for (let at = 0; at < 100; at += 1) answers.push((await target().call('split')).text);
    const share = answers.filter((text) => text === 'a').length;
    // Of 100 fair tosses, fewer than 20 or more than 80 of a kind come once in a billion runs.
    expect(share).toBeGreaterThan(20);
    expect(share).toBeLessThan(80);
  });
});
