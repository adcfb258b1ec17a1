import Type, { type Static } from "typebox";
import { decodeReason, encodeReason } from "./reason-header.ts";

/** Header in which a request that shows residents' data says why: `CODE` or `CODE;PERCENT-ENCODED TEXT`. */
export const VIEW_REASON_HEADER = "menshen-view-reason";

/** Why a member of staff looks at residents' data. The resident reads it. */
export const VIEW_REASON_CODES = [
  "resident-request",
  "move-in",
  "move-out",
  "card-desk",
  "incident",
  "maintenance",
  "complaint",
  "law",
  "other",
] as const;
export type ViewReasonCode = (typeof VIEW_REASON_CODES)[number];

/** A reason for a look; `other` needs a text. */
export const ViewReason = Type.Object(
  { code: Type.Enum([...VIEW_REASON_CODES]), text: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
);
export type ViewReason = Static<typeof ViewReason>;

/**
 * What of a person was shown, shallow before deep:
 * - `search`: a hit of a search; `list`: a line of a list; `ways-in`: who would be shut out by a change;
 * - `record`: name and homes; `credentials`: cards and other credentials;
 * - `passage`: that an entry at a door was theirs.
 */
export const VIEWED = ["search", "list", "ways-in", "record", "credentials", "passage"] as const;
export type Viewed = (typeof VIEWED)[number];

/** Bodies whose members may see residents' data. */
export const STAFF_BODIES = ["property", "committee", "city"] as const;
export type StaffBody = (typeof STAFF_BODIES)[number];

/** The header's value for a reason. */
export function encodeViewReason(reason: ViewReason): string {
  return encodeReason(reason);
}

/** Parses the header's value; undefined if it is none, see `reason-header.ts`. */
export function decodeViewReason(value: string): ViewReason | undefined {
  return decodeReason(VIEW_REASON_CODES, value);
}
