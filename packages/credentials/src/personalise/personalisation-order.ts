import {
  desfirePrivacyLayout,
  type KeyedCardKind,
  layoutOf,
  PRIVACY_KEY_NUMBER,
} from "../card/card-layout.ts";
import { CredentialError } from "../credential-error.ts";
import type { VersionedKey } from "../desfire/key-change.ts";
import type { CardKeySet } from "./card-key-set.ts";
import type { SunMirror } from "./sun-file.ts";

/** What a card shall be. The same order is given again to resume, and with a higher key version to renew its keys. */
export interface PersonalisationOrder {
  readonly kind: KeyedCardKind;
  /** 7 bytes, the true identifier. */
  readonly uid: Uint8Array;
  /** DESFire: 3 bytes as SelectApplication takes them; the layout's unless told. */
  readonly applicationId?: Uint8Array;
  /** What the card shall carry in the end. */
  readonly keys: CardKeySet;
  /** Versions it may still carry, in any order. */
  readonly earlier?: readonly CardKeySet[];
  /**
   * Given: the card shows a random identifier to everybody, and its true one to whoever proves this key, which all
   * cards of a community share. It cannot be taken back. Says nothing about who the card is: grades ignore it.
   */
  readonly privacyKey?: VersionedKey;
  /**
   * DESFire in AES mode: with a transaction MAC file under this key. A file under another key is made anew, and its count
   * begins again.
   */
  readonly transactionMac?: VersionedKey;
  /** NTAG 424 without an address: in LRP mode, which cannot be taken back. As the card is unless told. */
  readonly secureMessaging?: "lrp";
  /** NTAG 424: with an address that telephones read. Needs `privacyKey`, which enciphers UID and counter in it. */
  readonly sun?: SunMirror;
}

/** Sets of access rights of a DESFire file: one of its own and seven further ones. */
const MAX_GROUPS = { desfire: 8, ntag424: 2 } as const;

/**
 * @throws {CredentialError} `bad-argument` for what no card of that kind can be
 */
export function requireOrder(order: PersonalisationOrder): void {
  const { kind, uid, keys, earlier = [], privacyKey, secureMessaging, transactionMac, sun } = order;
  const fail = (message: string) => {
    throw new CredentialError("bad-argument", message);
  };
  if (uid.length !== 7) fail("expected a UID of 7 bytes");
  for (const set of [keys, ...earlier]) requireKeySet(kind, set);
  const versions = [keys, ...earlier].map(({ version }) => version);
  if (new Set(versions).size !== versions.length) fail("expected each key version once");
  if (privacyKey !== undefined) {
    if (!isVersion(privacyKey.version, FIRST_PRIVACY_VERSION, 255) || privacyKey.value.length !== 16) {
      fail("expected a privacy key of 16 bytes with a version of 128 to 255");
    }
    if (kind === "ntag424" && keys.groups.has(PRIVACY_KEY_NUMBER.ntag424)) {
      fail("key 4 of an NTAG 424 with random identifiers is the privacy key, expected other door groups");
    }
  }
  if (secureMessaging !== undefined && (kind !== "ntag424" || sun !== undefined)) {
    fail("only an NTAG 424 without an address is switched to LRP");
  }
  if (transactionMac !== undefined) {
    if (kind !== "desfire") fail("only a DESFire has a transaction MAC");
    if (transactionMac.value.length !== 16) fail("expected a transaction key of 16 bytes");
  }
  if (
    sun !== undefined &&
    (kind !== "ntag424" || privacyKey === undefined || keys.groups.has(SUN_FILE_KEY))
  ) {
    fail(
      "expected an NTAG 424 with a privacy key, and door group 3 unused, for an address that it mirrors into",
    );
  }
}

/** The key of an NTAG 424 that signs what it mirrors. */
export const SUN_FILE_KEY = 3;

/** The applications of a DESFire that an order is about. */
export function applicationsOf(order: PersonalisationOrder): {
  readonly access: Uint8Array;
  readonly privacy: Uint8Array;
} {
  return {
    access: order.applicationId ?? layoutOf("desfire").applicationId,
    privacy: desfirePrivacyLayout.applicationId,
  };
}

/** The set of a version among those of an order. */
export function keySetOf(order: PersonalisationOrder, version: number): CardKeySet | undefined {
  return [order.keys, ...(order.earlier ?? [])].find((set) => set.version === version);
}

function requireKeySet(kind: KeyedCardKind, { version, master, groups }: CardKeySet): void {
  const fail = (message: string) => {
    throw new CredentialError("bad-argument", message);
  };
  if (!isVersion(version, 1, FIRST_PRIVACY_VERSION - 1)) fail("expected a key version of 1 to 127");
  if ([master, ...groups.values()].some((key) => key.length !== 16)) fail("expected keys of 16 bytes");
  const highest = layoutOf(kind).doorGroups;
  const count = groups.size;
  if (
    count < 1 ||
    count > MAX_GROUPS[kind] ||
    [...groups.keys()].some((group) => group < 1 || group > highest)
  ) {
    fail(`expected keys of 1 to ${MAX_GROUPS[kind]} door groups for ${kind}`);
  }
}

/** Versions of privacy keys begin here, so that on a card they are told apart from those of its own keys. */
const FIRST_PRIVACY_VERSION = 128;

function isVersion(version: number, lowest: number, highest: number): boolean {
  return Number.isInteger(version) && version >= lowest && version <= highest;
}
