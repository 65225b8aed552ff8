// `helm test`: calls a Function through the gateway until it answers, then one that isn't there.
const { ROUSE_ACTIVATOR_SERVICE_HOST: host, ROUSE_ACTIVATOR_SERVICE_PORT: port } = process.env;
const { FUNCTION_PATH, TIMEOUT_SECONDS } = process.env;
const gateway = `http://${host?.includes(':') ? `[${host}]` : host}:${port}`;
const untilMs = Date.now() + Number(TIMEOUT_SECONDS) * 1000;
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function call(path) {
  const startedMs = performance.now();
  try {
    const answer = await fetch(gateway + path, { signal: AbortSignal.timeout(60_000) });
    const text = (await answer.text()).trim();
    const tookMs = Math.round(performance.now() - startedMs);
    const code = answer.headers.get('x-rouse-error');
    const timing = answer.headers.get('server-timing');
    console.log(`${path} ${answer.status} "${text}" after ${tookMs} ms; ${timing}`);
    return { status: answer.status, text, code };
  } catch (error) {
    console.log(`${path} ${error.message}: ${error.cause?.message}`);
    return {};
  }
}

// The Function is minutes old at most: its first Revision may still be in the making.
for (;;) {
  const { status, text } = await call(FUNCTION_PATH);
  if (status === 200 && text === 'called by helm test') break;
  if (Date.now() > untilMs) {
    console.log(`no answer within ${TIMEOUT_SECONDS} s`);
    process.exit(1);
  }
  await pause(1_000);
}
const { status, code } = await call('/function/no-such-namespace/no-such-function/');
process.exit(status === 404 && code === 'function_not_found' ? 0 : 1);
