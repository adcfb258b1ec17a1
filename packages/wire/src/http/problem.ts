import Type, { type Static } from "typebox";
import { EpochMs, Uuid } from "./common.ts";

/** What went wrong, as callers may rely on it. Texts are for people and may change. */
export const PROBLEM_CODES = [
  "invalid-request",
  "not-signed-in",
  "forbidden",
  "wrong-duty",
  "not-found",
  "conflict",
  "stale-revision",
  "in-use",
  "reason-required",
  "view-reason-required",
  "way-in-lost",
  "code-invalid",
  "passkey-refused",
  "key-refused",
  "last-of-its-kind",
  "second-person-needed",
  "only-path",
  "motion-needed",
  "resident-not-asked",
  "rate-limited",
  "too-large",
  "unavailable",
  "internal",
  "keys-locked",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** Residents who would have too few ways in on a path they need: people, path and what is missing. */
export const WayInViolation = Type.Object({
  /**
   * `no-way`: no kind of way in reaches the end; `one-way`: one kind only; `only-face-or-phone`: several kinds, all of
   * them face or phone; `forced-at-access-point`: face or phone opens this access point and nothing else does.
   */
  problem: Type.Enum(["no-way", "one-way", "only-face-or-phone", "forced-at-access-point"]),
  /** At most 50; `personCount` counts all. Names only if the session may read them and said why. */
  persons: Type.Array(
    Type.Object({
      id: Uuid,
      name: Type.Optional(Type.String()),
      dwellingNames: Type.Array(Type.String()),
    }),
  ),
  personCount: Type.Integer(),
  buildingId: Uuid,
  buildingName: Type.String(),
  direction: Type.Enum(["in", "out"]),
  /** The access points on the path that stand in the way. */
  accessPoints: Type.Array(Type.Object({ id: Uuid, name: Type.String(), portalName: Type.String() })),
  /** Kinds of way in that remain: card, pin, phone, pass, face. */
  ways: Type.Array(Type.String()),
  /** First interval in which it would be so; `until` is exclusive. */
  from: EpochMs,
  until: EpochMs,
});
export type WayInViolation = Static<typeof WayInViolation>;

/** Body of every refusal (RFC 9457 problem details, `application/problem+json`). */
export const Problem = Type.Object({
  status: Type.Integer(),
  code: Type.Enum([...PROBLEM_CODES]),
  title: Type.String(),
  detail: Type.Optional(Type.String()),
  /** For `invalid-request`: where and what was expected. */
  fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  /** For `way-in-lost`: who would be shut out where, at most 50; `violationCount` counts all. */
  violations: Type.Optional(Type.Array(WayInViolation)),
  violationCount: Type.Optional(Type.Integer()),
  /** For `wrong-duty`: the duty that may do this. */
  duty: Type.Optional(Type.Enum(["operate", "secure", "audit"])),
  /** For `conflict` and `stale-revision` of an alarm: who was first, when, and what they made of it. */
  first: Type.Optional(
    Type.Object({
      staffName: Type.String(),
      at: EpochMs,
      state: Type.Enum(["open", "acknowledged", "closed"]),
    }),
  ),
  /** For `rate-limited`. */
  retryAfterSeconds: Type.Optional(Type.Integer()),
});
export type Problem = Static<typeof Problem>;
