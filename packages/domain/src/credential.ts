import { DomainError } from "./errors.ts";
import type { Grade } from "./grade.ts";
import type { Branded } from "./ids.ts";

/**
 * What technology is presented (凭证): `phone` is a key in a telephone's hardware, `phone-pass` a code that its browser
 * signs, `pass` a visitor's code or a one-time token, `plate` what a camera read on a vehicle. The order is part of the
 * snapshot format: append only.
 */
export const CREDENTIAL_KINDS = [
  "desfire",
  "ntag424",
  "uid",
  "wiegand",
  "osdp-raw",
  "pin",
  "phone",
  "pass",
  "face",
  "pkoc",
  "phone-pass",
  "plate",
] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/**
 * The kinds of way in that residents choose between. On every path a resident needs there are at least two, one of
 * them needing neither face nor phone.
 */
export type WayIn = "card" | "pin" | "phone" | "pass" | "face";

/** Which way in a kind of credential is; `undefined` for a plate: it is a vehicle's, and nobody is to need a vehicle. */
export function wayInOf(kind: CredentialKind): WayIn | undefined {
  switch (kind) {
    case "desfire":
    case "ntag424":
    case "uid":
    case "wiegand":
    case "osdp-raw":
    case "pkoc":
      return "card";
    case "phone-pass":
      return "phone";
    case "plate":
      return undefined;
    case "pin":
    case "phone":
    case "pass":
    case "face":
      return kind;
  }
}

/** Kinds that say the same number to everybody: whoever has heard it can say it. Accepted only until a date, and watched. */
export const COPYABLE_KINDS = ["uid", "wiegand", "osdp-raw"] as const satisfies readonly CredentialKind[];

/** Whether a credential of this kind is a mere number. */
export function isCopyable(kind: CredentialKind): boolean {
  return COPYABLE_KINDS.some((copyable) => copyable === kind);
}

/**
 * What a gate looks a credential up by: 16 bytes, SHA-256("menshen credential key v1" || kind || 0x00 || identifier)
 * cut to 16 bytes. Computed where the credential is enrolled and where it is presented, never reversed.
 */
export type CredentialKey = Branded<Uint8Array, "CredentialKey">;

export function CredentialKey(bytes: Uint8Array): CredentialKey {
  if (bytes.length !== 16)
    throw new DomainError("invalid-bytes", `credential key: expected 16 bytes, came ${bytes.length}`);
  return bytes as CredentialKey;
}

/**
 * What is odd about a card's counter. `went-back`: below what this gate has seen. `torn`: the card left while it counted, or
 * had before. `missing`: a card that should count did not. `unverified`: its code is not of the card's transaction key.
 */
export const COUNTER_MARKS = ["went-back", "torn", "missing", "unverified"] as const;
export type CounterMark = (typeof COUNTER_MARKS)[number];

/** Facts about one presentation that later help to find copies; never personal data. */
export interface PresentationEvidence {
  /** Monotonic counter that the card itself reported (SUN, transaction MAC), if any. */
  readonly counter?: number;
  /** Detection only: no mark refuses anybody. */
  readonly counterMark?: CounterMark;
  /** Key version or generation with which the card authenticated. */
  readonly keyVersion?: number;
  /** The card answered only with something weaker than what it was enrolled as. */
  readonly downgraded?: boolean;
  /** Milliseconds from first contact to the end of the card dialogue. */
  readonly dialogueMs?: number;
  /** 16 bits of a hash over what the chip answered before any key was used. */
  readonly fingerprint?: number;
  /** Hour or door are new for this card, by what the gate remembers. */
  readonly unaccustomed?: boolean;
  /** A step that somebody decided about this card holds here. */
  readonly watched?: boolean;
}

/** What a reader saw, after the credential was authenticated as far as its kind allows. */
export interface Presentation {
  readonly credentialKey: CredentialKey;
  readonly kind: CredentialKind;
  /** Weakest of credential, reader link and key custody, as found at this tap. */
  readonly grade: Grade;
  readonly evidence: PresentationEvidence;
  /** Which run of counting the counter belongs to; another one begins anew. Never leaves the gate. */
  readonly counterSeries?: Uint8Array;
}
