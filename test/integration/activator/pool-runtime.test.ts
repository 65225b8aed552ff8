// Claims of real processes of the Node runtime: what is loaded, refused, hangs and dies there.

import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PoolPodView } from '../../../activator/derive-pool-pod-view.ts';
import {
  prepareNode,
  RuntimeFleet,
  type RuntimeProcess,
} from '../../conformance/runtime/runtime-process.ts';
import { codeOf, controlPublicKey, Harness, waitFor } from './harness.ts';

const fleet = new RuntimeFleet(prepareNode);
let harness: Harness;

beforeEach(async () => {
  harness = await new Harness({ wakeTimeoutMs: 10_000 }).start();
});
afterEach(async () => {
  await fleet.stopAll();
  await harness.stop();
});
afterAll(() => fleet.stopAll());

function viewOf(pod: RuntimeProcess): PoolPodView {
  return {
    ...{ namespace: 'default', name: `parked-${pod.podUid}`, uid: pod.podUid, runtime: 'node' },
    ...{ isLeaving: false, isRunning: true, isComing: false, isReady: true, restarts: 0 },
    http: { host: '127.0.0.1', port: pod.port },
    control: { host: '127.0.0.1', port: pod.controlPort },
  };
}

/** A process that waits for code; harness.stop must not knock on it for ever. */
async function park(publicKey = controlPublicKey): Promise<RuntimeProcess> {
  const pod = await fleet.start({ ROUSE_CONTROL_PUBLIC_KEY: publicKey });
  expect((await pod.ready()).answer.state).toBe('waiting');
  harness.activator.applyParked(viewOf(pod));
  return pod;
}

function setCode(code: string): void {
  harness.cluster.files = { 'index.mjs': code };
}

const claims = () => harness.activator.listClaims().map(({ uid, outcome }) => [uid, outcome]);

describe('a parked process', () => {
  it('serves the Revision that claimed it, with its environment', async () => {
    setCode('const early = process.env.COLOUR; export const handler = () => early;');
    harness.cluster.env = [{ name: 'COLOUR', value: 'green' }];
    harness.addFunction();
    await harness.offerCode();
    const pod = await park();
    const answers = await Promise.all(Array.from({ length: 100 }, () => harness.call()));
    expect(answers.every((one) => one.status === 200 && one.body.includes('green'))).toBe(true);
    expect((await pod.ready()).answer).toMatchObject({ state: 'ready', revision: 'hello-00001' });
    expect(harness.cluster.raises).toEqual([]);
    expect(harness.cluster.reads).toBe(0);
    expect(claims()).toEqual([[pod.podUid, 'serving']]);
    harness.activator.applyParked({ ...viewOf(pod), isLeaving: true });
  });

  it('serves one Revision only: a second one goes elsewhere', async () => {
    for (const name of ['one', 'two']) harness.addFunction(name);
    const other = await new Harness().start();
    other.addFunction('two');
    const pod = await park();
    other.activator.applyParked(viewOf(pod));
    expect((await harness.call({ host: 'one.default.example.com' })).status).toBe(200);
    other.wakesWith({ revision: 'two-00001' });
    expect((await other.call({ host: 'two.default.example.com' })).status).toBe(200);
    expect(other.pods[0]?.requests).toBe(1);
    expect((await pod.ready()).answer).toMatchObject({ state: 'ready', revision: 'one-00001' });
    harness.activator.applyParked({ ...viewOf(pod), isLeaving: true });
    await other.stop();
  });

  it('takes nothing that another key has signed; the request goes the ordinary way', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const pod = await park(raw.toString('base64'));
    harness.addFunction();
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    expect(harness.pods).toHaveLength(1);
    expect((await pod.ready()).answer.state).toBe('waiting');
    expect(claims()).toEqual([]);
  });

  it('says why code can not be loaded', async () => {
    setCode('export const handler = () => {{');
    harness.addFunction();
    const pod = await park();
    const answer = await harness.call();
    expect(answer.status).toBe(502);
    expect(codeOf(answer)).toBe('function_failed_to_load');
    expect(answer.body).toContain('SyntaxError');
    await waitFor('it is told', () => claims().length === 1);
    expect(claims()).toEqual([[pod.podUid, 'failed']]);
  });

  it('that hangs while loading ends in wake_timeout, and the controller is told to see to it', async () => {
    await harness.stop();
    harness = await new Harness({ wakeTimeoutMs: 500 }).start();
    setCode('for (;;);');
    harness.addFunction();
    const pod = await park();
    const answer = await harness.call();
    expect(answer.status).toBe(504);
    expect(codeOf(answer)).toBe('wake_timeout');
    expect(answer.body).toContain(`parked-${pod.podUid}`);
    await waitFor('it is told', () => claims().length === 1);
    expect(claims()).toEqual([[pod.podUid, 'unknown']]);
  });

  it('that the code ends is lost with one more at most; then the ordinary way', async () => {
    setCode('process.exit(3);');
    harness.addFunction();
    const pods = [await park(), await park(), await park()];
    harness.wakesWith({});
    expect((await harness.call()).status).toBe(200);
    expect(claims().map(([, outcome]) => outcome)).toEqual(['unknown', 'unknown']);
    expect((await pods[2]?.ready())?.answer.state).toBe('waiting');
  });
});
