import Type, { type Static } from "typebox";

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
  const text = reason.text?.toWellFormed().trim();
  return text ? `${reason.code};${encodeURIComponent(text)}` : reason.code;
}

/**
 * Parses the header's value. Undefined if it is none: unknown code, broken encoding, a text over 500 characters or with
 * control characters, or `other` without a text.
 */
export function decodeChangeReason(value: string): ChangeReason | undefined {
  const separator = value.indexOf(";");
  const codeText = separator < 0 ? value : value.slice(0, separator);
  const code = CHANGE_REASON_CODES.find((candidate) => candidate === codeText.trim());
  if (code === undefined) return undefined;
  if (separator < 0) return code === "other" ? undefined : { code };
  const encoded = value.slice(separator + 1);
  if (encoded.length > 6_000) return undefined;
  let text: string;
  try {
    text = decodeURIComponent(encoded).trim();
  } catch {
    return undefined;
  }
  if (text.length === 0 || text.length > 500 || /\p{Cc}/u.test(text)) return undefined;
  return { code, text };
}
