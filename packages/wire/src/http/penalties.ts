import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, LocalDateText, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

/** Who was punished: organisations only, never a person. */
export const PENALTY_PARTIES = ["property", "vendor", "committee", "operator"] as const;
export type PenaltyParty = (typeof PENALTY_PARTIES)[number];

/** `none`: the time to appeal runs or ran out; `upheld`, `changed`, `annulled`: what came of an appeal. */
export const APPEAL_STATES = ["none", "pending", "upheld", "changed", "annulled"] as const;
export type AppealState = (typeof APPEAL_STATES)[number];

/** Text that is published for good; whatever looks like a resident's data is refused. */
const PublicText = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]+$" });
const LeafIndex = Type.Integer({ minimum: 0 });
const closed = { additionalProperties: false };

const Fields = {
  party: Type.Enum([...PENALTY_PARTIES]),
  /** The authority that decided. */
  authority: PublicText(80),
  documentNumber: PublicText(80),
  decidedOn: LocalDateText,
  /** Which duty was broken, by which article. */
  ground: PublicText(500),
  /** Hundredths of a yuan; 0: no fine. */
  amountFen: Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 }),
};
export const PenaltyInput = Type.Object(Fields, closed);
export type PenaltyInput = Static<typeof PenaltyInput>;

export const Penalty = Type.Object({
  id: Uuid,
  ...Fields,
  appeal: Type.Enum([...APPEAL_STATES]),
  publishedAt: EpochMs,
  /** The leaf that says so; its statement is public. */
  leafId: Uuid,
  /** Where it stands in the log; absent until it was written there. */
  leafIndex: Type.Optional(LeafIndex),
  /** Taken off the list, and why; the publication stays in the log. */
  removed: Type.Optional(
    Type.Object({ at: EpochMs, why: Type.String(), leafId: Uuid, leafIndex: Type.Optional(LeafIndex) }),
  ),
});
export type Penalty = Static<typeof Penalty>;

export const penaltyEndpoints = {
  list: endpoint({
    id: "listPenalties",
    method: "GET",
    path: `${API_BASE}/penalties`,
    tag: "penalties",
    summary: "penalties against those who run this community, newest first; for anybody",
    response: Type.Object({ items: Type.Array(Penalty) }),
  }),
  publish: endpoint({
    id: "publishPenalty",
    method: "POST",
    path: `${API_BASE}/penalties`,
    tag: "penalties",
    summary: "publish a penalty; refused if it holds anything of a resident",
    body: PenaltyInput,
    response: Penalty,
    status: 201,
  }),
  appeal: endpoint({
    id: "setPenaltyAppeal",
    method: "PUT",
    path: `${API_BASE}/penalties/:id/appeal`,
    tag: "penalties",
    summary: "say how an appeal stands, or what came of it",
    params: IdParams,
    body: Type.Object({ appeal: Type.Enum([...APPEAL_STATES]) }, closed),
    response: Penalty,
  }),
  remove: endpoint({
    id: "removePenalty",
    method: "POST",
    path: `${API_BASE}/penalties/:id/removal`,
    tag: "penalties",
    summary: "take a penalty off the list; that it was there, and why it went, stays public",
    params: IdParams,
    body: Type.Object({ why: PublicText(500) }, closed),
    response: Penalty,
  }),
} as const;
