// Spans of requests, made and exported by OpenTelemetry's SDK; imported only where tracing is set up.

import { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { trace, type Context, type Span, type Tracer } from '@opentelemetry/api';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector } from '@opentelemetry/resources';
import { resourceFromAttributes } from '@opentelemetry/resources';
import * as sdk from '@opentelemetry/sdk-trace';
import { pause } from '../platform/process/clock.ts';
import {
  buildArrivalAttributes,
  buildAttemptAttributes,
  buildEndAttributes,
  buildErrorType,
  buildPhaseEvents,
  buildSpanMethod,
  findColdStart,
} from './build-span-attributes.ts';
import type { Exchange } from './exchange.ts';
import type { TracingSettings } from './tracing-settings.ts';
import type { RequestTrace, Tracing, TracingPorts } from './tracing.ts';
import { TracingLog } from './tracing-log.ts';

/** A caller's header may be 32 KiB, and thousands of spans may be held. */
const attributeLengthMax = 1_024;

export class SpanTracing implements Tracing {
  readonly #provider: sdk.TracerProvider;
  readonly #requests: RequestSpansPorts;
  readonly #ports: TracingPorts;

  constructor(settings: TracingSettings, ports: TracingPorts) {
    this.#ports = ports;
    // The SDK has one log for the process.
    const log = new TracingLog(ports);
    setGlobalErrorHandler((error) => log.error(error));
    diag.setLogger(log, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
    this.#provider = new sdk.TracerProvider({
      resource: defaultResource()
        .merge(
          resourceFromAttributes({
            'service.name': 'rouse-activator',
            'service.instance.id': ports.identity,
          }),
        )
        .merge(detectResources({ detectors: [envDetector] })),
      sampler: makeSampler(settings),
      spanLimits: { attributeValueLengthLimit: attributeLengthMax },
      spanProcessors: [
        new sdk.BatchSpanProcessor({
          exporter: new OTLPTraceExporter({ url: settings.url }),
          scheduledDelayMillis: settings.delayMs,
          maxQueueSize: settings.queueSpansMax,
          maxExportBatchSize: settings.batchSpansMax,
        }),
      ],
    });
    this.#requests = { tracer: this.#provider.getTracer('rouse'), now: () => ports.clock.now() };
    ports.log.info({ url: settings.url, sampler: settings.sampler }, 'traces requests');
  }

  begin(exchange: Exchange): RequestTrace {
    return new RequestSpans(exchange, this.#requests);
  }

  async stop(timeoutMs: number): Promise<void> {
    const { clock, log } = this.#ports;
    const ended = new AbortController();
    let isLate = false;
    await Promise.race([
      this.#provider.shutdown().catch((error: unknown) => {
        log.warn({ error }, 'the last spans could not be exported');
      }),
      pause(clock, timeoutMs, ended.signal).then(() => (isLate = !ended.signal.aborted)),
    ]);
    ended.abort();
    if (isLate) log.warn({ timeoutMs }, 'the last spans were not exported in time');
  }
}

function makeSampler({ sampler, ratio }: TracingSettings): sdk.Sampler {
  const root = sampler.endsWith('traceidratio')
    ? new sdk.TraceIdRatioBasedSampler(ratio)
    : sampler.endsWith('always_on')
      ? new sdk.AlwaysOnSampler()
      : new sdk.AlwaysOffSampler();
  return sampler.startsWith('parentbased_') ? new sdk.ParentBasedSampler({ root }) : root;
}

const propagator = new W3CTraceContextPropagator();
const incoming = {
  keys: (headers: Exchange['request']['headers']) => Object.keys(headers),
  get: (headers: Exchange['request']['headers'], name: string) => headers[name],
};
const outgoing = {
  set: (headers: string[], name: string, value: string) => void headers.push(name, value),
};

interface RequestSpansPorts {
  readonly tracer: Tracer;
  readonly now: () => number;
}

class RequestSpans implements RequestTrace {
  readonly #exchange: Exchange;
  readonly #ports: RequestSpansPorts;
  readonly #server: Span;
  /** With the server span in it. */
  readonly #context: Context;
  readonly #hasParent: boolean;
  /** From the clock of the requests, which never jumps, to the one that traces of all programs go by. */
  readonly #offsetMs: number;
  #attempt: Span | undefined;

  constructor(exchange: Exchange, ports: RequestSpansPorts) {
    this.#exchange = exchange;
    this.#ports = ports;
    this.#offsetMs = Date.now() - exchange.arrivedAtMs;
    const { request } = exchange;
    const parent = propagator.extract(ROOT_CONTEXT, request.headers, incoming);
    this.#hasParent = parent !== ROOT_CONTEXT;
    const method = buildSpanMethod(request.method);
    this.#server = ports.tracer.startSpan(
      method,
      {
        kind: SpanKind.SERVER,
        startTime: this.#epoch(exchange.arrivedAtMs),
        attributes: buildArrivalAttributes(exchange),
      },
      parent,
    );
    this.#context = trace.setSpan(parent, this.#server);
  }

  startAttempt(): readonly string[] | undefined {
    const headers: string[] = [];
    if (!this.#server.isRecording()) {
      // Whoever began the trace goes on with it; a trace of ours is known to be one that nobody keeps.
      if (this.#hasParent) return undefined;
      propagator.inject(this.#context, headers, outgoing);
      return headers;
    }
    const exchange = this.#exchange;
    this.#attempt = this.#ports.tracer.startSpan(
      buildSpanMethod(exchange.request.method),
      {
        kind: SpanKind.CLIENT,
        startTime: this.#epoch(this.#ports.now()),
        attributes: buildAttemptAttributes(exchange),
      },
      this.#context,
    );
    propagator.inject(trace.setSpan(this.#context, this.#attempt), headers, outgoing);
    return headers;
  }

  endAttempt(errorType: string): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    attempt.setAttribute('error.type', errorType);
    attempt.setStatus({ code: SpanStatusCode.ERROR });
    attempt.end(this.#epoch(this.#ports.now()));
  }

  end(atMs: number): void {
    if (!this.#server.isRecording()) return;
    this.#endLastAttempt(atMs);
    const exchange = this.#exchange;
    const { functionName, namespace, failure, status } = exchange;
    const server = this.#server;
    if (functionName !== '') {
      server.updateName(`${buildSpanMethod(exchange.request.method)} ${namespace}/${functionName}`);
    }
    server.setAttributes(buildEndAttributes(exchange, sentStatusOf(exchange)));
    const path = findColdStart(exchange)?.path;
    if (path !== undefined) server.setAttribute('rouse.cold_start.path', path);
    for (const { phase, atMs: endedAtMs, durationMs } of buildPhaseEvents(exchange)) {
      const attributes = { 'rouse.cold_start.duration_ms': durationMs };
      server.addEvent(phase, attributes, this.#epoch(endedAtMs));
    }
    if (status >= 500) {
      const message = failure?.message.slice(0, attributeLengthMax);
      server.setStatus({ code: SpanStatusCode.ERROR, ...(message && { message }) });
    }
    server.end(this.#epoch(atMs));
  }

  /** The one that was answered, or broke. */
  #endLastAttempt(atMs: number): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { failure, status } = this.#exchange;
    const errorType =
      buildErrorType(this.#exchange) ?? (status >= 400 ? String(status) : undefined);
    if (failure === undefined && errorType !== 'caller_gone') {
      attempt.setAttribute('http.response.status_code', status);
    }
    if (errorType !== undefined) {
      attempt.setAttribute('error.type', errorType);
      attempt.setStatus({ code: SpanStatusCode.ERROR });
    }
    attempt.end(this.#epoch(atMs));
  }

  #epoch(atMs: number): number {
    return this.#offsetMs + atMs;
  }
}

/** What the caller saw, if anything: a stream that broke later began with a 200. */
function sentStatusOf({ status, response }: Exchange): number | undefined {
  if (status === 101) return status;
  return response.headersSent ? response.statusCode : undefined;
}
