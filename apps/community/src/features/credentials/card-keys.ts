import { type KeyedCardKind, layoutOf, transactionKeyOf } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import { type CardPersonalisation, uuidBytes } from "@menshen/wire";
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
  /** The credential that a card which counts its taps is now: another one begins a new count. */
  readonly countsAs: string | undefined;
}

/**
 * The key that a card proves its count with.
 *
 * @param set key 0 of the card's application under a version of the masters
 */
export function cardTransactionKey(
  set: { readonly version: number; readonly master: Uint8Array },
  credentialId: string,
): Uint8Array {
  return transactionKeyOf(primitives, set, uuidBytes(credentialId)).value;
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
    const { kind, uid, doorGroups, hidesUid, countsAs } = card;
    const numbers = [0, ...doorGroups];
    const values = await keysFor(
      db,
      numbers.map((doorGroup) => ({ kind, uid, doorGroup, version })),
    );
    const [master] = values;
    const transactionKey =
      countsAs === undefined || master === undefined
        ? undefined
        : cardTransactionKey({ version, master }, countsAs);
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
      ...(transactionKey === undefined ? {} : { transactionKey: { version, value: toHex(transactionKey) } }),
    };
  }

  return {
    keysFor,
    personalisation,
  };
}
