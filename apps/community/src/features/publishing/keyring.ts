import { createHash } from "node:crypto";
import { desfireLayout, keyNumberOf, layoutOf, PRIVACY_KEY_NUMBER } from "@menshen/credentials";
import { wipe } from "@menshen/crypto/node";
import type { PersonId, Residency } from "@menshen/domain";
import type { Keyring } from "@menshen/wire";
import { type Keys, pinKeyOf, privacyKeyOf } from "../../keys/card-masters.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  type CardKeys,
  cardTransactionKey,
  duressContext,
  identifierContext,
  isKeyed,
  PRIVACY_KEY_VERSION,
} from "../credentials/index.ts";
import type { Holders } from "../door-rules/index.ts";
import type { LoadedCredential, ModelState } from "./model-reader.ts";

export type KeyringContent = Omit<Keyring, "version" | "gateId" | "keyringVersion">;

/** The keyring of a door group, before any key is derived. */
export interface KeyringPlan {
  /** Equal for plans that give the same keyring. */
  readonly signature: string;
  /** Throws `keys-locked`. */
  readonly make: () => Promise<KeyringContent>;
}

/** Makes keyrings: for one door group the keys of the cards that a gate may meet. */
export interface KeyringMaker {
  /**
   * @param known hexadecimal credential keys in the gate's snapshot
   * @param state X25519 public keys of the residents who have one, by person; staff who are named to the duty desk; who lives
   *   and works here
   * @param holders who is who to gates; absent: no gate asks
   */
  readonly plan: (
    doorGroup: number,
    known: ReadonlySet<string>,
    credentials: Iterable<LoadedCredential>,
    state: Pick<ModelState, "trailKeys" | "named" | "residencies">,
    holders: Holders | undefined,
  ) => KeyringPlan;
}

/** Rises when keyrings get something new, so that every gate is sent one that has it. */
const FORM = "8, with holders";

/** In place of a door group: of the key that administers a card's application only the transaction key is kept. */
const MASTER = 0;

/** A credential and whose it is, as gates are told. */
type JoinedCredential = NonNullable<Keyring["holders"]>[number];

interface PlannedCard {
  readonly credential: LoadedCredential;
  readonly kind: "desfire" | "ntag424";
}

export function makeKeyringMaker(dependencies: {
  readonly storageKey: StorageKey;
  readonly cardKeys: CardKeys;
  readonly keys: Keys;
}): KeyringMaker {
  const { storageKey, cardKeys, keys: service } = dependencies;
  // A card's keys of one version never change, and a community has a hundred thousand cards: each is derived once.
  const derived = new Map<string, Uint8Array>();

  const nameOf = (credential: LoadedCredential, doorGroup: number, version: number) =>
    `${credential.id} ${doorGroup} ${version}`;

  /** Derives what was not derived before. Versions that have ended have no keys any more. */
  async function derive(cards: readonly PlannedCard[], doorGroup: number): Promise<void> {
    const missing = cards.flatMap(({ credential, kind }) => {
      const versions = credential.keyVersions.filter(
        (version) => !derived.has(nameOf(credential, doorGroup, version)),
      );
      if (versions.length === 0) return [];
      const uid = storageKey.open(credential.sealedIdentifier, identifierContext(credential.id));
      return versions.map((version) => ({ credential, request: { kind, uid, doorGroup, version } }));
    });
    const keys = await cardKeys.keysFor(missing.map(({ request }) => request));
    for (const [index, { credential, request }] of missing.entries()) {
      const key = keys[index];
      if (key === undefined) continue;
      const { version } = request;
      const kept = doorGroup === MASTER ? cardTransactionKey({ version, master: key }, credential.id) : key;
      if (doorGroup === MASTER) wipe(key);
      derived.set(nameOf(credential, doorGroup, version), kept);
    }
  }

  function ringCard({ credential, kind }: PlannedCard, doorGroup: number) {
    const keys = credential.keyVersions.flatMap((keyVersion) => {
      const key = derived.get(nameOf(credential, doorGroup, keyVersion));
      return key === undefined ? [] : [{ number: keyNumberOf(kind, doorGroup), keyVersion, key }];
    });
    const transactionKeys = credential.countsTaps
      ? credential.keyVersions.flatMap((version) => {
          const key = derived.get(nameOf(credential, MASTER, version));
          return key === undefined ? [] : [key];
        })
      : [];
    return keys.length === 0
      ? []
      : [
          {
            credentialKey: credential.record.key,
            kind,
            keys,
            ...(transactionKeys.length === 0 ? {} : { transactionKeys }),
          },
        ];
  }

  return {
    plan(doorGroup, known, credentials, { trailKeys, named, residencies }, holders) {
      const people = holders && peopleOf(holders, residencies);
      const joined = new Map<string, JoinedCredential>();
      const wrapped = new Map<string, { readonly credential: LoadedCredential; readonly key: Uint8Array }>();
      const namedKeys = new Map<string, Uint8Array>();
      const phones = new Map<string, LoadedCredential>();
      const cards = new Map<string, PlannedCard>();
      const forced = new Map<
        string,
        { readonly credential: LoadedCredential; readonly sealed: Uint8Array }
      >();
      for (const credential of credentials) {
        const { kind } = credential.record;
        // A card's present life says whose entries are made with it now: only that holder may read them.
        if (known.has(credential.keyHex) && !credential.superseded) {
          const key = trailKeys.get(credential.record.personId);
          if (key !== undefined) wrapped.set(credential.keyHex, { credential, key });
          const person = people?.(credential.record.personId);
          if (person !== undefined) {
            joined.set(credential.keyHex, { credentialKey: credential.record.key, ...person });
          }
          if (named.has(credential.record.personId)) namedKeys.set(credential.keyHex, credential.record.key);
          const sealed = credential.sealedDuressKey;
          if (sealed !== undefined) forced.set(credential.keyHex, { credential, sealed });
          // The key of a phone that is blocked, or was removed, verifies nothing any more.
          if (kind === "phone-pass" && credential.record.status === "active") {
            phones.set(credential.keyHex, credential);
          }
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
        hash.update(
          `${kind} ${hex} ${credential.keyVersions.join(" ")} ${credential.hidesUid ? "hidden" : ""} ${credential.countsTaps ? credential.id : ""};`,
        );
      }
      const sortedHolders = [...wrapped.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [hex, { key }] of sortedHolders) hash.update(`trail ${hex}`).update(key);
      const sortedNamed = [...namedKeys.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [hex] of sortedNamed) hash.update(`named ${hex}`);
      const sortedJoined = [...joined.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      hash.update(`holders ${holders?.signature ?? ""}`);
      for (const [hex, { holder, isStaff, needsEscort, dwellingId, role }] of sortedJoined) {
        hash.update(`${hex} ${isStaff} ${needsEscort} ${dwellingId ?? ""} ${role ?? ""};`).update(holder);
      }
      const sortedForced = [...forced.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [hex] of sortedForced) hash.update(`duress ${hex}`);
      const sortedPhones = [...phones.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
      // What a phone is looked up by is a hash of its key.
      for (const [hex] of sortedPhones) hash.update(`phone ${hex}`);
      return {
        signature: hash.digest("hex"),
        async make() {
          const [pinKey, privacyKey] = [await pinKeyOf(service()), await privacyKeyOf(service())];
          const planned = sorted.map(([, card]) => card);
          await derive(planned, doorGroup);
          await derive(
            planned.filter(({ credential }) => credential.countsTaps),
            MASTER,
          );
          const hiding = (["desfire", "ntag424"] as const).filter((kind) =>
            planned.some((card) => card.kind === kind && card.credential.hidesUid),
          );
          return {
            doorGroup,
            trailKeys: sortedHolders.map(([, { credential, key }]) => ({
              credentialKey: credential.record.key,
              key,
            })),
            cards: planned.flatMap((card) => ringCard(card, doorGroup)),
            sharedKeys: [
              { kind: "pin", key: { number: 0, keyVersion: 1, key: pinKey } },
              ...hiding.map((kind) => ({
                kind,
                key: { number: PRIVACY_KEY_NUMBER[kind], keyVersion: PRIVACY_KEY_VERSION, key: privacyKey },
              })),
            ],
            desfireApplication: desfireLayout.applicationId,
            ...(sortedForced.length === 0
              ? {}
              : {
                  duress: sortedForced.map(([, { credential, sealed }]) => ({
                    key: storageKey.open(sealed, duressContext(credential.id)),
                    credentialKey: credential.record.key,
                  })),
                }),
            ...(sortedNamed.length === 0 ? {} : { named: sortedNamed.map(([, key]) => key) }),
            ...(sortedJoined.length === 0 ? {} : { holders: sortedJoined.map(([, person]) => person) }),
            ...(sortedPhones.length === 0
              ? {}
              : {
                  phones: sortedPhones.map(([, { id, record, sealedIdentifier }]) => ({
                    credentialKey: record.key,
                    publicKey: storageKey.open(sealedIdentifier, identifierContext(id)),
                  })),
                }),
          };
        },
      };
    },
  };
}

/** Who is who, each person asked once. */
function peopleOf(holders: Holders, residencies: ModelState["residencies"]) {
  const homes = new Map<string, Residency[]>();
  for (const residency of residencies) {
    const own = homes.get(residency.personId) ?? [];
    own.push(residency);
    homes.set(residency.personId, own);
  }
  const known = new Map<string, ReturnType<Holders["of"]>>();
  return (personId: PersonId) => {
    const before = known.get(personId) ?? holders.of(personId, homes.get(personId) ?? []);
    known.set(personId, before);
    return before;
  };
}
