import type { SdmIdentity, SdmMode, SdmPrimitives } from "./sdm-crypto.ts";
import { openPiccData, openSdmSession } from "./sdm-crypto.ts";

/** One SUN message (secure unique NFC): what a tap mirrored, taken apart. `readSunText` makes it from the text. */
export interface SunMessage {
  readonly mode: SdmMode;
  /** Encrypted UID and counter; or */
  readonly encryptedPiccData?: Uint8Array;
  /** UID and counter in clear. */
  readonly plainIdentity?: SdmIdentity;
  readonly encryptedFileData?: Uint8Array;
  /** The text that the MAC covers, as bytes; may be empty. */
  readonly macInput: Uint8Array;
  /** 8 bytes. */
  readonly mac: Uint8Array;
}

/**
 * - `verified`: the chip with this UID and key made this message, at this counter; once or again is
 *   {@link checkSunCounter}'s to say. `counter` is absent when the card does not mirror it: then every copy passes.
 * - `unknown-card`: no key for this UID;
 * - `not-authentic`: the MAC does not verify, or PICCData was made with another key;
 * - `malformed`: parts missing or of other lengths.
 */
export type SunVerification =
  | {
      readonly outcome: "verified";
      readonly uid: Uint8Array;
      readonly counter?: number;
      readonly fileData?: Uint8Array;
    }
  | { readonly outcome: "unknown-card" | "not-authentic" | "malformed" };

/**
 * Verifies one SUN message (AN12196 §3.4.4).
 *
 * @param input.metaKey SDMMetaReadKey; shared by all cards of a site, since it is needed before the UID is known
 * @param input.fileKeyFor SDMFileReadKey of a card, diversified by its UID; `undefined` for cards not known
 */
export function verifySun(input: {
  readonly primitives: SdmPrimitives;
  readonly message: SunMessage;
  readonly metaKey?: Uint8Array;
  readonly fileKeyFor: (uid: Uint8Array) => Uint8Array | undefined;
}): SunVerification {
  const { primitives, message } = input;
  const { mode, encryptedFileData } = message;
  if (message.mac.length !== 8) return { outcome: "malformed" };
  if (encryptedFileData !== undefined && encryptedFileData.length % 16 !== 0) return { outcome: "malformed" };

  let identity = message.plainIdentity;
  if (message.encryptedPiccData !== undefined) {
    if (input.metaKey === undefined || identity !== undefined) return { outcome: "malformed" };
    identity = openPiccData(primitives, mode, input.metaKey, message.encryptedPiccData);
    if (identity === undefined) return { outcome: "not-authentic" };
  }
  const uid = identity?.uid;
  if (identity === undefined || uid === undefined || uid.length !== 7) return { outcome: "malformed" };
  const fileKey = input.fileKeyFor(uid);
  if (fileKey === undefined) return { outcome: "unknown-card" };

  const session = openSdmSession(primitives, mode, fileKey, identity);
  if (!primitives.constantTimeEqual(session.mac(message.macInput), message.mac)) {
    return { outcome: "not-authentic" };
  }
  return {
    outcome: "verified",
    uid,
    ...(identity.counter === undefined ? {} : { counter: identity.counter }),
    ...(encryptedFileData === undefined ? {} : { fileData: session.decrypt(encryptedFileData) }),
  };
}

/**
 * - `fresh`: higher than every counter seen of this card;
 * - `repeated`: exactly the last one: the same message again, or a copy;
 * - `stale`: below the last one: a message kept back, or a copied chip.
 *
 * `lastCounter` is what to store for the card in every case.
 */
export interface SunCounterCheck {
  readonly verdict: "fresh" | "repeated" | "stale";
  readonly lastCounter: number;
  /** Counters between the last one seen and this one that nobody showed; 0 unless `fresh`. */
  readonly skipped: number;
}

/**
 * Compares a verified counter with the last one known of this card. Two doors that do not share the last counter
 * each accept a message once: SUN alone is grade C where the counter is shared and D where it is not.
 *
 * @param lastCounter `undefined` for a card never seen
 */
export function checkSunCounter(lastCounter: number | undefined, counter: number): SunCounterCheck {
  if (lastCounter === undefined) return { verdict: "fresh", lastCounter: counter, skipped: 0 };
  if (counter > lastCounter) {
    return { verdict: "fresh", lastCounter: counter, skipped: counter - lastCounter - 1 };
  }
  return { verdict: counter === lastCounter ? "repeated" : "stale", lastCounter, skipped: 0 };
}
