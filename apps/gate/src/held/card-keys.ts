import { toHex, wipe } from "@menshen/crypto/node";
import { CredentialKey, type CredentialKind, Holder } from "@menshen/domain";
import type { AliroKeys, Keyring } from "@menshen/wire";

export type CardKey = Keyring["sharedKeys"][number]["key"];
export type KeyedCard = Keyring["cards"][number];

/** Of which home a person is, as what; empty if guards are not told. */
export type Whose = Pick<NonNullable<Keyring["holders"]>[number], "dwellingId" | "role">;

/** A person as gates know them among themselves. */
export interface KnownPerson {
  readonly holder: Holder;
  readonly isStaff: boolean;
  readonly needsEscort: boolean;
  readonly whose: Whose;
}

/** The opened keyring: the keys of this gate's door group, by credential. Kept in memory only while it is in force. */
export interface CardKeys {
  readonly version: number;
  readonly doorGroup: number;
  readonly desfireApplication: Uint8Array;
  /** Keys of holders whose entries are wrapped to them, by credential. */
  readonly trailKeys: Keyring["trailKeys"];
  /** Credentials of staff who were told that they are named. */
  readonly named: readonly Uint8Array[];
  /** Who this gate is to telephones, and whose documents it reads. */
  readonly aliro: AliroKeys | undefined;
  readonly cardCount: number;
  /** Public key of a phone pass. */
  phone(credentialKey: CredentialKey): Uint8Array | undefined;
  /** The PIN that a duress PIN stands for; undefined for any other key. */
  duress(key: CredentialKey): CredentialKey | undefined;
  /** Whose a credential is; undefined for one that the keyring does not join to a person. */
  person(credentialKey: CredentialKey): KnownPerson | undefined;
  /** Home and role of a person; undefined for one whom the keyring does not know. */
  whoseIs(holder: Holder): Whose | undefined;
  /** All of them, by credential key in hexadecimal. */
  readonly people: ReadonlyMap<string, KnownPerson>;
  /** Whether it has anything about one of these credentials, by their keys in hexadecimal. */
  holdsAny(credentialKeys: ReadonlySet<string>): boolean;
  /** Keys of one card, or undefined if this gate may not talk to it. */
  of(credentialKey: CredentialKey): KeyedCard | undefined;
  /** Keys that a kind of card needs before it says which one it is. */
  shared(kind: CredentialKind): readonly CardKey[];
  /** Whoever talks to a card keeps the keys until the returned function is called: a newer keyring waits for no tap. */
  hold(): () => void;
  /** Overwrites every key as soon as nobody holds them; the object is of no use afterwards. */
  wipe(): void;
}

export function indexCardKeys(keyring: Keyring): CardKeys {
  const byCredential = new Map(keyring.cards.map((card) => [toHex(card.credentialKey), card]));
  const phones = new Map(
    (keyring.phones ?? []).map(({ credentialKey, publicKey }) => [toHex(credentialKey), publicKey]),
  );
  let holders = 0;
  let isOver = false;
  function erase(): void {
    for (const card of byCredential.values()) {
      for (const { key } of card.keys) wipe(key);
      wipe(...(card.transactionKeys ?? []));
    }
    for (const { key } of keyring.sharedKeys) wipe(key.key);
    for (const reader of keyring.aliro?.readers ?? []) wipe(reader.secretKey);
    byCredential.clear();
  }
  const duress = new Map(
    (keyring.duress ?? []).map(({ key, credentialKey }) => [toHex(key), CredentialKey(credentialKey)]),
  );
  const people = new Map(
    (keyring.holders ?? []).map(({ credentialKey, holder, isStaff, needsEscort, dwellingId, role }) => [
      toHex(credentialKey),
      {
        holder: Holder(toHex(holder)),
        isStaff,
        needsEscort,
        whose: {
          ...(dwellingId === undefined ? {} : { dwellingId }),
          ...(role === undefined ? {} : { role }),
        },
      },
    ]),
  );
  const byHolder = new Map([...people.values()].map(({ holder, whose }) => [holder, whose]));
  return {
    version: keyring.keyringVersion,
    doorGroup: keyring.doorGroup,
    desfireApplication: keyring.desfireApplication,
    trailKeys: keyring.trailKeys,
    named: keyring.named ?? [],
    aliro: keyring.aliro,
    cardCount: byCredential.size,
    phone: (credentialKey) => phones.get(toHex(credentialKey)),
    duress: (key) => duress.get(toHex(key)),
    person: (credentialKey) => people.get(toHex(credentialKey)),
    people,
    whoseIs: (holder) => byHolder.get(holder),
    holdsAny: (wanted) =>
      [...wanted].some((key) => byCredential.has(key) || phones.has(key) || people.has(key)) ||
      (keyring.duress ?? []).some(({ credentialKey }) => wanted.has(toHex(credentialKey))) ||
      keyring.trailKeys.some(({ credentialKey }) => wanted.has(toHex(credentialKey))) ||
      (keyring.named ?? []).some((credentialKey) => wanted.has(toHex(credentialKey))),
    of: (credentialKey) => byCredential.get(toHex(credentialKey)),
    shared: (kind) => keyring.sharedKeys.filter((shared) => shared.kind === kind).map(({ key }) => key),
    hold() {
      holders += 1;
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        holders -= 1;
        if (isOver && holders === 0) erase();
      };
    },
    wipe() {
      isOver = true;
      if (holders === 0) erase();
    },
  };
}
