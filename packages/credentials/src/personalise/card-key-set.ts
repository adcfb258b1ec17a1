import type { Primitives } from "@menshen/crypto";
import { concatBytes } from "@menshen/crypto";
import type { VersionedKey } from "../desfire/key-change.ts";

/** The keys of one card under one version of the masters. */
export interface CardKeySet {
  /** 1 to 127, as the card tells it for each of its keys; 0 is the factory's. */
  readonly version: number;
  /** Key 0 of our application on this card, 16 bytes. */
  readonly master: Uint8Array;
  /** By door group, 16 bytes each: the groups that the card opens. */
  readonly groups: ReadonlyMap<number, Uint8Array>;
}

/** A place for a key on a card. */
export type KeySlot =
  /** A key of our application: 0 its master, the others of door groups, used or not. */
  | { readonly in: "access"; readonly number: number }
  /** DESFire: the key of the card itself, which creates applications and formats. */
  | { readonly in: "card" }
  /** DESFire: the master of the application that the privacy key lies in. */
  | { readonly in: "privacy" };

/** A key of zeros in every place, with version 0. */
export const FACTORY_AES_KEY = new Uint8Array(16);

/**
 * The key that a card makes transaction codes with. A new key begins a new count, and with it whatever remembers the old
 * one by its key.
 *
 * @param lifeId 16 bytes: the credential that the card is now; a card that is enrolled again gets another key
 * @returns 16 bytes, with the version of the set
 */
export function transactionKeyOf(
  primitives: Pick<Primitives, "aesCmac">,
  set: Pick<CardKeySet, "version" | "master">,
  lifeId: Uint8Array = new Uint8Array(16),
): VersionedKey {
  const place = Uint8Array.of(PLACES["transaction-mac"], 0);
  const value = primitives.aesCmac(set.master, concatBytes(LABEL, place, lifeId));
  return { value, version: set.version };
}

const LABEL = new TextEncoder().encode("menshen card slot v1");
const PLACES = { access: 1, card: 2, privacy: 3, "transaction-mac": 4 } as const;

/**
 * The key that belongs in a place under a set. What no gate needs is derived from the card's own master, so that no
 * place of a factory's key is left, none holds a key that nobody could form again, and an order stays short.
 *
 * @returns 16 bytes
 */
export function slotKey(primitives: Pick<Primitives, "aesCmac">, set: CardKeySet, slot: KeySlot): Uint8Array {
  if (slot.in === "access") {
    const given = slot.number === 0 ? set.master : set.groups.get(slot.number);
    if (given !== undefined) return given;
  }
  const number = slot.in === "access" ? slot.number : 0;
  return primitives.aesCmac(set.master, concatBytes(LABEL, Uint8Array.of(PLACES[slot.in], number)));
}

/** The same with its version, as ChangeKey takes it. */
export function versionedSlotKey(
  primitives: Pick<Primitives, "aesCmac">,
  set: CardKeySet,
  slot: KeySlot,
): VersionedKey {
  return { value: slotKey(primitives, set, slot), version: set.version };
}
