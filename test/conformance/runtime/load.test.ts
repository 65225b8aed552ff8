// Every runtime image loads code, says why it can't, and keeps its control port closed.

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { bundleOf, call, knock, RuntimeFleet } from './runtime-process.ts';
import type { RuntimeProcess } from './runtime-process.ts';
import { runtimesUnderTest } from './runtimes-under-test.ts';

describe.each(runtimesUnderTest)('the $name runtime, loading code', (runtime) => {
  const fleet = new RuntimeFleet(runtime.prepare);
  const start = (env?: Record<string, string>) => fleet.start(env);
  afterEach(() => fleet.stopAll());

  it('waits, loads what it is sent, serves it, and says so', async () => {
    const pod = await start();
    expect(await pod.ready()).toEqual({ status: 503, answer: { state: 'waiting' } });
    const bundle = bundleOf(runtime.sources.hello);
    const { status, answer } = await pod.specialize(bundle);
    expect(status).toBe(200);
    expect(answer).toMatchObject({
      state: 'ready',
      revision: bundle.revision,
      codeDigest: bundle.codeDigest,
      signature: 'lambda',
    });
    expect(answer.loadMs).toBeGreaterThan(0);
    expect(await pod.call('/there')).toMatchObject({ status: 200, text: 'hello /there' });
    expect(await pod.stats()).toMatchObject({ inFlight: 0, total: 1 });
    expect((await pod.ready()).status).toBe(200);
  });

  it('refuses requests until it holds a function, in a way that another pod may take them', async () => {
    const answer = await (await start()).call('/');
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      'x-rouse-error': 'no_capacity',
      'x-rouse-retry-safe': 'true',
    });
    expect(JSON.parse(answer.text)).toMatchObject({
      error: { code: 'no_capacity', component: 'runtime' },
    });
  });

  it('takes one Revision for ever: the same again and another are 409', async () => {
    const pod = await start();
    const bundle = bundleOf(runtime.sources.hello);
    await pod.specialize(bundle);
    const again = await pod.specialize(bundle);
    expect([again.status, again.answer.state]).toEqual([409, 'ready']);
    const other = await pod.specialize({ ...bundle, revision: 'hello-00002' });
    expect([other.status, other.answer.revision]).toEqual([409, 'hello-00001']);
    expect((await pod.call('/x')).text).toBe('hello /x');
  });

  it('lets one of many who come at once load the code, and the others wait for the same end', async () => {
    const pod = await start();
    const bundle = bundleOf(runtime.sources.hello);
    const ends = await Promise.all(Array.from({ length: 8 }, () => pod.specialize(bundle)));
    expect(ends.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(ends.filter(({ status }) => status === 409)).toHaveLength(7);
    expect(ends.every(({ answer }) => answer.state === 'ready')).toBe(true);
  });

  it('gives the environment to the code before it loads', async () => {
    const pod = await start();
    await pod.specialize(bundleOf(runtime.sources.printsEnvAtLoad, { env: { COLOUR: 'blue' } }));
    expect((await pod.call('/')).text).toBe('blue');
  });

  it('keeps its own names and the ports from the Function, and takes the time zone', async () => {
    const pod = await start();
    const env = { PORT: '1', ROUSE_POD_UID: 'x', ROUSE_FUNCTION: 'other', TZ: 'Asia/Kolkata' };
    await pod.specialize(bundleOf(runtime.sources.printsEnv, { env }));
    expect(JSON.parse((await pod.call('/')).text)).toMatchObject({
      PORT: String(pod.port),
      ROUSE_POD_UID: pod.podUid,
      ROUSE_FUNCTION: 'hello',
      ROUSE_REVISION: 'hello-00001',
      offsetMinutes: '-330',
    });
  });

  it('tells a Revision from one of the same name, and repeats whose it is', async () => {
    const pod = await start();
    const bundle = bundleOf(runtime.sources.hello, { revisionUid: 'first' });
    expect((await pod.specialize(bundle)).answer.revisionUid).toBe('first');
    const other = await pod.specialize({ ...bundle, revisionUid: 'second' });
    expect([other.status, other.answer.revisionUid]).toEqual([409, 'first']);
    expect((await pod.ready()).answer.revisionUid).toBe('first');
  });

  it('answers a replayed specialize with 409 and goes on serving', async () => {
    const pod = await start();
    const body = JSON.stringify(bundleOf(runtime.sources.hello));
    const headers = { 'x-rouse-signature': pod.signature('/specialize', body) };
    const send = () =>
      knock(() => call(pod.controlPort, '/specialize', { method: 'POST', headers, body }));
    expect((await send()).status).toBe(200);
    expect((await send()).status).toBe(409);
    const elsewhere = await start();
    const stolen = await knock(() =>
      call(elsewhere.controlPort, '/specialize', { method: 'POST', headers, body }),
    );
    expect(stolen.status).toBe(401);
    expect((await elsewhere.ready()).answer).toEqual({ state: 'waiting' });
    expect((await pod.call('/x')).text).toBe('hello /x');
  });

  it('can be ended from outside when its code blocks for ever', async () => {
    const pod = await start();
    const answer = pod.specialize(bundleOf(runtime.sources.blocksAtLoad)).catch(() => 'cut');
    await pod.printed('blocking');
    const end = new Promise((resolve) => pod.child.once('exit', resolve));
    pod.child.kill('SIGKILL');
    await end;
    expect(await answer).toBe('cut');
  });

  it.each(runtime.loadFailures)('says why it can not load $what', async (failure) => {
    const pod = await start({ ROUSE_LOAD_TIMEOUT_MS: '1000' });
    const { status, answer } = await pod.specialize(bundleOf(failure.files, failure.more));
    expect([status, answer.state]).toEqual([422, 'failed']);
    expect(answer.error?.type).toBe(failure.type);
    for (const part of failure.says) expect(answer.error?.message).toContain(part);
    expect(answer.error?.message).not.toContain('/tmp/');
    expect((await pod.call('/')).status).toBe(503);
    expect((await pod.ready()).status).toBe(503);
  });

  it('may try a bundle again that failed, in a fresh folder, and never another Revision', async () => {
    const pod = await start();
    const bundle = bundleOf(runtime.sources.failsOnce);
    expect((await pod.specialize(bundle)).status).toBe(422);
    const other = await pod.specialize({ ...bundle, revision: 'hello-00002' });
    expect([other.status, other.answer.state]).toEqual([409, 'failed']);
    expect((await pod.specialize(bundle)).status).toBe(200);
    expect((await pod.call('/')).status).toBe(200);
  });
});

describe.each(runtimesUnderTest)('a pod of the $name runtime whose process ended', (runtime) => {
  const fleet = new RuntimeFleet(runtime.prepare);
  afterEach(() => fleet.stopAll());
  const first = bundleOf(runtime.sources.hello, { revisionUid: 'first' });
  const names = {
    revision: first.revision,
    codeDigest: first.codeDigest,
    revisionUid: first.revisionUid,
  };

  it('takes the Revision again that it was sent, and no other', async () => {
    const before = await fleet.start();
    expect((await before.specialize(first)).status).toBe(200);
    const pod = await fleet.restart(before);
    expect(await pod.ready()).toEqual({ status: 503, answer: { state: 'waiting', ...names } });
    for (const other of [
      { revision: 'hello-00002' },
      { namespace: 'other' },
      { revisionUid: 'second' },
      { codeDigest: 'other' },
    ]) {
      const { status, answer } = await pod.specialize({ ...first, ...other });
      expect([status, answer]).toEqual([409, { state: 'waiting', ...names }]);
    }
    expect((await pod.specialize(first)).status).toBe(200);
    expect((await pod.call('/x')).text).toBe('hello /x');
    const again = await fleet.restart(pod);
    expect((await again.specialize({ ...first, revision: 'hello-00002' })).status).toBe(409);
  });

  it('remembers it when the code ended the process, or never let it go on, while it loaded', async () => {
    const before = await fleet.start();
    const bundle = bundleOf(runtime.sources.blocksAtLoad);
    const cut = before.specialize(bundle).catch(() => 'cut');
    await before.printed('blocking');
    const pod = await fleet.restart(before);
    expect(await cut).toBe('cut');
    expect((await pod.specialize(first)).answer).toMatchObject({
      state: 'waiting',
      codeDigest: bundle.codeDigest,
    });
  });

  it('is as free as before when it was sent nothing that it could read', async () => {
    const before = await fleet.start();
    expect((await before.control('/specialize', '{')).status).toBe(400);
    const pod = await fleet.restart(before);
    expect(await pod.ready()).toEqual({ status: 503, answer: { state: 'waiting' } });
    expect((await pod.specialize(first)).status).toBe(200);
  });

  it('takes nothing when the mark is not what it wrote', async () => {
    const before = await fleet.start();
    await before.specialize(first);
    for (const name of readdirSync(before.pod.folder)) {
      writeFileSync(`${before.pod.folder}/${name}`, '{"namespace":');
    }
    const pod = await fleet.restart(before);
    expect((await pod.specialize(first)).status).toBe(409);
  });

  it('loads nothing where it can not be remembered', async () => {
    const pod = await fleet.start({ ROUSE_MARK_DIR: '/nowhere' });
    const { status } = await pod.control('/specialize', first);
    expect(status).toBe(500);
    expect((await pod.ready()).answer).toEqual({ state: 'waiting' });
    const line = await pod.logged(({ level }) => level === 'error');
    expect(JSON.stringify(line)).toContain('ROUSE_MARK_DIR');
  });

  it('that was started for one Function needs no mark', async () => {
    const own = { ROUSE_FUNCTION: 'hello', ROUSE_MARK_DIR: '/nowhere' };
    const pod = await fleet.start(own);
    expect((await pod.specialize(first)).status).toBe(200);
  });
});

describe.each(runtimesUnderTest)('the control port of the $name runtime', (runtime) => {
  const fleet = new RuntimeFleet(runtime.prepare);
  let pod: RuntimeProcess;
  beforeEach(async () => {
    pod = await fleet.start();
  });
  afterEach(() => fleet.stopAll());

  const post = (path: string, headers: Record<string, string>, body: string) =>
    knock(() => call(pod.controlPort, path, { method: 'POST', headers, body }));

  it.each(['/specialize', '/drain'])('refuses %s without a good signature', async (path) => {
    const body = JSON.stringify(bundleOf(runtime.sources.hello));
    const good = (
      change: { podUid?: string; expiresAtMs?: number },
      signedBody = body,
      signedPath = path,
    ) => pod.signature(signedPath, signedBody, change);
    const bad: Record<string, string | undefined> = {
      none: undefined,
      nonsense: 'v1,12,abc',
      'of another version': good({}).replace('v1', 'v2'),
      'of another pod': good({ podUid: '00000000-0000-0000-0000-000000000000' }),
      'of another body': good({}, `${body} `),
      'of another path': good({}, body, '/other'),
      expired: good({ expiresAtMs: Date.now() - 1 }),
      'for too far ahead': good({ expiresAtMs: Date.now() + 3_600_000 }),
      'with a changed expiry': good({}).replace(/,\d+,/, `,${Date.now() + 29_000},`),
    };
    for (const [what, signature] of Object.entries(bad)) {
      const headers = signature === undefined ? {} : { 'x-rouse-signature': signature };
      expect({ what, status: (await post(path, headers, body)).status }).toEqual({
        what,
        status: 401,
      });
    }
    expect((await pod.ready()).answer.state).toBe('waiting');
  });

  it('refuses a body over 4 MiB and one that is not a bundle', async () => {
    const large = 'x'.repeat(4 * 1024 * 1024 + 1);
    const tooLarge = await pod
      .control('/specialize', large)
      .catch((error: { code: string }) => error.code);
    expect(['ECONNRESET', 'EPIPE']).toContain(
      typeof tooLarge === 'string' ? tooLarge : 'ECONNRESET',
    );
    if (typeof tooLarge !== 'string') expect(tooLarge.status).toBe(413);
    expect((await pod.control('/specialize', '{')).status).toBe(400);
    const bundle = bundleOf(runtime.sources.hello);
    for (const path of ['../x.js', '/etc/x.js', 'a/../../x', 'a//b', 'x\0.js', '']) {
      const answer = await pod.control('/specialize', { ...bundle, files: { [path]: '' } });
      expect({ path, status: answer.status }).toEqual({ path, status: 400 });
      expect(answer.text).toContain('path');
    }
    expect((await pod.ready()).answer.state).toBe('waiting');
  });

  it('knows no other routes', async () => {
    expect((await knock(() => call(pod.controlPort, '/specialize'))).status).toBe(404);
    expect((await knock(() => call(pod.controlPort, '/nope'))).status).toBe(404);
  });

  it('refuses everything signed when it was given no key', async () => {
    const keyless = await fleet.start({ ROUSE_CONTROL_PUBLIC_KEY: '' });
    const bundle = bundleOf(runtime.sources.hello);
    expect((await keyless.control('/specialize', bundle)).status).toBe(401);
  });

  it('ends with status 1 and one line when a port is taken or a setting makes no sense', async () => {
    await pod.ready();
    const second = await fleet.start({ PORT: String(pod.port) });
    expect(await second.exited).toMatchObject({ code: 1 });
    expect(second.logLines()).toMatchObject([
      { level: 'error', msg: expect.stringContaining(`port ${pod.port}`) },
    ]);
    const third = await fleet.start({ PORT: 'eighty' });
    expect(await third.exited).toMatchObject({ code: 1 });
    expect(third.output).toContain('PORT is');
  });
});
