import { concatBytes } from "@menshen/crypto";
import { CredentialError } from "../credential-error.ts";

/** Kinds of card that hold keys of ours. */
export type KeyedCardKind = "desfire" | "ntag424";

/**
 * How Menshen personalises a kind of card. One AES-128 key per door group lies on the card, so that a gate, which
 * knows only its own group's keys, can prove nothing at another group's doors.
 *
 * **DESFire EV2/EV3.** One application, AES keys 0 to 13. Key 0 is the application's master and stays in the back
 * office; key `g` belongs to door group `g`, 1 to 13. One standard data file of 16 bytes in full communication mode;
 * every group key is among its read rights (additional access rights sets hold more than two), none among its write
 * rights.
 *
 * **NTAG 424 DNA.** The application is the chip's own. Key 0 is its master; key `g` belongs to door group `g`, 1 to
 * 4. The file is the chip's proprietary file 3 in full communication mode, which has two rights that read: Read and
 * Read-Write. So a chip serves at most two door groups, and the group of the second right can overwrite the file,
 * which destroys that card's use and gives nothing else.
 *
 * **File content**, both: 16 bytes, the card's credential key (`credentialKeyOf` of its kind and UID). A gate reads it
 * inside the authenticated session and refuses a card whose file names another one.
 *
 * **Keys** are diversified, `diversifyAes128(master, diversificationInput(…))`: each key opens one card for one door
 * group.
 */
export interface CardLayout {
  readonly kind: KeyedCardKind;
  /** As it is sent: 3 bytes of DESFire AID, least significant first, or the ISO name of the NTAG 424 application. */
  readonly applicationId: Uint8Array;
  readonly fileNumber: number;
  /** Door groups a card can carry keys for: 1 to this number. */
  readonly doorGroups: number;
}

/**
 * The DESFire application F54D53 (the F-range that NXP AN10787 leaves to card publishers). SelectApplication takes the
 * least significant byte first, and so does the diversification input: `53 4D F5`.
 */
export const desfireLayout: CardLayout = {
  kind: "desfire",
  applicationId: Uint8Array.of(0x53, 0x4d, 0xf5),
  fileNumber: 1,
  doorGroups: 13,
};

/**
 * The DESFire application F54D54, on cards with random identifiers only. Key 0 is its master, diversified; key 1 is the
 * privacy key, which all cards of a community share: whoever proves it may ask for the true identifier. It has no file.
 */
export const desfirePrivacyLayout = {
  applicationId: Uint8Array.of(0x54, 0x4d, 0xf5),
  keys: 2,
} as const;

/** Number of the privacy key: in {@link desfirePrivacyLayout}, and in the one application of an NTAG 424. */
export const PRIVACY_KEY_NUMBER: Readonly<Record<KeyedCardKind, number>> = { desfire: 1, ntag424: 4 };

/** ISO name of the application that every NTAG 424 DNA has. */
export const ntag424Layout: CardLayout = {
  kind: "ntag424",
  applicationId: Uint8Array.of(0xd2, 0x76, 0x00, 0x00, 0x85, 0x01, 0x01),
  fileNumber: 3,
  doorGroups: 4,
};

/** Length of the file both kinds hold. */
export const CREDENTIAL_FILE_BYTES = 16;

/** The layout of a kind. */
export function layoutOf(kind: KeyedCardKind): CardLayout {
  return kind === "desfire" ? desfireLayout : ntag424Layout;
}

/**
 * The number of the key that a door group uses on a kind of card: the group itself.
 *
 * @throws {CredentialError} `bad-argument` for a group that this kind has no key for
 */
export function keyNumberOf(kind: KeyedCardKind, doorGroup: number): number {
  const { doorGroups } = layoutOf(kind);
  if (!Number.isInteger(doorGroup) || doorGroup < 1 || doorGroup > doorGroups) {
    throw new CredentialError("bad-argument", `expected a door group of 1 to ${doorGroups} for ${kind}`);
  }
  return doorGroup;
}

/**
 * What a card key is diversified with (AN10922 §2.2 recommends UID, AID and a system identifier):
 * `UID || AID || community || door group`. With the constant 01 in front that is `01 || UID || AID || system id`.
 *
 * @param input.uid 7 bytes (the limit of 31 leaves no room for 10)
 * @param input.applicationId as in the layout, 3 or 7 bytes
 * @param input.communityId 16 bytes: the community's UUID
 * @param input.doorGroup 0 for the application's master key, else 1 to 13
 * @returns 27 bytes for DESFire, 31 for NTAG 424
 * @throws {CredentialError} `bad-argument`
 */
export function diversificationInput(input: {
  readonly uid: Uint8Array;
  readonly applicationId: Uint8Array;
  readonly communityId: Uint8Array;
  readonly doorGroup: number;
}): Uint8Array {
  const { uid, applicationId, communityId, doorGroup } = input;
  const fits =
    uid.length === 7 &&
    (applicationId.length === 3 || applicationId.length === 7) &&
    communityId.length === 16 &&
    Number.isInteger(doorGroup) &&
    doorGroup >= 0 &&
    doorGroup <= 13;
  if (!fits) {
    throw new CredentialError("bad-argument", "expected a 7-byte UID, an AID, a community and a door group");
  }
  return concatBytes(uid, applicationId, communityId, Uint8Array.of(doorGroup));
}
