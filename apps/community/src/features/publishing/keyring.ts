import { desfireLayout, keyNumberOf, layoutOf } from "@menshen/credentials";
import type { Keyring } from "@menshen/wire";
import type { StorageKey } from "../../keys/storage-key.ts";
import { CARD_KEY_VERSION, type CardKeys, identifierContext, isKeyed } from "../credentials/index.ts";
import type { LoadedCredential } from "./model-reader.ts";

export type KeyringContent = Omit<Keyring, "version" | "gateId" | "keyringVersion">;

/** Makes keyrings: for one door group the keys of the cards that a gate may meet. */
export interface KeyringMaker {
  /** @param known hexadecimal credential keys in the gate's snapshot */
  readonly make: (
    doorGroup: number,
    known: ReadonlySet<string>,
    credentials: Iterable<LoadedCredential>,
  ) => KeyringContent;
}

export function makeKeyringMaker(dependencies: {
  readonly storageKey: StorageKey;
  readonly cardKeys: CardKeys;
  readonly pseudonymKey: Uint8Array;
}): KeyringMaker {
  const { storageKey, cardKeys, pseudonymKey } = dependencies;
  // A card's keys never change, and a community has a hundred thousand cards: each is derived once.
  const derived = new Map<string, Uint8Array>();

  function keyOf(credential: LoadedCredential, kind: "desfire" | "ntag424", doorGroup: number): Uint8Array {
    const name = `${credential.id} ${doorGroup}`;
    const before = derived.get(name);
    if (before !== undefined) return before;
    const uid = storageKey.open(credential.sealedIdentifier, identifierContext(credential.id));
    const key = cardKeys.keyFor(kind, uid, doorGroup);
    derived.set(name, key);
    return key;
  }

  return {
    make(doorGroup, known, credentials) {
      const cards: { hex: string; card: KeyringContent["cards"][number] }[] = [];
      const seen = new Set<string>();
      for (const credential of credentials) {
        const { kind, key } = credential.record;
        if (!isKeyed(kind) || !known.has(credential.keyHex) || seen.has(credential.keyHex)) continue;
        if (!credential.doorGroups.includes(doorGroup) || doorGroup > layoutOf(kind).doorGroups) continue;
        seen.add(credential.keyHex);
        const cardKey = {
          number: keyNumberOf(kind, doorGroup),
          keyVersion: CARD_KEY_VERSION,
          key: keyOf(credential, kind, doorGroup),
        };
        cards.push({ hex: credential.keyHex, card: { credentialKey: key, kind, keys: [cardKey] } });
      }
      // In a stable order: a keyring that says the same must look the same.
      cards.sort((a, b) => (a.hex < b.hex ? -1 : 1));
      return {
        doorGroup,
        pseudonymKey,
        cards: cards.map(({ card }) => card),
        sharedKeys: [],
        desfireApplication: desfireLayout.applicationId,
      };
    },
  };
}
