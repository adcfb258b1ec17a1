import type { Writable } from "node:stream";
import type { Clock } from "../../clock.ts";
import { formatLiveCursor } from "./live-cursor.ts";
import type { LiveFrame, LiveHub } from "./live-hub.ts";

/** Proxies and browsers drop connections that say nothing. */
export const HEARTBEAT_MS = 15_000;
/** A viewer that is further behind is cut off; it comes back with its last event id and reads on from there. */
const MOST_UNSENT_BYTES = 4 * 1024 * 1024;

export interface LiveStreamOptions {
  readonly hub: LiveHub;
  readonly clock: Clock;
  /** Where to go on; events after this position are sent first. */
  readonly after: number;
  /** As `after`, for alarms; absent: those that stand are sent first. */
  readonly alarmsAfter?: number | undefined;
  /** Whether this viewer may see a frame. */
  readonly sees?: (frame: LiveFrame) => boolean;
  /** Asked at each heartbeat: false ends the stream (signed out, session over). */
  readonly mayGoOn: () => Promise<boolean>;
  /** The server stops: the stream ends, so that the stop does not wait for its viewer. */
  readonly closing?: AbortSignal;
  readonly heartbeatMs?: number;
}

/**
 * Writes server-sent events until the connection closes: the state of everything, what was missed, then what happens.
 * Each frame carries the positions of the last event and the last alarm sent as its id, so that a viewer who comes back misses nothing and
 * gets no event twice.
 */
export async function streamLive(output: Writable, options: LiveStreamOptions): Promise<void> {
  const { hub, clock, mayGoOn, sees = () => true } = options;
  let position = options.after;
  let alarmPosition = options.alarmsAfter;
  let replaying = true;
  const waiting: LiveFrame[] = [];

  const write = (text: string) => {
    if (output.writableEnded || output.destroyed) return;
    output.write(text);
    if (output.writableLength > MOST_UNSENT_BYTES) output.destroy();
  };
  const send = (frame: LiveFrame) => {
    if (frame.position !== undefined) {
      // Replay and live overlap: what was sent already is left out.
      if (frame.position <= position) return;
      position = frame.position;
    }
    if (frame.alarmPosition !== undefined) {
      if (frame.alarmPosition <= (alarmPosition ?? 0)) return;
      alarmPosition = frame.alarmPosition;
    }
    if (!sees(frame)) return;
    const id = formatLiveCursor({
      event: position,
      ...(alarmPosition === undefined ? {} : { alarm: alarmPosition }),
    });
    write(`event: ${frame.type}\nid: ${id}\ndata: ${JSON.stringify(frame.data)}\n\n`);
  };
  const replayAlarms = async () => {
    for (;;) {
      const frames = await hub.alarmsAfter(alarmPosition ?? 0);
      for (const frame of frames) send(frame);
      if (frames.length === 0 || output.destroyed) return;
      if (output.writableNeedDrain) await drained(output, closed);
    }
  };
  const beat = () => write(`event: heartbeat\ndata: ${JSON.stringify({ at: clock.now() })}\n\n`);

  // Before reading anything, so that nothing falls between what is read and what is heard.
  const stopListening = hub.listen((frame) => {
    if (replaying) waiting.push(frame);
    else send(frame);
  });
  const closed = new Promise<void>((resolve) => {
    output.on("close", resolve);
    output.on("error", () => resolve());
  });
  const endNow = () => output.end();
  options.closing?.addEventListener("abort", endNow);
  const heart = setInterval(() => {
    mayGoOn().then(
      (may) => (may ? beat() : output.end()),
      () => output.destroy(),
    );
  }, options.heartbeatMs ?? HEARTBEAT_MS);
  try {
    write("retry: 2000\n\n");
    for (const frame of await hub.state()) send(frame);
    if (alarmPosition === undefined) {
      for (const frame of await hub.alarmsAfter(undefined)) send(frame);
      alarmPosition ??= 0;
    } else {
      await replayAlarms();
    }
    for (;;) {
      const { frames, done } = await hub.after(position);
      for (const frame of frames) send(frame);
      if (done || output.destroyed) break;
      if (output.writableNeedDrain) await drained(output, closed);
    }
    replaying = false;
    for (const frame of waiting.splice(0)) send(frame);
    beat();
    await closed;
  } catch {
    // The viewer reconnects with its last id; what failed here was logged by whoever reads.
    output.destroy();
  } finally {
    clearInterval(heart);
    options.closing?.removeEventListener("abort", endNow);
    stopListening();
  }
}

async function drained(output: Writable, closed: Promise<void>): Promise<void> {
  await Promise.race([new Promise<void>((resolve) => output.once("drain", resolve)), closed]);
}
