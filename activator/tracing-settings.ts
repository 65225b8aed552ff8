// The settings of tracing, by the names that OpenTelemetry gives them; nothing is traced without an endpoint.

import { ConfigError, readChoice, readInteger, readText } from '../platform/process/config.ts';
import type { Environment } from '../platform/process/config.ts';

export const samplers = [
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'always_on',
  'always_off',
  'traceidratio',
] as const;
export type SamplerName = (typeof samplers)[number];

export interface TracingSettings {
  /**
   * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_EXPORTER_OTLP_ENDPOINT with `v1/traces` after it:
   * where spans go, by OTLP over HTTP.
   */
  readonly url: string;
  /** OTEL_TRACES_SAMPLER, default parentbased_always_on: which requests are traced. */
  readonly sampler: SamplerName;
  /** OTEL_TRACES_SAMPLER_ARG, 0..1, default 1: the share of them, with a `traceidratio`. */
  readonly ratio: number;
  /** OTEL_BSP_SCHEDULE_DELAY, 1..3_600_000, default 5_000: longest time that a span waits here. */
  readonly delayMs: number;
  /** OTEL_BSP_MAX_QUEUE_SIZE, 1..65_536, default 2_048: spans kept; more are lost. */
  readonly queueSpansMax: number;
  /** OTEL_BSP_MAX_EXPORT_BATCH_SIZE, 1..queue, default 512: spans that are sent at once. */
  readonly batchSpansMax: number;
}

/**
 * `undefined` when nothing is to be traced. Throws ConfigError for a value that can't be used, where something is.
 * Headers, compression, certificates and the time to export are read by the exporter itself, by their standard names.
 */
export function readTracingSettings(env: Environment): TracingSettings | undefined {
  if (readText(env, 'OTEL_SDK_DISABLED', '').toLowerCase() === 'true') return undefined;
  const url = readUrl(env);
  if (url === undefined) return undefined;
  const exporter = { fallback: 'otlp', choices: ['otlp', 'none'] } as const;
  if (readChoice(env, 'OTEL_TRACES_EXPORTER', exporter) === 'none') return undefined;
  checkProtocol(env);
  const queueSpansMax = readInteger(env, 'OTEL_BSP_MAX_QUEUE_SIZE', {
    ...{ fallback: 2_048, min: 1, max: 65_536 },
  });
  return {
    url,
    sampler: readChoice(env, 'OTEL_TRACES_SAMPLER', {
      fallback: 'parentbased_always_on',
      choices: samplers,
    }),
    ratio: readRatio(env, 'OTEL_TRACES_SAMPLER_ARG'),
    delayMs: readInteger(env, 'OTEL_BSP_SCHEDULE_DELAY', {
      ...{ fallback: 5_000, min: 1, max: 3_600_000 },
    }),
    queueSpansMax,
    batchSpansMax: readInteger(env, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', {
      ...{ fallback: Math.min(512, queueSpansMax), min: 1, max: queueSpansMax },
    }),
  };
}

function readUrl(env: Environment): string | undefined {
  const name = isSet(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')
    ? 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
    : 'OTEL_EXPORTER_OTLP_ENDPOINT';
  const text = readText(env, name, '').trim();
  if (text === '') return undefined;
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.host === '') {
    throw new ConfigError(
      `${name} is no http address; set it to one such as http://collector.observability:4318`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigError(
      `${name} holds a user or a password; set OTEL_EXPORTER_OTLP_HEADERS to authorization=... instead`,
    );
  }
  if (name === 'OTEL_EXPORTER_OTLP_ENDPOINT') {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  }
  return url.href;
}

/** The other two of the standard would need another exporter; sent to a port for gRPC, ours would fail for ever. */
function checkProtocol(env: Environment): void {
  const name = isSet(env, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL')
    ? 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'
    : 'OTEL_EXPORTER_OTLP_PROTOCOL';
  readChoice(env, name, { fallback: 'http/protobuf', choices: ['http/protobuf'] });
}

function readRatio(env: Environment, name: string): number {
  const text = readText(env, name, '1');
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new ConfigError(`${name} is "${text}"; set it to a number from 0 to 1`);
}

function isSet(env: Environment, name: string): boolean {
  return readText(env, name, '') !== '';
}
