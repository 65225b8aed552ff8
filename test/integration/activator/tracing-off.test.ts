// What tracing costs a process that doesn't trace: nothing of it is loaded; and what bad settings of it say.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OtlpReceiver } from '../../support/otlp-receiver.ts';

const root = join(import.meta.dirname, '../../..');
const preload = join(root, 'test/support/run-noting-modules.ts');

/** prom-client looks there for the trace that runs; it is 20 KB of interfaces, and nothing of the SDK. */
const fromMetrics = ['api'];

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await new OtlpReceiver().start();
});
afterAll(() => receiver.stop());

interface Ended {
  readonly code: number | null;
  readonly output: string;
  /** Packages of OpenTelemetry that the program has loaded. */
  readonly loaded: string[];
}

function run(program: string, env: Record<string, string>): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--no-warnings', '--import', preload, program], {
    ...{ cwd: root, env: { PATH, HOME, ...env } },
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const loaded = /^loaded: (.*)$/m.exec(errors)?.[1];
      if (loaded === undefined) return reject(new Error(`it ended without a word: ${errors}`));
      resolve({ code, output, loaded: loaded.split(' ').filter((name) => name !== '') });
    });
  });
}

describe('without an endpoint', () => {
  it('an activator loads nothing of the SDK, and functions get no trace context', async () => {
    const { code, output, loaded } = await run('test/support/run-traced-activator.ts', {});
    expect({ code, output, loaded }).toEqual({ code: 0, output: 'none\n', loaded: fromMetrics });
  });

  it('nor does the program itself', async () => {
    // It ends early: there is no cluster. All it imports at its start has been imported by then.
    const env = { KUBECONFIG: '/nowhere', OTEL_TRACES_SAMPLER: 'always_on' };
    const { code, output, loaded } = await run('activator/main.ts', env);
    expect(output).toContain('could not start');
    expect({ code, loaded }).toEqual({ code: 1, loaded: fromMetrics });
  });
});

describe('with one', () => {
  it('it is loaded, and what is held when the process stops still gets out', async () => {
    const { code, output, loaded } = await run('test/support/run-traced-activator.ts', {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'mine',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_BSP_SCHEDULE_DELAY: '3600000',
    });
    expect(code).toBe(0);
    expect(loaded).toEqual(expect.arrayContaining(['sdk-trace', 'exporter-trace-otlp-proto']));
    expect(receiver.spans).toHaveLength(2);
    expect(output).toContain(receiver.clients()[0]?.spanId);
    expect(receiver.servers()[0]?.resource).toMatchObject({
      'service.name': 'mine',
      'deployment.environment.name': 'test',
    });
  });

  it('that makes no sense the program ends, and says which variable', async () => {
    const env = { KUBECONFIG: '/nowhere', OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' };
    const { code, output } = await run('activator/main.ts', env);
    expect(code).toBe(1);
    expect(output).toContain('OTEL_EXPORTER_OTLP_ENDPOINT is no http address; set it to');
  });
});
