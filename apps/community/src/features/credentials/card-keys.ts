import { type KeyedCardKind, layoutOf, transactionKeyOf } from "@menshen/credentials";
import { primitives, toHex } from "@menshen/crypto/node";
import { type CardPersonalisation, uuidBytes } from "@menshen/wire";
import { CommunityError } from "../../errors.ts";
import { type CardKeyRequest, cardKeys, type Keys, privacyKeyOf } from "../../keys/card-masters.ts";

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

/** Makes the keys of single cards, where the masters are. Throws `keys-locked`. */
export interface CardKeys {
  /** AES-128 each, in the order asked; `undefined` for a version that has ended. */
  readonly keysFor: (requests: readonly CardKeyRequest[]) => Promise<readonly (Uint8Array | undefined)[]>;
  /** All that a desk reader writes, under a version that has not ended. */
  readonly personalisation: (card: CardToWrite, version: number) => Promise<CardPersonalisation>;
}

export function makeCardKeys(dependencies: { readonly keys: Keys; readonly communityId: string }): CardKeys {
  const { keys, communityId } = dependencies;

  const keysFor: CardKeys["keysFor"] = async (requests) =>
    requests.length === 0 ? [] : cardKeys(keys(), communityId, requests);

  async function personalisation(card: CardToWrite, version: number) {
    const { kind, uid, doorGroups, hidesUid, countsAs } = card;
    const numbers = [0, ...doorGroups];
    const values = await keysFor(numbers.map((doorGroup) => ({ kind, uid, doorGroup, version })));
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
      ...(hidesUid
        ? { privacyKey: { version: PRIVACY_KEY_VERSION, value: toHex(await privacyKeyOf(keys())) } }
        : {}),
      ...(transactionKey === undefined ? {} : { transactionKey: { version, value: toHex(transactionKey) } }),
    };
  }

  return {
    keysFor,
    personalisation,
  };
}
