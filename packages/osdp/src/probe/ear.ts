import { makeDeframer } from "../frame/deframer.ts";
import type { Frame } from "../frame/frame.ts";
import type { Timers } from "../timers.ts";
import type { ByteStream } from "../transport/byte-stream.ts";

/** What came within a time. */
export interface Heard {
  readonly frames: readonly Frame[];
  /** All bytes, also those of no frame. */
  readonly bytes: Uint8Array;
}

/** A line that is only asked and listened to, without any state of a conversation. */
export interface Ear {
  /** Sends and listens: until nothing comes any more after the first bytes, at most `waitMs` for those. */
  ask(bytes: Uint8Array, waitMs: number): Promise<Heard>;
  /** Only listens. */
  listen(forMs: number): Promise<Heard>;
  close(): Promise<void>;
}

/** How long a line may take to be there. */
const OPENING_MS = 1_500;
/** Silence behind bytes after which nothing more is expected: a second answer would have begun by then. */
const QUIET_MS = 60;
/** A line that never falls silent is listened to so long. */
const LONGEST_MS = 1_000;

/** @returns undefined if the line does not open in time */
export async function openEar(stream: ByteStream, timers: Timers): Promise<Ear | undefined> {
  let received: Uint8Array[] = [];
  let touched: () => void = () => undefined;
  const isOpen = await new Promise<boolean>((resolve) => {
    const giveUp = timers.set(OPENING_MS, () => resolve(false));
    stream.listen({
      opened() {
        giveUp();
        resolve(true);
      },
      received(bytes) {
        received.push(bytes);
        touched();
      },
      closed: () => undefined,
    });
  });
  if (!isOpen) {
    await stream.close();
    return undefined;
  }

  async function listen(firstMs: number, quietMs: number): Promise<Heard> {
    received = [];
    const endsMs = timers.now() + firstMs + LONGEST_MS;
    await new Promise<void>((resolve) => {
      let cancel = timers.set(firstMs, resolve);
      touched = () => {
        cancel();
        cancel = timers.set(Math.min(quietMs, endsMs - timers.now()), resolve);
      };
    });
    touched = () => undefined;
    const deframer = makeDeframer();
    const frames = received.flatMap((bytes) => deframer.push(bytes));
    while (deframer.partial) frames.push(...deframer.expire());
    return { frames, bytes: Uint8Array.from(received.flatMap((bytes) => [...bytes])) };
  }

  return {
    ask(bytes, waitMs) {
      stream.write(bytes);
      return listen(waitMs, QUIET_MS);
    },
    listen: (forMs) => listen(forMs, QUIET_MS),
    close: () => stream.close(),
  };
}
