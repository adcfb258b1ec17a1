import { canonicalJson, RESIDENCY_END_DAYS } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, ResidencyRoleName, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const path = `${API_BASE}/residency-ends`;
const OWN = `${API_BASE}/resident`;

/** What somebody has to say in words. */
const Words = Type.String({ minLength: 1, maxLength: 1_000, pattern: "\\S" });
/** Long enough to be a reason; nothing shorter is one. */
const Reasoned = Type.String({ minLength: 10, maxLength: 1_000, pattern: "\\S" });

/** Who asks that somebody stops living here. */
export const END_ASKERS = ["landlord", "household", "company", "resident", "term"] as const;
export type EndAsker = (typeof END_ASKERS)[number];

/**
 * - `asked`: the resident has not answered; `objected`: they object, and their access stays until it is decided;
 * - `stays`, `withdrawn`: nothing comes of it;
 * - `agreed`: they agreed, or asked themselves; `lapsed`: they were told and did not answer in time; `ends`: decided
 *   against their objection. Each is followed by `ended` at its time.
 */
export const END_STATES = [
  "asked",
  "objected",
  "stays",
  "withdrawn",
  "agreed",
  "lapsed",
  "ends",
  "ended",
] as const;
export type EndState = (typeof END_STATES)[number];

/** That a residency is to end, and what became of it. */
export const ResidencyEnd = Type.Object({
  id: Uuid,
  residencyId: Uuid,
  personId: Uuid,
  role: ResidencyRoleName,
  /** Building and dwelling. */
  home: Type.String(),
  state: Type.Enum([...END_STATES]),
  askedBy: Type.Enum([...END_ASKERS]),
  /** Why, in words that the resident reads; absent if they asked themselves. */
  ground: Type.Optional(Type.String()),
  askedAt: EpochMs,
  /** When the resident was told, and how: in their own app, or by a letter that was handed over. */
  toldAt: Type.Optional(EpochMs),
  toldBy: Type.Optional(Type.Enum(["app", "letter"])),
  /** They can object before this; the end of the 14th local day after they were told. */
  graceUntil: Type.Optional(EpochMs),
  answeredAt: Type.Optional(EpochMs),
  objection: Type.Optional(Type.String()),
  decidedAt: Type.Optional(EpochMs),
  /** The reason of the decision over an objection. */
  decisionReason: Type.Optional(Type.String()),
  /** Access ends then; absent while that is open. */
  endsAt: Type.Optional(EpochMs),
});
export type ResidencyEnd = Static<typeof ResidencyEnd>;

/** An end as staff see it; the name only with the permission to read homes. */
export const NamedResidencyEnd = Type.Intersect([
  ResidencyEnd,
  Type.Object({ personName: Type.Optional(Type.String()) }),
]);
export type NamedResidencyEnd = Static<typeof NamedResidencyEnd>;

const shows = { what: "record", reason: "required" } as const;

/** Of the desk, and of whoever decides over objections. */
export const residencyEndEndpoints = {
  list: endpoint({
    id: "listResidencyEnds",
    method: "GET",
    path,
    tag: "residencies",
    summary:
      "ends of residencies that are open, those with objections first; with `past` also what became of others",
    query: Type.Object({ past: Type.Optional(Type.Boolean()) }, closed),
    response: Type.Object({ items: Type.Array(NamedResidencyEnd, { maxItems: 500 }) }),
    shows: { what: "list", reason: "required" },
  }),
  ask: endpoint({
    id: "askResidencyEnd",
    method: "POST",
    path: `${API_BASE}/residencies/:id/end`,
    tag: "residencies",
    summary: "ask a resident whether they move out; they have 14 days to object",
    params: IdParams,
    body: Type.Object(
      {
        askedBy: Type.Enum(END_ASKERS.filter((asker) => asker !== "resident" && asker !== "term")),
        ground: Words,
      },
      closed,
    ),
    response: NamedResidencyEnd,
    status: 201,
    shows,
  }),
  told: endpoint({
    id: "tellResidencyEnd",
    method: "POST",
    path: `${path}/:id/letter`,
    tag: "residencies",
    summary: "the letter was handed over: the 14 days begin",
    params: IdParams,
    response: NamedResidencyEnd,
    shows,
  }),
  answer: endpoint({
    id: "answerResidencyEndAtDesk",
    method: "POST",
    path: `${path}/:id/answer`,
    tag: "residencies",
    summary: "what the resident answered on paper",
    params: IdParams,
    body: Type.Union([
      Type.Object({ answer: Type.Literal("object"), objection: Words }, closed),
      Type.Object({ answer: Type.Literal("agree") }, closed),
    ]),
    response: NamedResidencyEnd,
    reason: "required",
    shows,
  }),
  withdraw: endpoint({
    id: "withdrawResidencyEnd",
    method: "POST",
    path: `${path}/:id/withdrawal`,
    tag: "residencies",
    summary: "take the question back: the resident stays",
    params: IdParams,
    response: NamedResidencyEnd,
    shows,
  }),
  decide: endpoint({
    id: "decideResidencyEnd",
    method: "POST",
    path: `${path}/:id/decision`,
    tag: "residencies",
    summary:
      "decide over an objection, with the reason that the resident reads; by nobody who asked for the end",
    params: IdParams,
    body: Type.Object({ outcome: Type.Enum(["stays", "ends"]), reason: Reasoned }, closed),
    response: NamedResidencyEnd,
    shows,
  }),
} as const;

/** Of residents, about themselves. */
/** One's own key, over a text of {@link residencyEndTexts} for a challenge that was not used yet. */
const signed = { challenge: hexBytes(32, 32), signature: hexBytes(64, 64) };

export const ownResidencyEndpoints = {
  list: endpoint({
    id: "listOwnResidencies",
    method: "GET",
    path: `${OWN}/residencies`,
    tag: "resident",
    summary: "where one lives or works here, and what is asked about its end",
    response: Type.Object({
      items: Type.Array(
        Type.Object({
          id: Uuid,
          role: ResidencyRoleName,
          home: Type.Optional(Type.String()),
          until: Type.Optional(EpochMs),
          /** The latest that was asked, if anything was. */
          end: Type.Optional(ResidencyEnd),
        }),
        { maxItems: 100 },
      ),
    }),
  }),
  leave: endpoint({
    id: "leaveHome",
    method: "POST",
    path: `${OWN}/residencies/:id/leave`,
    tag: "resident",
    summary:
      "move out by oneself, at the end of a day of one's choice, signed by one's own key; can be taken back until then",
    params: IdParams,
    body: Type.Object({ inDays: Type.Integer({ minimum: 0, maximum: 366 }), ...signed }, closed),
    response: ResidencyEnd,
    status: 201,
  }),
  answer: endpoint({
    id: "answerResidencyEnd",
    method: "POST",
    path: `${OWN}/residency-ends/:id/answer`,
    tag: "resident",
    summary: `agree to move out, signed by one's own key, or object within ${RESIDENCY_END_DAYS} days: access stays until a reasoned decision`,
    params: IdParams,
    body: Type.Union([
      Type.Object({ answer: Type.Literal("object"), objection: Words }, closed),
      Type.Object({ answer: Type.Literal("agree"), ...signed }, closed),
    ]),
    response: ResidencyEnd,
  }),
  stay: endpoint({
    id: "stayHome",
    method: "POST",
    path: `${OWN}/residency-ends/:id/withdrawal`,
    tag: "resident",
    summary: "take one's own moving out, or one's agreement, back before its time",
    params: IdParams,
    response: ResidencyEnd,
  }),
} as const;

/**
 * What a resident's key signs for an end of where they live: a session alone, left open or taken, moves nobody out. To object
 * and to stay takes no signature: nothing is lost by it.
 */
export const residencyEndTexts = {
  leave: (communityId: string, residencyId: string, inDays: number, challenge: string): string =>
    canonicalJson({ use: "menshen/moving-out/v1", communityId, residencyId, inDays, challenge }),
  agree: (communityId: string, endId: string, challenge: string): string =>
    canonicalJson({ use: "menshen/moving-out-agreed/v1", communityId, endId, challenge }),
} as const;
