import Type, { type Static } from "typebox";
import { decodeReason, encodeReason } from "./reason-header.ts";

/** Header in which a changing request says why: `CODE` or `CODE;PERCENT-ENCODED TEXT`. */
export const CHANGE_REASON_HEADER = "menshen-reason";

/** Why something was changed. `routine` stands where nothing was said and the change does not demand a reason. */
export const CHANGE_REASON_CODES = [
  "routine",
  "resident-request",
  "move-in",
  "move-out",
  "correction",
  "lost-or-stolen",
  "security",
  "incident",
  "emergency",
  "maintenance",
  "installation",
  "test",
  "other",
] as const;
export type ChangeReasonCode = (typeof CHANGE_REASON_CODES)[number];

/** A reason for a change; `other` needs a text. */
export const ChangeReason = Type.Object(
  { code: Type.Enum([...CHANGE_REASON_CODES]), text: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
);
export type ChangeReason = Static<typeof ChangeReason>;

/** The header's value for a reason. */
export function encodeChangeReason(reason: ChangeReason): string {
  return encodeReason(reason);
}

/** Parses the header's value; undefined if it is none, see `reason-header.ts`. */
export function decodeChangeReason(value: string): ChangeReason | undefined {
  return decodeReason(CHANGE_REASON_CODES, value);
}
