// Turns the protobuf form of a built-in object into the JSON it stands for. kubectl sends it for some commands.

import { setKey } from '../any-object.ts';
import type { JsonMap } from '../any-object.ts';
import { WireReader } from './wire-reader.ts';

/** Name in JSON (empty: its fields belong to the outer object), type, and flags: r repeated, m map, p pointer. */
type Field = readonly [name: string, type: string, flags: string];
type Message = Readonly<Record<string, Field>>;

interface Tables {
  readonly kinds: Readonly<Record<string, string>>;
  readonly messages: Readonly<Record<string, Message>>;
}

/** Every object starts with these four bytes: `k8s` and a zero. */
const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);
const depthMax = 100;

// Loaded on first use: many clients never send protobuf.
async function loadTables(): Promise<Tables> {
  const { default: tables } = await import('./fields.json', { with: { type: 'json' } });
  return tables as unknown as Tables;
}

/** A kind this server doesn't know in that form. */
export class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
  readonly code = 'UNKNOWN_PROTOBUF_KIND';
}

/** Rejects with UnknownKindError for a kind without a table, with Error for bytes that aren't an object. */
export async function decodeProtobuf(bytes: Buffer): Promise<JsonMap> {
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw new Error('provided data does not appear to be a protobuf message, expected prefix k8s');
  }
  const { apiVersion, kind, raw } = readEnvelope(bytes.subarray(magic.length));
  const { kinds, messages } = await loadTables();
  const type = own(kinds, `${apiVersion}/${kind}`) ?? deleteOptions(kinds, kind);
  if (type === undefined) {
    throw new UnknownKindError(`no protobuf form of ${apiVersion} ${kind} is known here`);
  }
  return { apiVersion, kind, ...readMessage(messages, type, new WireReader(raw), 0) };
}

// Clients send DeleteOptions in the version of the group they delete from.
function deleteOptions(kinds: Tables['kinds'], kind: string): string | undefined {
  return kind === 'DeleteOptions' ? kinds['v1/DeleteOptions'] : undefined;
}

function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

function readEnvelope(bytes: Buffer): { apiVersion: string; kind: string; raw: Buffer } {
  const envelope = { apiVersion: '', kind: '', raw: Buffer.alloc(0) as Buffer };
  const reader = new WireReader(bytes);
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.field === 1) {
      Object.assign(envelope, readTypeMeta(new WireReader(reader.bytes(tag))));
    } else if (tag.field === 2) envelope.raw = reader.bytes(tag);
    else reader.skip(tag);
  }
  return envelope;
}

function readTypeMeta(reader: WireReader): { apiVersion: string; kind: string } {
  const type = { apiVersion: '', kind: '' };
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.field === 1) type.apiVersion = reader.bytes(tag).toString();
    else if (tag.field === 2) type.kind = reader.bytes(tag).toString();
    else reader.skip(tag);
  }
  return type;
}

function readMessage(
  messages: Tables['messages'],
  type: string,
  reader: WireReader,
  depth: number,
): JsonMap {
  if (depth > depthMax) throw new Error(`protobuf is nested deeper than ${depthMax} levels`);
  const message = own(messages, type) ?? {};
  const object: JsonMap = {};
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    const field = own(message, String(tag.field));
    if (field === undefined) {
      reader.skip(tag);
      continue;
    }
    const [name, fieldType, flags] = field;
    const read = (from: WireReader, at: typeof tag): unknown =>
      readValue(messages, fieldType, { reader: from, tag: at, depth: depth + 1 });
    if (flags.includes('m')) addToMap(object, name, reader.bytes(tag), read);
    else if (flags.includes('r')) {
      ((object[name] ??= []) as unknown[]).push(read(reader, tag));
    } else if (name === '') Object.assign(object, read(reader, tag));
    else {
      const value = read(reader, tag);
      // Go writes fields that aren't pointers even when they are empty; JSON leaves them out.
      if (flags.includes('p') || !isZero(value)) setKey(object, name, value);
    }
  }
  return object;
}

function isZero(value: unknown): boolean {
  if (value === '' || value === 0 || value === false || value === undefined) return true;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

type Tag = NonNullable<ReturnType<WireReader['tag']>>;

function addToMap(
  object: JsonMap,
  name: string,
  entry: Buffer,
  read: (reader: WireReader, tag: Tag) => unknown,
): void {
  const reader = new WireReader(entry);
  let key = '';
  let value: unknown = '';
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.field === 1) key = reader.bytes(tag).toString();
    else if (tag.field === 2) value = read(reader, tag);
    else reader.skip(tag);
  }
  const map = (object[name] ??= {}) as JsonMap;
  setKey(map, key, value);
}

interface Place {
  readonly reader: WireReader;
  readonly tag: Tag;
  readonly depth: number;
}

function readValue(messages: Tables['messages'], type: string, place: Place): unknown {
  const { reader, tag } = place;
  switch (type) {
    case 'string':
      return reader.bytes(tag).toString();
    case 'bytes':
      return reader.bytes(tag).toString('base64');
    case 'int':
      return reader.int(tag);
    case 'bool':
      return reader.int(tag) !== 0;
    default: {
      const inner = new WireReader(reader.bytes(tag));
      return specialTypes[type]?.(inner) ?? readMessage(messages, type, inner, place.depth);
    }
  }
}

/** Types that JSON writes in a form of their own. */
const specialTypes: Readonly<Record<string, (reader: WireReader) => unknown>> = {
  Time: (reader) => readTime(reader, 0),
  MicroTime: (reader) => readTime(reader, 6),
  Duration: (reader) => `${readNumbers(reader)[1] ?? 0}ns`,
  Quantity: (reader) => readTexts(reader)[0] ?? '',
  RawExtension: (reader) => readJson(readTexts(reader)[0]),
  FieldsV1: (reader) => readJson(readTexts(reader)[0]),
  StringList: (reader) => readTexts(reader),
  IntOrString: readIntOrString,
};

function readNumbers(reader: WireReader): Record<number, number> {
  const numbers: Record<number, number> = {};
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    numbers[tag.field] = reader.int(tag);
  }
  return numbers;
}

/** Field 1 as text, each time it is there. */
function readTexts(reader: WireReader): string[] {
  const texts: string[] = [];
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.field === 1) texts.push(reader.bytes(tag).toString());
    else reader.skip(tag);
  }
  return texts;
}

function readJson(text: string | undefined): unknown {
  return text === undefined || text === '' ? {} : (JSON.parse(text) as unknown);
}

function readTime(reader: WireReader, digits: number): string {
  const { 1: seconds, 2: nanos = 0 } = readNumbers(reader);
  if (seconds === undefined) return '';
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${text}Z`;
  return `${text}.${String(Math.floor(nanos / 1000)).padStart(digits, '0')}Z`;
}

function readIntOrString(reader: WireReader): unknown {
  let [isText, number, text] = [false, 0, ''];
  for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
    if (tag.field === 1) isText = reader.int(tag) === 1;
    else if (tag.field === 2) number = reader.int(tag);
    else if (tag.field === 3) text = reader.bytes(tag).toString();
    else reader.skip(tag);
  }
  return isText ? text : number;
}
