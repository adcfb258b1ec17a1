import { Transform, type TransformCallback } from "node:stream";

/** What one connection may send. */
export interface FrameLimits {
  /** Longest MQTT packet; a longer one ends the connection before it is buffered. */
  readonly maxPacketBytes: number;
  /** Packets beyond this many a second wait, and the sender feels it through TCP. */
  readonly packetsPerSecond: number;
}

/** MQTT 3.1.1 §2.2.3: the remaining length takes at most four bytes. */
const MAX_LENGTH_BYTES = 4;

/**
 * Passes bytes on and follows the packet boundaries in them (MQTT 3.1.1 §2): the broker's own parser would buffer
 * whatever length a packet claims, up to 256 MB.
 */
export class FrameMeter extends Transform {
  readonly #limits: FrameLimits;
  readonly #monotonicMs: () => number;
  /** Bytes of the present packet still to come. */
  #remaining = 0;
  /** Bytes of the length field read so far; `undefined`: a packet type comes next. */
  #lengthBytes: number | undefined;
  #length = 0;
  #allowance: number;
  #refilledMs: number;

  constructor(limits: FrameLimits, monotonicMs: () => number) {
    super();
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#allowance = limits.packetsPerSecond;
    this.#refilledMs = monotonicMs();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const packets = this.#follow(chunk);
    if (packets === undefined) {
      done(new Error("an MQTT packet is longer than agreed"));
      return;
    }
    const waitMs = this.#spend(packets);
    if (waitMs === 0) done(null, chunk);
    else setTimeout(() => done(null, chunk), waitMs).unref();
  }

  /** Number of packets that begin in `chunk`; `undefined` if one is too long. */
  #follow(chunk: Buffer): number | undefined {
    let packets = 0;
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#remaining > 0) {
        const taken = Math.min(this.#remaining, chunk.length - offset);
        this.#remaining -= taken;
        offset += taken;
      } else if (this.#lengthBytes === undefined) {
        packets += 1;
        this.#lengthBytes = 0;
        this.#length = 0;
        offset += 1;
      } else {
        const byte = chunk[offset] ?? 0;
        offset += 1;
        this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
        this.#lengthBytes += 1;
        const more = byte >= 0x80;
        if (this.#length > this.#limits.maxPacketBytes || (more && this.#lengthBytes === MAX_LENGTH_BYTES)) {
          return undefined;
        }
        if (!more) {
          this.#remaining = this.#length;
          this.#lengthBytes = undefined;
        }
      }
    }
    return packets;
  }

  /** Milliseconds to wait before `packets` more are let through: a bucket that holds one second's worth. */
  #spend(packets: number): number {
    const now = this.#monotonicMs();
    const rate = this.#limits.packetsPerSecond;
    this.#allowance = Math.min(rate, this.#allowance + ((now - this.#refilledMs) * rate) / 1_000);
    this.#refilledMs = now;
    this.#allowance -= packets;
    return this.#allowance >= 0 ? 0 : Math.ceil((-this.#allowance * 1_000) / rate);
  }
}
