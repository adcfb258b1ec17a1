import { concatBytes, constantTimeEqual, fromHex, hmacSha256 } from "@menshen/crypto/node";
import { DomainError, type Plate, parsePlate, type ReaderId, type TimeInterval } from "@menshen/domain";
import {
  PLATE_EVENT_BURST,
  PLATE_EVENT_MAC_CONTEXT,
  PLATE_EVENT_MAX_AGE_MS,
  PLATE_EVENTS_PER_SECOND,
  PlateEvent,
  type PlateRefusalCode,
} from "@menshen/wire";
import { Value } from "typebox/value";
import { makeTokenBucket, type TokenBucket } from "../tap/token-bucket.ts";

/** A camera as the gate knows it. */
export interface PlateCamera {
  readonly readerId: ReaderId;
  readonly secret: Uint8Array;
}

/** What came of an event: a plate to decide, nothing to decide, or why it is not taken. */
export type TakenEvent =
  | { readonly kind: "plate"; readonly plate: Plate }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly code: PlateRefusalCode };

/** Takes each event of each camera once. */
export interface PlateEvents {
  /** The camera that a header names, if the header proves it for these bytes. */
  cameraOf(authorization: string | undefined, body: Uint8Array): PlateCamera | undefined;
  /** For a camera that proved to be itself. */
  take(camera: PlateCamera, body: Uint8Array): TakenEvent;
}

export interface PlateEventsOptions {
  readonly cameras: readonly PlateCamera[];
  /** Percent. */
  readonly minimumConfidence: number;
  readonly now: () => TimeInterval;
  readonly monotonicMs: () => number;
}

/** A vehicle that waits is read again and again: that is one arrival. */
const SAME_PLATE_MS = 3_000;
const HEADER = /^Camera ([0-9a-f-]{36}) ([0-9a-f]{64})$/;
const CONTEXT = new TextEncoder().encode(PLATE_EVENT_MAC_CONTEXT);
const NOTHING: TakenEvent = { kind: "nothing" };

interface Seen {
  sequence: number;
  plate: Plate | undefined;
  plateMs: number;
  readonly bucket: TokenBucket;
}

export function makePlateEvents(options: PlateEventsOptions): PlateEvents {
  // What was heard before this start is not remembered: nothing from before it is taken either.
  const startedAt = options.now().earliest;
  const seen = new Map<ReaderId, Seen>(
    options.cameras.map(({ readerId }) => [
      readerId,
      {
        sequence: 0,
        plate: undefined,
        plateMs: Number.NEGATIVE_INFINITY,
        bucket: makeTokenBucket(PLATE_EVENT_BURST, PLATE_EVENTS_PER_SECOND),
      },
    ]),
  );

  function timeRefusal(at: number): PlateRefusalCode | undefined {
    const { earliest, latest } = options.now();
    if (latest - earliest > PLATE_EVENT_MAX_AGE_MS) return "unavailable";
    const isOld = at < startedAt || at < latest - PLATE_EVENT_MAX_AGE_MS;
    return isOld || at > earliest + PLATE_EVENT_MAX_AGE_MS ? "stale" : undefined;
  }

  function again(last: Seen, plate: Plate): boolean {
    const nowMs = options.monotonicMs();
    const isAgain = last.plate === plate && nowMs - last.plateMs < SAME_PLATE_MS;
    last.plate = plate;
    last.plateMs = nowMs;
    return isAgain;
  }

  return {
    cameraOf(authorization, body) {
      const [, readerId, mac] = HEADER.exec(authorization ?? "") ?? [];
      if (readerId === undefined || mac === undefined) return undefined;
      const camera = options.cameras.find((one) => one.readerId === readerId);
      if (camera === undefined) return undefined;
      const expected = hmacSha256(camera.secret, concatBytes(CONTEXT, body));
      return constantTimeEqual(expected, fromHex(mac)) ? camera : undefined;
    },
    take({ readerId }, body) {
      const last = seen.get(readerId);
      if (last === undefined || !last.bucket.take(options.monotonicMs())) return refused("rate-limited");
      const event = parsePlateEvent(body);
      if (event === undefined) return refused("invalid-event");
      const time = timeRefusal(event.at);
      if (time !== undefined) return refused(time);
      if (event.sequence <= last.sequence) return refused("replayed");
      last.sequence = event.sequence;
      if (!("plate" in event)) return NOTHING;
      if (event.confidence < options.minimumConfidence) return refused("unsure");
      const plate = plateOf(event.plate);
      if (plate === undefined) return refused("no-plate");
      return again(last, plate) ? NOTHING : { kind: "plate", plate };
    },
  };
}

/** What a body says; `undefined` for anything but an event. */
export function parsePlateEvent(body: Uint8Array): PlateEvent | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return Value.Check(PlateEvent, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function plateOf(text: string): Plate | undefined {
  try {
    return parsePlate(text);
  } catch (fault) {
    if (fault instanceof DomainError) return undefined;
    throw fault;
  }
}

function refused(code: PlateRefusalCode): TakenEvent {
  return { kind: "refused", code };
}
