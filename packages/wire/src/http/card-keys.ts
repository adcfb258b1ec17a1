import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, Uuid } from "./common.ts";
import { CardPersonalisation, Credential } from "./credentials.ts";
import { endpoint } from "./endpoint.ts";

const KEYS = `${API_BASE}/card-keys`;
const Count = Type.Integer({ minimum: 0 });
const Version = Type.Integer({ minimum: 1, maximum: 127 });

/** Cards of one building, or of holders without a dwelling. */
export const CardKeyBuilding = Type.Object({
  buildingId: Type.Optional(Uuid),
  buildingName: Type.Optional(Type.String()),
  /** Cards that carry the newest version. */
  renewed: Count,
  /** Cards that still carry an earlier one. */
  waiting: Count,
});
export type CardKeyBuilding = Static<typeof CardKeyBuilding>;

/** How far the renewal of card keys is. */
export const CardKeyReport = Type.Object({
  version: Version,
  startedAt: EpochMs,
  renewed: Count,
  waiting: Count,
  /** Those with most cards to come first. */
  buildings: Type.Array(CardKeyBuilding),
});
export type CardKeyReport = Static<typeof CardKeyReport>;

/** What a desk writes to renew a card: the keys it shall carry, and those it may carry now. */
export const CardRenewal = Type.Object({
  credential: Credential,
  personalisation: CardPersonalisation,
  earlier: Type.Array(CardPersonalisation),
});
export type CardRenewal = Static<typeof CardRenewal>;

const shows = { what: "credentials", reason: "required" } as const;

export const cardKeyEndpoints = {
  report: endpoint({
    id: "readCardKeyReport",
    method: "GET",
    path: KEYS,
    tag: "credentials",
    summary: "who still carries an earlier version of card keys, by building",
    response: CardKeyReport,
  }),
  start: endpoint({
    id: "startCardKeyVersion",
    method: "POST",
    path: KEYS,
    tag: "credentials",
    summary: "start a new version of card keys; cards of both work until each was renewed",
    response: CardKeyReport,
    reason: "required",
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
