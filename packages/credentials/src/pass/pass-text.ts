import { PASS_MAX_BYTES } from "@menshen/wire";
import { decodeBase45, encodeBase45 } from "./base45.ts";

/** What a code or a link holds. */
export type PassTextKind = "phone-pass" | "door-challenge" | "door-answer" | "visitor-pass" | "visit-token";

const PREFIXES: Readonly<Record<PassTextKind, string>> = {
  "phone-pass": "MP:",
  "door-challenge": "MC:",
  "door-answer": "MA:",
  "visitor-pass": "MV:",
  "visit-token": "MT:",
};
const KINDS = Object.keys(PREFIXES) as readonly PassTextKind[];
const PREFIX_CHARACTERS = 3;
/** Base45 of the longest message, and its prefix: longer texts are somebody else's. */
const MAX_CHARACTERS = PREFIX_CHARACTERS + Math.ceil(PASS_MAX_BYTES / 2) * 3;

/** A code as it was read. */
export interface PassText {
  readonly kind: PassTextKind;
  readonly message: Uint8Array;
}

/** The text for a QR code in its alphanumeric mode: a prefix that names the kind, and base45. */
export function writePassText(kind: PassTextKind, message: Uint8Array): string {
  return PREFIXES[kind] + encodeBase45(message);
}

/** What a camera read, or `undefined` for a text that is none of ours. Whether it holds is for the verification. */
export function readPassText(text: string): PassText | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const kind = KINDS.find((candidate) => text.startsWith(PREFIXES[candidate]));
  const message = kind === undefined ? undefined : decodeBase45(text.slice(PREFIX_CHARACTERS));
  if (kind === undefined || message === undefined || message.length === 0) return undefined;
  return { kind, message };
}

/**
 * The part of a link behind its `#`, which browsers send to no server: the kind's letter and base64url (RFC 4648 §5).
 * Characters of base45 would have to be escaped there.
 */
export function writePassFragment(kind: PassTextKind, message: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...message));
  const url = base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return PREFIXES[kind].charAt(1).toLowerCase() + url;
}

/** What a link holds, its `#` taken off; `undefined` as {@link readPassText}, and for fill bits that are not zero. */
export function readPassFragment(fragment: string): PassText | undefined {
  if (fragment.length > MAX_CHARACTERS || !/^[a-z][A-Za-z0-9_-]+$/.test(fragment)) return undefined;
  const kind = KINDS.find((candidate) => PREFIXES[candidate].charAt(1).toLowerCase() === fragment[0]);
  if (kind === undefined || fragment.length % 4 === 2) return undefined;
  const base64 = fragment.slice(1).replaceAll("-", "+").replaceAll("_", "/");
  const message = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return writePassFragment(kind, message) === fragment ? { kind, message } : undefined;
}
