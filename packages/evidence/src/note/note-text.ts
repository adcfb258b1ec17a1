/** Whether a key may have this name: no Unicode white space, no plus, nothing that a note may not hold. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name) && !hasControl(name);
}

/**
 * Whether a note may hold this text: UTF-8 exists for it, no ASCII control character but newline, a newline at its
 * end (C2SP signed-note, "Format").
 */
export function isNoteText(text: string): boolean {
  return text.endsWith("\n") && text.isWellFormed() && !hasControl(text.replaceAll("\n", ""));
}

/** UTF-8 of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text of UTF-8 bytes; `undefined` when they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is part of the text that was signed.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) < 0x20) return true;
  return false;
}
