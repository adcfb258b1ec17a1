import { type KeyedCardKind, layoutOf } from "@menshen/credentials";
import { toHex } from "@menshen/crypto/node";
import type { CardPersonalisation } from "@menshen/wire";
import type { Reader } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";
import { type CardKeyRequest, openMasters } from "../../keys/card-masters.ts";
import type { StorageKey } from "../../keys/storage-key.ts";

/** Versions of privacy keys begin here, so that on a card they are told apart from those of its own keys. */
export const PRIVACY_KEY_VERSION = 128;

/** A card that a desk is to write. */
export interface CardToWrite {
  readonly kind: KeyedCardKind;
  /** 7 bytes. */
  readonly uid: Uint8Array;
  readonly doorGroups: readonly number[];
  readonly hidesUid: boolean;
}

/** Makes the keys of single cards from the masters, which are opened for each piece of work and wiped after it. */
export interface CardKeys {
  /** AES-128 each, in the order asked; `undefined` for a version that has ended. */
  readonly keysFor: (
    db: Reader,
    requests: readonly CardKeyRequest[],
  ) => Promise<readonly (Uint8Array | undefined)[]>;
  /** All that a desk reader writes, under a version that has not ended. */
  readonly personalisation: (db: Reader, card: CardToWrite, version: number) => Promise<CardPersonalisation>;
}

/** @param dependencies.privacyKey 16 bytes, under which every card that hides its number tells it */
export function makeCardKeys(dependencies: {
  readonly storageKey: StorageKey;
  readonly communityId: string;
  readonly privacyKey: Uint8Array;
}): CardKeys {
  const { storageKey, communityId, privacyKey } = dependencies;

  const keysFor: CardKeys["keysFor"] = async (db, requests) => {
    if (requests.length === 0) return [];
    const masters = await openMasters(db, storageKey, communityId);
    try {
      return requests.map(masters.keyOf);
    } finally {
      masters.close();
    }
  };

  async function personalisation(db: Reader, card: CardToWrite, version: number) {
    const { kind, uid, doorGroups, hidesUid } = card;
    const numbers = [0, ...doorGroups];
    const values = await keysFor(
      db,
      numbers.map((doorGroup) => ({ kind, uid, doorGroup, version })),
    );
    return {
      kind,
      ...(kind === "desfire" ? { applicationId: toHex(layoutOf(kind).applicationId) } : {}),
      keys: numbers.map((number, index) => {
        const value = values[index];
        if (value === undefined)
          throw new CommunityError("internal", `masters of version ${version} are gone`);
        return { number, version, value: toHex(value) };
      }),
      ...(hidesUid ? { privacyKey: { version: PRIVACY_KEY_VERSION, value: toHex(privacyKey) } } : {}),
    };
  }

  return {
    keysFor,
    personalisation,
  };
}
