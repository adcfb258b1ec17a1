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
  "way-in-lost",
  "code-invalid",
  "passkey-refused",
  "last-of-its-kind",
  "rate-limited",
  "too-large",
  "unavailable",
  "internal",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** One person who would stand before a door without two kinds of way in. */
export const WayInViolation = Type.Object({
  personId: Uuid,
  /** Present if the signed-in duty may read names. */
  personName: Type.Optional(Type.String()),
  dwellingNames: Type.Array(Type.String()),
  accessPointId: Uuid,
  accessPointName: Type.String(),
  portalName: Type.String(),
  /** When it would begin; absent: at once. */
  from: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
  /** What would be missing. */
  missing: Type.Enum(["no-way-in", "second-way-in", "way-in-without-face-or-phone"]),
  /** Ways in that would remain. */
  remaining: Type.Array(Type.String()),
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
  /** For `way-in-lost`: who would be shut out where, at most 200; `violationCount` counts all. */
  violations: Type.Optional(Type.Array(WayInViolation)),
  violationCount: Type.Optional(Type.Integer()),
  /** For `wrong-duty`: the duty that may do this. */
  duty: Type.Optional(Type.Enum(["operate", "secure", "audit"])),
  /** For `rate-limited`. */
  retryAfterSeconds: Type.Optional(Type.Integer()),
});
export type Problem = Static<typeof Problem>;
