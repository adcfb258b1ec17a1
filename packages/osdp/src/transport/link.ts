import type { ByteStream, ByteStreamListener } from "./byte-stream.ts";

/** What carries bytes once it is up: a socket or an open port. */
export interface Carrier {
  write(bytes: Uint8Array): void;
  /** Ends it for good; its `closed` callback may still come. */
  destroy(): void;
}

/** Where a carrier reports to; calls after `closed` are ignored. */
export interface CarrierEvents {
  opened(carrier: Carrier): void;
  received(carrier: Carrier, bytes: Uint8Array): void;
  closed(carrier: Carrier): void;
}

/**
 * A byte stream over whatever carrier is there at the time. The newest carrier wins: a far side that came back is worth
 * more than a half-dead connection.
 *
 * @param start begins to look for carriers, for as long as the stream lives, and returns how to stop looking
 */
export function makeCarriedStream(start: (events: CarrierEvents) => () => Promise<void>): ByteStream {
  let listener: ByteStreamListener | undefined;
  let current: Carrier | undefined;
  let closed = false;

  const stopLooking = start({
    opened(carrier) {
      if (closed) {
        carrier.destroy();
        return;
      }
      const before = current;
      current = carrier;
      if (before !== undefined) {
        before.destroy();
        listener?.closed();
      }
      listener?.opened();
    },
    received(carrier, bytes) {
      if (carrier === current) listener?.received(bytes);
    },
    closed(carrier) {
      if (carrier !== current) return;
      current = undefined;
      if (!closed) listener?.closed();
    },
  });

  return {
    get isOpen() {
      return current !== undefined;
    },
    write(bytes) {
      current?.write(bytes);
    },
    listen(next) {
      listener = next;
      if (current !== undefined) next.opened();
    },
    async close() {
      if (closed) return;
      closed = true;
      listener = undefined;
      current?.destroy();
      current = undefined;
      await stopLooking();
    },
  };
}
