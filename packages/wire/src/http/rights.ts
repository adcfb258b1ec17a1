import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const OWN = `${API_BASE}/resident`;
const path = `${API_BASE}/rights-requests`;
const Words = Type.String({ minLength: 1, maxLength: 2_000, pattern: "\\S" });
/** Long enough to be a reason; nothing shorter is one. */
const Reasoned = Type.String({ minLength: 10, maxLength: 2_000, pattern: "\\S" });
const Json = Type.Record(Type.String(), Type.Unknown());

/**
 * Everything that the community has about one person, for them to keep (PIPL 45). Instants are Unix milliseconds. What the
 * server cannot read stands in none: entries at doors are sealed, and open with the person's own key alone.
 */
export const PersonCopy = Type.Object({
  format: Type.Literal("menshen/person-copy/v1"),
  madeAt: EpochMs,
  person: Json,
  residencies: Type.Array(Json),
  ends: Type.Array(Json),
  credentials: Type.Array(Json),
  keys: Type.Array(Json),
  /** What each is called, and when it was made and used; nothing that opens anything. */
  passkeys: Type.Array(Json),
  looks: Type.Array(Json),
  refusedReads: Type.Array(Json),
  requests: Type.Array(Json),
  /** What the evidence log's leaves say of them: topic and canonical JSON. */
  statements: Type.Array(Type.Object({ topic: Type.String(), statement: Type.String() })),
});
export type PersonCopy = Static<typeof PersonCopy>;

/** `correction`: something about them is wrong; `deletion`: delete what is kept; `heir`: a copy for the next of kin. */
export const RIGHTS_KINDS = ["correction", "deletion", "heir"] as const;
export type RightsKind = (typeof RIGHTS_KINDS)[number];

export const RightsRequest = Type.Object({
  id: Uuid,
  personId: Uuid,
  kind: Type.Enum([...RIGHTS_KINDS]),
  words: Type.String(),
  askedAt: EpochMs,
  /** To be answered before this. */
  dueAt: EpochMs,
  state: Type.Enum(["open", "done", "refused"]),
  answeredAt: Type.Optional(EpochMs),
  /** What was done, or why not. */
  reason: Type.Optional(Type.String()),
});
export type RightsRequest = Static<typeof RightsRequest>;

export const ownRightsEndpoints = {
  copy: endpoint({
    id: "getOwnCopy",
    method: "GET",
    path: `${OWN}/copy`,
    tag: "resident",
    summary: "everything that is kept about oneself, machine-readable",
    response: PersonCopy,
  }),
  list: endpoint({
    id: "listOwnRightsRequests",
    method: "GET",
    path: `${OWN}/rights-requests`,
    tag: "resident",
    summary: "what one asked for, and what was answered",
    response: Type.Object({ items: Type.Array(RightsRequest, { maxItems: 100 }) }),
  }),
  ask: endpoint({
    id: "askForRight",
    method: "POST",
    path: `${OWN}/rights-requests`,
    tag: "resident",
    summary: "ask for a correction or a deletion; answered within 15 days, refused only with a reason",
    body: Type.Object({ kind: Type.Enum(["correction", "deletion"]), words: Words }, closed),
    response: RightsRequest,
    status: 201,
  }),
} as const;

export const rightsEndpoints = {
  list: endpoint({
    id: "listRightsRequests",
    method: "GET",
    path,
    tag: "rights",
    summary: "what residents ask about their data, those that are due first",
    response: Type.Object({ items: Type.Array(RightsRequest, { maxItems: 500 }) }),
    shows: { what: "record", reason: "required" },
  }),
  enter: endpoint({
    id: "enterRightsRequest",
    method: "POST",
    path: `${API_BASE}/people/:id/rights-requests`,
    tag: "rights",
    summary: "what somebody, or their next of kin, asked for on paper",
    params: IdParams,
    body: Type.Object({ kind: Type.Enum([...RIGHTS_KINDS]), words: Words }, closed),
    response: RightsRequest,
    status: 201,
    shows: { what: "record", reason: "required" },
  }),
  answer: endpoint({
    id: "answerRightsRequest",
    method: "POST",
    path: `${path}/:id/answer`,
    tag: "rights",
    summary: "say what was done, or why not; nothing is refused without a reason",
    params: IdParams,
    body: Type.Object({ outcome: Type.Enum(["done", "refused"]), reason: Reasoned }, closed),
    response: RightsRequest,
    shows: { what: "record", reason: "required" },
  }),
  copy: endpoint({
    id: "getCopyForHeirs",
    method: "GET",
    path: `${API_BASE}/people/:id/copy`,
    tag: "rights",
    summary: "the copy for the next of kin, once their request was granted",
    params: IdParams,
    response: PersonCopy,
    shows: { what: "record", reason: "required" },
  }),
} as const;
