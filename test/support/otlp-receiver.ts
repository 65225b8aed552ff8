// A collector for tests: takes spans by OTLP over HTTP, and reads the protobuf by its public field numbers.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Value = string | number | boolean;

export interface SeenSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  /** Empty for the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  /** 2: server; 3: client. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly events: readonly SeenEvent[];
  /** 0: unset; 2: error. */
  readonly statusCode: number;
  readonly resource: Readonly<Record<string, Value>>;
}

export interface SeenEvent {
  readonly name: string;
  readonly atNs: bigint;
  readonly attributes: Readonly<Record<string, Value>>;
}

/** Answers; default: 200. */
export type ReceiverMode = 'take' | 'refuse' | 'hang';

export class OtlpReceiver {
  readonly spans: SeenSpan[] = [];
  readonly paths: string[] = [];
  requests = 0;
  mode: ReceiverMode = 'take';
  readonly #server: Server;
  readonly #hanging: ServerResponse[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests += 1;
        if (this.mode === 'hang') return void this.#hanging.push(response);
        if (this.mode === 'refuse') return void response.writeHead(400).end();
        this.paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
        this.spans.push(...readExport(Buffer.concat(chunks)));
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  servers(): SeenSpan[] {
    return this.spans.filter((span) => span.kind === 2);
  }

  clients(): SeenSpan[] {
    return this.spans.filter((span) => span.kind === 3);
  }

  /** Answers what hangs; its spans count as lost. */
  release(): void {
    for (const response of this.#hanging.splice(0)) response.writeHead(400).end();
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

type Fields = Map<number, (Buffer | bigint)[]>;

/** The wire format of protobuf: pairs of a number and a value, of which only three forms occur here. */
function readFields(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the message ends in the middle of a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new Error('the message ends in the middle of a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, form] = [tag >> 3, tag & 7];
    const value =
      form === 0
        ? varint()
        : take(form === 1 ? 8 : form === 5 ? 4 : form === 2 ? Number(varint()) : Number.NaN);
    fields.set(number, [...(fields.get(number) ?? []), value]);
  }
  return fields;
}

const all = (fields: Fields, number: number) => (fields.get(number) ?? []) as Buffer[];
const bytesOf = (fields: Fields, number: number) => all(fields, number)[0] ?? Buffer.alloc(0);
const textOf = (fields: Fields, number: number) => bytesOf(fields, number).toString();
const hexOf = (fields: Fields, number: number) => bytesOf(fields, number).toString('hex');
const numberOf = (fields: Fields, number: number) => Number(fields.get(number)?.[0] ?? 0);
const timeOf = (fields: Fields, number: number) => bytesOf(fields, number).readBigUInt64LE();

function readExport(body: Buffer): SeenSpan[] {
  return all(readFields(body), 1).flatMap((one) => {
    const resourceSpans = readFields(one);
    const resource = readAttributes(all(readFields(bytesOf(resourceSpans, 1)), 1));
    return all(resourceSpans, 2).flatMap((scope) =>
      all(readFields(scope), 2).map((span) => readSpan(readFields(span), resource)),
    );
  });
}

function readSpan(fields: Fields, resource: SeenSpan['resource']): SeenSpan {
  return {
    traceId: hexOf(fields, 1),
    spanId: hexOf(fields, 2),
    traceState: textOf(fields, 3),
    parentSpanId: hexOf(fields, 4),
    name: textOf(fields, 5),
    kind: numberOf(fields, 6),
    startNs: timeOf(fields, 7),
    endNs: timeOf(fields, 8),
    attributes: readAttributes(all(fields, 9)),
    events: all(fields, 11).map((bytes) => {
      const event = readFields(bytes);
      return {
        name: textOf(event, 2),
        atNs: timeOf(event, 1),
        attributes: readAttributes(all(event, 3)),
      };
    }),
    statusCode: numberOf(readFields(bytesOf(fields, 15)), 3),
    resource,
  };
}

function readAttributes(pairs: readonly Buffer[]): Record<string, Value> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const fields = readFields(pair);
      return [textOf(fields, 1), readValue(readFields(bytesOf(fields, 2)))];
    }),
  );
}

function readValue(fields: Fields): Value {
  if (fields.has(1)) return textOf(fields, 1);
  if (fields.has(2)) return numberOf(fields, 2) === 1;
  if (fields.has(3)) return numberOf(fields, 3);
  return fields.has(4) ? bytesOf(fields, 4).readDoubleLE() : '';
}
