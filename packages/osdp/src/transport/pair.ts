import type { ByteStream, ByteStreamListener } from "./byte-stream.ts";

/**
 * Two ends of a line in one process. Bytes written before the other end listens are dropped, as on a wire. Delivery is
 * never synchronous: it waits for a microtask, so that neither side runs inside the other's turn.
 */
export function makeStreamPair(): readonly [ByteStream, ByteStream] {
  let open = true;
  const left = makeEnd();
  const right = makeEnd();

  function makeEnd() {
    let listener: ByteStreamListener | undefined;
    return {
      listen(next: ByteStreamListener) {
        listener = next;
        if (open) listener.opened();
      },
      receive(bytes: Uint8Array) {
        if (open) listener?.received(bytes);
      },
      end() {
        listener?.closed();
      },
    };
  }

  function view(own: typeof left, far: typeof left): ByteStream {
    return {
      get isOpen() {
        return open;
      },
      write(bytes) {
        const copy = bytes.slice();
        if (open) queueMicrotask(() => far.receive(copy));
      },
      listen: own.listen,
      async close() {
        if (!open) return;
        open = false;
        far.end();
      },
    };
  }

  return [view(left, right), view(right, left)];
}
