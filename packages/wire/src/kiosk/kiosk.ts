import type { Reason } from "@menshen/domain";
import Type, { type Static } from "typebox";

// What a gate and the screen at its door say to each other: docs/protocol/passes.md, "Kiosk". One screen is one place; its
// token goes in the header `authorization: Kiosk TOKEN` of each request and comes to the page behind the `#` of its address.
// Nothing here names a person, a dwelling or a credential.

/** Path of the page itself; its token stands behind: `/kiosk/#token=…`. */
export const KIOSK_PAGE_PATH = "/kiosk/";
/**
 * GET: a stream of server-sent events without names or IDs; each `data` is one {@link KioskMessage} as JSON. The present
 * state comes first, then each change. A comment line comes at least every {@link KIOSK_HEARTBEAT_S} seconds: a page that
 * hears nothing for twice as long shows that it is out of service and connects again.
 */
export const KIOSK_STATE_PATH = "/kiosk/api/state";
/** POST {@link KioskScan} → 200 with {@link KioskResult}, or a {@link KioskRefusal}. */
export const KIOSK_SCAN_PATH = "/kiosk/api/scan";
/** POST, without a body: somebody calls for a guard → 200 with {@link KioskCall}, or a {@link KioskRefusal}. */
export const KIOSK_CALL_PATH = "/kiosk/api/call";

export const KIOSK_HEARTBEAT_S = 10;
/** A challenge is on the screen for this long, and counts for as long again. */
export const KIOSK_CHALLENGE_S = 60;
/** Longest text of a scan, in UTF-16 units; the body is JSON in UTF-8 and holds nothing else. */
export const KIOSK_SCAN_MAX_CHARACTERS = 1_200;
export const KIOSK_SCAN_MAX_BYTES = 8 * 1024;
/** Scans at one place: so many at once, then so many a second. */
export const KIOSK_SCAN_BURST = 8;
export const KIOSK_SCANS_PER_SECOND = 2;
/** Length of a place's token in the page's address: 32 bytes in base64url. */
export const KIOSK_TOKEN_CHARACTERS = 43;

/** What the camera read, a link's fragment (`v…`, `t…`) included: whatever is no pass is refused with a reason. */
export const KioskScan = Type.Object(
  { text: Type.String({ minLength: 1, maxLength: KIOSK_SCAN_MAX_CHARACTERS }) },
  { additionalProperties: false },
);
export type KioskScan = Static<typeof KioskScan>;

/** How long something counts from when it was sent, in milliseconds: a screen's own clock may be wrong. */
const ForMs = Type.Integer({ minimum: 0 });

/** What the phone is asked to sign. */
export const KioskChallenge = Type.Object({
  /** `MC:…`: the QR code. */
  text: Type.String(),
  /** The same to type: `ABCD-EFGH`. */
  code: Type.String(),
  /** Until the next one takes its place on the screen. */
  forMs: ForMs,
});
export type KioskChallenge = Static<typeof KioskChallenge>;

/**
 * How far a call for a guard came, and no more than is known: `sending`, the community's server does not have it yet, for
 * however long; `arrived`, it rings where guards look, and nobody took it; `heard`, somebody did; `unanswered`, nobody did in
 * {@link KIOSK_CALL_S}, and may still.
 */
export const KIOSK_CALL_STEPS = ["sending", "arrived", "heard", "unanswered"] as const;
export type KioskCallStep = (typeof KIOSK_CALL_STEPS)[number];
/** For so long nobody calls twice: the call that waits is the same. */
export const KIOSK_CALL_S = 120;

export const KioskCall = Type.Object({ step: Type.Enum([...KIOSK_CALL_STEPS]) });
export type KioskCall = Static<typeof KioskCall>;

export const KIOSK_STATES = ["ready", "standing-open", "out-of-service"] as const;
export type KioskStateName = (typeof KIOSK_STATES)[number];

export const KioskState = Type.Object({
  /**
   * `standing-open`: the door opens for everybody, scan nothing. `out-of-service`: the gate has no rules yet, or the door is
   * shut to all (locked, or a lockdown in force for residents).
   */
  state: Type.Enum([...KIOSK_STATES]),
  /** As the installer wrote it; absent where nobody did. */
  doorName: Type.Optional(Type.String({ maxLength: 80 })),
  /** Only while `ready`, and not while the gate does not know who could answer. */
  challenge: Type.Optional(KioskChallenge),
  /** While somebody called here lately. */
  call: Type.Optional(KioskCall),
  /** IANA name, for the hours that a reason names; absent while the gate has no rules. */
  timeZone: Type.Optional(Type.String()),
});
export type KioskState = Static<typeof KioskState>;

export const KioskResult = Type.Object({
  granted: Type.Boolean(),
  /**
   * The deciding one first. What stands openly in the journal, no more: codes and few values; texts in zh-CN and en by
   * `reasonText` of `@menshen/domain`.
   */
  reasons: Type.Array(
    Type.Unsafe<Reason>(Type.Object({ code: Type.String() }, { additionalProperties: true })),
    { minItems: 1, maxItems: 16 },
  ),
  /** How long the lock stays open; 0 when it does not open, or stands open anyway. */
  forMs: ForMs,
});
export type KioskResult = Static<typeof KioskResult>;

/** One event of the stream. A `result` is told to all screens of a place, also to the one that asked for it. */
export const KioskMessage = Type.Union([
  Type.Object({ state: KioskState }),
  Type.Object({ result: KioskResult }),
]);
export type KioskMessage = Static<typeof KioskMessage>;

/**
 * Why a request was not served, with its status: `not-found` 404, `invalid-request` 400, `token-refused` 401,
 * `too-large` 413, `rate-limited` 429, `unavailable` 503 (the gate cannot decide now).
 */
export const KIOSK_REFUSALS = [
  "not-found",
  "invalid-request",
  "token-refused",
  "too-large",
  "rate-limited",
  "unavailable",
] as const;
export const KioskRefusal = Type.Object({ code: Type.Enum([...KIOSK_REFUSALS]) });
export type KioskRefusal = Static<typeof KioskRefusal>;
