// When requests are traced, where the spans go, and what is said to settings that make no sense.

import { describe, expect, it } from '@jest/globals';
import { readTracingSettings, samplers } from '../../../activator/tracing-settings.ts';

const endpoint = 'OTEL_EXPORTER_OTLP_ENDPOINT';
const on = { [endpoint]: 'http://collector:4318' };

describe('readTracingSettings', () => {
  it('traces nothing unless an endpoint is set, or when it is told not to', () => {
    expect(readTracingSettings({ OTEL_TRACES_SAMPLER: 'nonsense' })).toBeUndefined();
    expect(readTracingSettings({ [endpoint]: '' })).toBeUndefined();
    expect(readTracingSettings({ ...on, OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
    expect(readTracingSettings({ ...on, OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined();
  });

  it('has the defaults of the standard', () => {
    expect(readTracingSettings(on)).toEqual({
      url: 'http://collector:4318/v1/traces',
      sampler: 'parentbased_always_on',
      ratio: 1,
      delayMs: 5_000,
      queueSpansMax: 2_048,
      batchSpansMax: 512,
    });
  });

  it.each([
    ['http://collector:4318/', 'http://collector:4318/v1/traces'],
    ['https://otlp.example.com/otlp', 'https://otlp.example.com/otlp/v1/traces'],
    [' http://[fd00::1]:4318 ', 'http://[fd00::1]:4318/v1/traces'],
  ])('puts the path of traces behind %p', (given, url) => {
    expect(readTracingSettings({ [endpoint]: given })?.url).toBe(url);
  });

  it('takes the endpoint of traces as it is, before the one of all signals', () => {
    const env = { ...on, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:1/x' };
    expect(readTracingSettings(env)?.url).toBe('http://other:1/x');
  });

  it('knows the samplers of the standard', () => {
    for (const sampler of samplers) {
      const env = { ...on, OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '0.25' };
      expect(readTracingSettings(env)).toMatchObject({ sampler, ratio: 0.25 });
    }
  });

  it('never asks for a batch longer than the queue', () => {
    const env = { ...on, OTEL_BSP_MAX_QUEUE_SIZE: '8' };
    expect(readTracingSettings(env)).toMatchObject({ queueSpansMax: 8, batchSpansMax: 8 });
  });

  it.each([
    [endpoint, 'collector:4318', /is no http address; set it to one such as http:\/\//],
    [endpoint, 'http://', /is no http address/],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'grpc://collector:4317', /is no http address/],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', /set it to one of http\/protobuf/],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json', /set it to one of http\/protobuf/],
    ['OTEL_TRACES_EXPORTER', 'jaeger', /set it to one of otlp, none/],
    ['OTEL_TRACES_SAMPLER', 'sometimes', /set it to one of parentbased_always_on/],
    ['OTEL_TRACES_SAMPLER_ARG', '2', /set it to a number from 0 to 1/],
    ['OTEL_TRACES_SAMPLER_ARG', 'half', /set it to a number from 0 to 1/],
    ['OTEL_BSP_SCHEDULE_DELAY', 'soon', /set it to a whole number from 1 to/],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '1000000', /set it to a whole number from 1 to 65536/],
    ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '4096', /set it to a whole number from 1 to 2048/],
  ])('refuses %s=%p, naming it', (name, value, why) => {
    const read = () => readTracingSettings({ ...on, [name]: value });
    expect(read).toThrow(why);
    expect(read).toThrow(name);
  });

  it('refuses a password in an address, and does not repeat it', () => {
    const read = () => readTracingSettings({ [endpoint]: 'http://me:hush@collector:4318' });
    expect(read).toThrow(/set OTEL_EXPORTER_OTLP_HEADERS/);
    expect(read).not.toThrow(/hush/);
  });
});
