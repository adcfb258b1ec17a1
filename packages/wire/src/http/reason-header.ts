/** A reason as headers carry it: `CODE` or `CODE;PERCENT-ENCODED TEXT`. */
interface CodedReason<Code extends string> {
  readonly code: Code;
  readonly text?: string;
}

/** The header's value for a reason. */
export function encodeReason(reason: CodedReason<string>): string {
  const text = reason.text?.toWellFormed().trim();
  return text ? `${reason.code};${encodeURIComponent(text)}` : reason.code;
}

/**
 * Parses the header's value. Undefined if it is none: a code that is not listed, broken encoding, a text over 500
 * characters or with control characters, or `other` without a text.
 */
export function decodeReason<Code extends string>(
  codes: readonly Code[],
  value: string,
): { code: Code; text?: string } | undefined {
  const separator = value.indexOf(";");
  const codeText = separator < 0 ? value : value.slice(0, separator);
  const code = codes.find((candidate) => candidate === codeText.trim());
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
