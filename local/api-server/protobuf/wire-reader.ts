// Reads protobuf's wire format: tags, variable-length numbers and lengths.

export interface WireTag {
  readonly field: number;
  /** 0 a number, 1 eight bytes, 2 a length and bytes, 5 four bytes. */
  readonly wire: number;
}

/** Throws Error for bytes that end too early or have a form that isn't allowed. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next field's tag; undefined at the end. */
  tag(): WireTag | undefined {
    if (this.#at >= this.#bytes.length) return undefined;
    const number = Number(this.#varint());
    return { field: Math.floor(number / 8), wire: number & 7 };
  }

  /** A signed 64-bit number as Go writes int32 and int64. Beyond 2^53 it loses its last digits. */
  int(tag: WireTag): number {
    if (tag.wire !== 0) throw new Error(`protobuf field ${tag.field} is not a number`);
    return Number(BigInt.asIntN(64, this.#varint()));
  }

  bytes(tag: WireTag): Buffer {
    if (tag.wire !== 2) throw new Error(`protobuf field ${tag.field} has no length`);
    return this.#take(Number(this.#varint()));
  }

  skip(tag: WireTag): void {
    if (tag.wire === 0) this.#varint();
    else if (tag.wire === 1) this.#take(8);
    else if (tag.wire === 2) this.bytes(tag);
    else if (tag.wire === 5) this.#take(4);
    else throw new Error(`protobuf field ${tag.field} has the unknown wire type ${tag.wire}`);
  }

  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new Error('protobuf ends too early');
    const slice = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return slice;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new Error('protobuf ends too early');
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('protobuf has a number of more than ten bytes');
  }
}
