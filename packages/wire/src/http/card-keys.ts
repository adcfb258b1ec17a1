import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, Uuid } from "./common.ts";
import { CardPersonalisation, Credential } from "./credentials.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const KEYS = `${API_BASE}/card-keys`;
const Count = Type.Integer({ minimum: 0 });
const Version = Type.Integer({ minimum: 1, maximum: 127 });

const DoorGroup = Type.Integer({ minimum: 1, maximum: 13 });

/** Where cards are: of one building, or of holders without a dwelling. */
const building = {
  buildingId: Type.Optional(Uuid),
  buildingName: Type.Optional(Type.String()),
};

/** How far one building's cards are. */
export const CardKeyBuilding = Type.Object({
  ...building,
  /** Cards that carry what they should. */
  renewed: Count,
  /** Cards that are to come to a desk for new keys. */
  waiting: Count,
  /** By the version that the desk last heard of, newest first. */
  carried: Type.Array(Type.Object({ version: Version, cards: Count })),
});
export type CardKeyBuilding = Static<typeof CardKeyBuilding>;

/** A version whose masters are still there. */
export const CardKeyVersion = Type.Object({
  version: Version,
  startedAt: EpochMs,
  /** Started for the cards of this door group only, because one of its gates was stolen. */
  doorGroup: Type.Optional(DoorGroup),
  /** Cards that carry it, or may. It can end when there are none. */
  cards: Count,
});
export type CardKeyVersion = Static<typeof CardKeyVersion>;

/** How far the renewal of card keys is. */
export const CardKeyReport = Type.Object({
  /** The newest. */
  version: Version,
  startedAt: EpochMs,
  renewed: Count,
  waiting: Count,
  /** Those that have not ended, newest first. */
  versions: Type.Array(CardKeyVersion),
  /** Those with most cards to come first. */
  buildings: Type.Array(CardKeyBuilding),
  /** Gates that have not got the newest keys yet: no card of their door groups is renewed before they have. */
  lacking: Type.Array(Type.Object({ gateId: Uuid, name: Type.String(), doorGroup: DoorGroup })),
});
export type CardKeyReport = Static<typeof CardKeyReport>;

/** What a gate of a door group knows, and so what a thief of one has. */
export const CardKeyGroup = Type.Object({
  doorGroup: DoorGroup,
  /** Cards with a key of this group. */
  cards: Count,
  /** Most cards first. */
  buildings: Type.Array(Type.Object({ ...building, cards: Count })),
  /** Cards and telephones whose secret never left them: a gate knows their public keys, which expose nothing. */
  publicKeys: Count,
  /** PINs, whose holders want new ones: a gate can try all digits. */
  pins: Count,
});
export type CardKeyGroup = Static<typeof CardKeyGroup>;

/** What a desk writes to renew a card: the keys it shall carry, and those it may carry now. */
export const CardRenewal = Type.Object({
  credential: Credential,
  personalisation: CardPersonalisation,
  earlier: Type.Array(CardPersonalisation),
});
export type CardRenewal = Static<typeof CardRenewal>;

/**
 * Why the keys of cards are locked: `waiting` for somebody to unlock them; `wrong-unlock`, `token-absent`, `unreadable`:
 * what the start was given did not open them; `other-keys`: what it opened are not this community's.
 */
export const CARD_KEY_LOCKS = [
  "waiting",
  "wrong-unlock",
  "token-absent",
  "unreadable",
  "other-keys",
] as const;
export type CardKeyLock = (typeof CARD_KEY_LOCKS)[number];

/** Where the keys of cards are kept; values never leave. */
export const CardKeyStore = Type.Object({
  backEnd: Type.Enum(["file", "pkcs11"]),
  /** Absent: they are open. */
  lock: Type.Optional(Type.Enum([...CARD_KEY_LOCKS])),
  /** None while they are locked. Check values tell keys apart, at a ceremony, and nothing of them. */
  keys: Type.Array(
    Type.Object({
      name: Type.String(),
      version: Version,
      use: Type.Enum(["diversify", "mac", "sign", "shared"]),
      checkValue: Type.String(),
    }),
  ),
});
export type CardKeyStore = Static<typeof CardKeyStore>;

const GroupParams = Type.Object({ doorGroup: DoorGroup }, closed);
const shows = { what: "credentials", reason: "required" } as const;

/** Planned work on keys is asked for and agreed to: see `keyRequestEndpoints`. */
export const cardKeyEndpoints = {
  store: endpoint({
    id: "readCardKeyStore",
    method: "GET",
    path: `${KEYS}/store`,
    tag: "credentials",
    summary: "where the keys of cards are kept, whether they are open, and what tells them apart",
    response: CardKeyStore,
  }),
  unlock: endpoint({
    id: "unlockCardKeyStore",
    method: "POST",
    path: `${KEYS}/store/unlock`,
    tag: "credentials",
    summary: "unlock the keys of cards with the passphrase of their store, or the PIN of their token",
    body: Type.Object({ secret: Type.String({ minLength: 1, maxLength: 1024 }) }, closed),
    response: CardKeyStore,
    reason: "required",
  }),
  report: endpoint({
    id: "readCardKeyReport",
    method: "GET",
    path: KEYS,
    tag: "credentials",
    summary: "who still carries an earlier version of card keys, by building",
    response: CardKeyReport,
  }),
  startForGroup: endpoint({
    id: "startCardKeyVersionForDoorGroup",
    method: "POST",
    path: `${KEYS}/door-groups/:doorGroup`,
    tag: "credentials",
    summary:
      "a gate of this door group was stolen: a new version for its cards, also in the middle of a renewal",
    params: GroupParams,
    response: CardKeyReport,
    reason: "required",
  }),
  group: endpoint({
    id: "readCardKeyDoorGroup",
    method: "GET",
    path: `${KEYS}/door-groups/:doorGroup`,
    tag: "credentials",
    summary: "what a gate of a door group knows: cards by building, and what it exposes nothing of",
    params: GroupParams,
    response: CardKeyGroup,
  }),
  groupCards: endpoint({
    id: "listCardsOfDoorGroup",
    method: "GET",
    path: `${KEYS}/door-groups/:doorGroup/cards`,
    tag: "credentials",
    summary: "cards with a key of a door group, with their holders; at most 500",
    params: GroupParams,
    response: Type.Object({ items: Type.Array(Credential) }),
    shows,
  }),
  waiting: endpoint({
    id: "listCardsToRenew",
    method: "GET",
    path: `${KEYS}/waiting`,
    tag: "credentials",
    summary: "cards that still carry an earlier version, with their holders; at most 500",
    response: Type.Object({ items: Type.Array(Credential) }),
    shows,
  }),
  renewal: endpoint({
    id: "readCardRenewal",
    method: "POST",
    path: `${KEYS}/cards/:id/renewal`,
    tag: "credentials",
    summary: "what a desk writes onto a card to renew its keys",
    params: IdParams,
    response: CardRenewal,
    shows,
  }),
  renewed: endpoint({
    id: "confirmCardRenewal",
    method: "POST",
    path: `${KEYS}/cards/:id/renewed`,
    tag: "credentials",
    summary: "a desk wrote the new keys and the card proved them: the old ones end",
    params: IdParams,
    response: Credential,
    shows,
  }),
};
