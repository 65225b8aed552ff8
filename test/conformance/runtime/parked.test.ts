// A parked pod makes itself ready while it waits, and no function can tell.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { tmpdir } from 'node:os';
import { bundleOf, prepareNode, RuntimeFleet } from './runtime-process.ts';
import { waitFor } from '../../support/wait-for.ts';

const fleet = new RuntimeFleet(prepareNode);
let folder: string;
let watcher: FSWatcher;
/** Folders for code that were made, also those that have gone again. */
let made: Set<string>;

/** Answers with what user code can see of its process. */
const looksAround = `
  const env = { ...process.env };
  const globals = Object.getOwnPropertyNames(globalThis);
  export const handler = async () => ({ env, globals, gc: typeof gc, loaded: Object.keys(process.getBuiltinModule('node:module')._cache) });
`;

interface Seen {
  env: Record<string, string>;
  globals: string[];
  gc: string;
  loaded: string[];
}

beforeEach(() => {
  folder = mkdtempSync(`${tmpdir()}/rouse-parked-`);
  made = new Set();
  watcher = watch(folder, (_event, name) => made.add(String(name)));
});
afterEach(async () => {
  watcher.close();
  await fleet.stopAll();
  rmSync(folder, { recursive: true, force: true });
});

/** Every rehearsal lays its code down and takes it away again. */
const rehearsed = (count: number): Promise<unknown> =>
  waitFor(async () => made.size >= count && readdirSync(folder).length === 0, {
    what: `${count} rehearsals`,
    stepMs: 5,
  });

describe('a parked pod of the node runtime', () => {
  it.each([
    ['', 1],
    ['1', 2],
  ])('leaves no trace of its rehearsal (ROUSE_PARK_WITH_FETCH=%s)', async (withFetch, count) => {
    const env = { ROUSE_CODE_DIR: folder, ROUSE_PARK_WITH_FETCH: withFetch };
    const pod = await fleet.start(env);
    await rehearsed(count);
    expect(await pod.ready()).toEqual({ status: 503, answer: { state: 'waiting' } });
    expect((await pod.call('/')).status).toBe(503);
    const fresh = await fleet.start({ ...env, ROUSE_FUNCTION: 'hello' });
    const seen: Seen[] = [];
    for (const one of [pod, fresh]) {
      expect((await one.specialize(bundleOf(looksAround))).status).toBe(200);
      seen.push(JSON.parse((await one.call('/')).text) as Seen);
      expect(await one.stats()).toMatchObject({ total: 1, inFlight: 0 });
    }
    const [parked, ordinary] = seen as [Seen, Seen];
    expect(Object.keys(parked.env).sort()).toEqual(Object.keys(ordinary.env).sort());
    expect(parked.globals.sort()).toEqual(ordinary.globals.sort());
    expect(parked.gc).toBe('undefined');
    expect(parked.loaded.filter((path) => path.startsWith(folder))).toHaveLength(1);
    expect(pod.logLines()).toEqual([]);
  });

  it('serves a claim that comes in the middle of its rehearsal', async () => {
    const pod = await fleet.start({ ROUSE_CODE_DIR: folder, ROUSE_PARK_WITH_FETCH: '1' });
    await waitFor(async () => made.size > 0, { what: 'the rehearsal to begin', stepMs: 1 });
    const files = "export const handler = async () => ({ statusCode: 200, body: 'real' });";
    expect((await pod.specialize(bundleOf(files))).status).toBe(200);
    expect((await pod.call('/')).text).toBe('real');
  });

  it('says so when it can not rehearse, and waits all the same', async () => {
    const pod = await fleet.start({ ROUSE_CODE_DIR: `${folder}/absent` });
    const line = await pod.logged(({ level }) => level === 'warn');
    expect(line['msg']).toContain('rehearsal failed');
    expect((await pod.ready()).answer).toEqual({ state: 'waiting' });
  });
});
