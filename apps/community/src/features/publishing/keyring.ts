import { createHash } from "node:crypto";
import { desfireLayout, keyNumberOf, layoutOf } from "@menshen/credentials";
import type { Keyring } from "@menshen/wire";
import type { StorageKey } from "../../keys/storage-key.ts";
import { type CardKeys, identifierContext, isKeyed } from "../credentials/index.ts";
import type { LoadedCredential, ModelState } from "./model-reader.ts";

export type KeyringContent = Omit<Keyring, "version" | "gateId" | "keyringVersion">;

/** The keyring of a door group, before any key is derived. */
export interface KeyringPlan {
  /** Equal for plans that give the same keyring. */
  readonly signature: string;
  readonly make: () => KeyringContent;
}

/** Makes keyrings: for one door group the keys of the cards that a gate may meet. */
export interface KeyringMaker {
  /**
   * @param known hexadecimal credential keys in the gate's snapshot
   * @param holders X25519 public keys of the residents who have one, by person; staff who are named to the duty desk
   */
  readonly plan: (
    doorGroup: number,
    known: ReadonlySet<string>,
    credentials: Iterable<LoadedCredential>,
    holders: Pick<ModelState, "trailKeys" | "named">,
  ) => KeyringPlan;
}

/** Rises when keyrings get something new, so that every gate is sent one that has it. */
const FORM = "5, with key versions";

interface PlannedCard {
  readonly credential: LoadedCredential;
  readonly kind: "desfire" | "ntag424";
}

export function makeKeyringMaker(dependencies: {
  readonly storageKey: StorageKey;
  readonly cardKeys: CardKeys;
  readonly pinKey: Uint8Array;
}): KeyringMaker {
  const { storageKey, cardKeys, pinKey } = dependencies;
  // A card's keys of one version never change, and a community has a hundred thousand cards: each is derived once.
  const derived = new Map<string, Uint8Array>();

  function keyOf({ credential, kind }: PlannedCard, doorGroup: number, version: number): Uint8Array {
    const name = `${credential.id} ${doorGroup} ${version}`;
    const before = derived.get(name);
    if (before !== undefined) return before;
    const uid = storageKey.open(credential.sealedIdentifier, identifierContext(credential.id));
    const key = cardKeys.keyFor(kind, uid, doorGroup, version);
    derived.set(name, key);
    return key;
  }

  return {
    plan(doorGroup, known, credentials, { trailKeys, named }) {
      const holders = new Map<string, { readonly credential: LoadedCredential; readonly key: Uint8Array }>();
      const namedKeys = new Map<string, Uint8Array>();
      const cards = new Map<string, PlannedCard>();
      for (const credential of credentials) {
        const { kind } = credential.record;
        // A card's present life says whose entries are made with it now: only that holder may read them.
        if (known.has(credential.keyHex) && !credential.superseded) {
          const key = trailKeys.get(credential.record.personId);
          if (key !== undefined) holders.set(credential.keyHex, { credential, key });
          if (named.has(credential.record.personId)) namedKeys.set(credential.keyHex, credential.record.key);
        }
        if (!isKeyed(kind) || !known.has(credential.keyHex)) continue;
        if (!credential.doorGroups.includes(doorGroup) || doorGroup > layoutOf(kind).doorGroups) continue;
        // A card's present life says which groups it carries now.
        if (credential.superseded && cards.has(credential.keyHex)) continue;
        cards.set(credential.keyHex, { credential, kind });
      }
      // In a stable order: a keyring that says the same must look the same.
      const sorted = [...cards.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      const hash = createHash("sha256").update(`${FORM} ${doorGroup}`);
      for (const [hex, { kind, credential }] of sorted) {
        hash.update(`${kind} ${hex} ${credential.keyVersions.join(" ")};`);
      }
      const sortedHolders = [...holders.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [hex, { key }] of sortedHolders) hash.update(`trail ${hex}`).update(key);
      const sortedNamed = [...namedKeys.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [hex] of sortedNamed) hash.update(`named ${hex}`);
      return {
        signature: hash.digest("hex"),
        make: () => ({
          doorGroup,
          trailKeys: sortedHolders.map(([, { credential, key }]) => ({
            credentialKey: credential.record.key,
            key,
          })),
          cards: sorted.map(([, card]) => ({
            credentialKey: card.credential.record.key,
            kind: card.kind,
            keys: card.credential.keyVersions.map((keyVersion) => ({
              number: keyNumberOf(card.kind, doorGroup),
              keyVersion,
              key: keyOf(card, doorGroup, keyVersion),
            })),
          })),
          sharedKeys: [{ kind: "pin", key: { number: 0, keyVersion: 1, key: pinKey } }],
          desfireApplication: desfireLayout.applicationId,
          ...(sortedNamed.length === 0 ? {} : { named: sortedNamed.map(([, key]) => key) }),
        }),
      };
    },
  };
}
