import Type, { type Static } from "typebox";

// What a camera at a vehicle barrier tells the gate: docs/protocol/plates.md. Text only: there is no field for a picture.

/** POST, one {@link PlateEvent} as JSON → 204, or a {@link PlateRefusal}. */
export const PLATE_EVENT_PATH = "/plates/v1/events";
/** The whole body; more is refused unread. */
export const PLATE_EVENT_MAX_BYTES = 512;
/**
 * What the message authentication code of an event begins with, in ASCII, before the bytes of the body. The header is
 * `authorization: Camera READER MAC`, with the camera's id as it stands in the gate's configuration, and HMAC-SHA-256 under
 * its secret in lower-case hexadecimal.
 */
export const PLATE_EVENT_MAC_CONTEXT = "menshen/plate-event/v1\0";
/** How old an event may be, and how far ahead a camera's clock. */
export const PLATE_EVENT_MAX_AGE_MS = 10_000;
/** A camera with nothing to tell says at least so often that it is there. */
export const PLATE_HEARTBEAT_S = 30;
/** Events of one camera: so many at once, then so many a second. */
export const PLATE_EVENT_BURST = 20;
export const PLATE_EVENTS_PER_SECOND = 4;

const base = {
  version: Type.Literal(1),
  /** Rises with each event of the camera; gaps do not matter. */
  sequence: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  /** When it was read: milliseconds since 1970-01-01T00:00Z. */
  at: Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 }),
};

/** A plate that was read; without `plate` and `confidence` that the camera is there. */
export const PlateEvent = Type.Union([
  Type.Object(
    {
      ...base,
      plate: Type.String({ minLength: 1, maxLength: 32 }),
      /** How sure the camera is, percent. */
      confidence: Type.Integer({ minimum: 0, maximum: 100 }),
    },
    { additionalProperties: false },
  ),
  Type.Object(base, { additionalProperties: false }),
]);
export type PlateEvent = Static<typeof PlateEvent>;

export const PLATE_REFUSALS = [
  "not-found",
  "secret-refused",
  "too-large",
  /** The body is no JSON by its type: a picture, a form, something packed. */
  "not-json",
  "invalid-event",
  /** Longer ago, or further ahead, than {@link PLATE_EVENT_MAX_AGE_MS}: the camera's clock is to be set. */
  "stale",
  /** This event, or a later one, was taken before. */
  "replayed",
  /** The camera is less sure than this gate asks. */
  "unsure",
  /** No plate of any form. */
  "no-plate",
  "rate-limited",
  /** The gate does not know the time well enough, or cannot decide. */
  "unavailable",
] as const;
export type PlateRefusalCode = (typeof PLATE_REFUSALS)[number];
export interface PlateRefusal {
  readonly code: PlateRefusalCode;
}
