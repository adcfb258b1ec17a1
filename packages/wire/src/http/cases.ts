import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, IdParams, NoContent, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const tag = "cases";
const path = `${API_BASE}/cases`;
const OWN = `${API_BASE}/resident/cases`;
const Words = Type.String({ minLength: 1, maxLength: 2_000, pattern: "\\S" });
/** Long enough to be a reason; nothing shorter is one. */
export const CaseReason = Type.String({ minLength: 10, maxLength: 1_000, pattern: "\\S" });

/** What the engine proposes, the gravest last. */
export const CASE_STEPS = ["watch", "ask", "second-factor", "replace", "refuse-by-person"] as const;
export type CaseStep = (typeof CASE_STEPS)[number];

/**
 * What a person decides, with a reason. `desk-notice`: the door opens and asks the holder to come to the desk; `replacement`: a
 * card that cannot be copied is offered, free and without waiting; `block`: the card opens nothing.
 */
export const CASE_MEASURES = [
  "watch",
  "ask",
  "desk-notice",
  "second-factor",
  "replacement",
  "block",
] as const;
export type CaseMeasureName = (typeof CASE_MEASURES)[number];

/** `copy`: somebody else's; `own-copy`: one that the household had made, counted apart and nobody's fault. */
export const CASE_FINDINGS = ["copy", "own-copy", "no-copy", "undecided"] as const;
export type CaseFinding = (typeof CASE_FINDINGS)[number];

/** Answers to "was this you?". */
export const CASE_ANSWERS = ["me", "not-me", "family"] as const;
export type CaseAnswerName = (typeof CASE_ANSWERS)[number];

const MeasureName = Type.Enum([...CASE_MEASURES]);
const FindingName = Type.Enum([...CASE_FINDINGS]);
const AnswerName = Type.Enum([...CASE_ANSWERS]);

export const CaseSign = Type.Object({
  /** E.g. `R5`; its words stand in the detection package and in the screens. */
  rule: Type.String(),
  weight: Type.Number(),
  at: EpochMs,
  gateId: Uuid,
  accessPointId: Uuid,
  sequence: Type.Optional(Type.Integer({ minimum: 1 })),
  inputs: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
});
export type CaseSign = Static<typeof CaseSign>;

/** One tap of the card, under its name of the epoch. */
export const CaseTap = Type.Object({
  at: EpochMs,
  gateId: Uuid,
  sequence: Type.Integer({ minimum: 1 }),
  accessPointId: Uuid,
  granted: Type.Boolean(),
  /** As the gate counts it in this epoch; only differences mean something. */
  counter: Type.Optional(Type.Integer()),
  keyVersion: Type.Optional(Type.Integer()),
  fingerprint: Type.Optional(Type.Integer()),
  /** Which half of a forked card it belongs to, where taps can be told apart. */
  half: Type.Optional(Type.Enum(["first", "second"])),
});
export type CaseTap = Static<typeof CaseTap>;

export const CaseMeasure = Type.Object({
  id: Uuid,
  measure: MeasureName,
  takenAt: EpochMs,
  takenBy: Type.String(),
  reason: Type.String(),
  endedAt: Type.Optional(EpochMs),
  endReason: Type.Optional(Type.String()),
});
export type CaseMeasure = Static<typeof CaseMeasure>;

export const CaseAppeal = Type.Object({
  id: Uuid,
  words: Type.String(),
  at: EpochMs,
  /** Written down at the desk; absent: the holder's program sent it. */
  enteredBy: Type.Optional(Type.String()),
  answeredAt: Type.Optional(EpochMs),
  outcome: Type.Optional(Type.Enum(["upheld", "refused"])),
  reason: Type.Optional(Type.String()),
});
export type CaseAppeal = Static<typeof CaseAppeal>;

const CaseFields = {
  id: Uuid,
  kind: Type.String(),
  epoch: Type.Integer(),
  openedAt: EpochMs,
  reachedAt: EpochMs,
  step: Type.Enum([...CASE_STEPS]),
  /** 10 is where the holder is asked. */
  score: Type.Number(),
  /** That a copy exists, by what cases that were closed here have shown. */
  probability: Type.Number(),
  rules: Type.Array(Type.String()),
  /** Late records explain what was seen. */
  explainedAt: Type.Optional(EpochMs),
  assignedTo: Type.Optional(Type.Object({ staffId: Uuid, displayName: Type.String() })),
  mergedInto: Type.Optional(Uuid),
  measures: Type.Array(MeasureName),
  answer: Type.Optional(AnswerName),
  /** Appeals that nobody has answered. */
  openAppeals: Type.Integer({ minimum: 0 }),
  closedAt: Type.Optional(EpochMs),
  finding: Type.Optional(FindingName),
  revision: Revision,
};
export const CaseItem = Type.Object(CaseFields);
export type CaseItem = Static<typeof CaseItem>;

export const CaseDetail = Type.Object({
  ...CaseFields,
  signs: Type.Array(CaseSign),
  /** Newest first; none once the epoch's entries are deleted. */
  taps: Type.Array(CaseTap),
  history: Type.Array(
    Type.Object({
      at: EpochMs,
      what: Type.String(),
      step: Type.Optional(Type.String()),
      by: Type.Optional(Type.String()),
      reason: Type.Optional(Type.String()),
    }),
  ),
  decided: Type.Array(CaseMeasure),
  appeals: Type.Array(CaseAppeal),
  /** The holder asked to be called: then, and only then, the desk knows who it is. */
  callPersonId: Type.Optional(Uuid),
  /** The request under which the evidence outlives its epoch. */
  holdId: Type.Optional(Uuid),
  similar: Type.Array(
    Type.Object({
      id: Uuid,
      openedAt: EpochMs,
      step: Type.Enum([...CASE_STEPS]),
      /** Rules and doors that both have. */
      rules: Type.Array(Type.String()),
      accessPointIds: Type.Array(Uuid),
    }),
  ),
  merged: Type.Array(Uuid),
  /** It is one of many copies that came to light within a month. */
  incidentId: Type.Optional(Uuid),
  /** The signs and the card's name went with the epoch. */
  forgottenAt: Type.Optional(EpochMs),
});
export type CaseDetail = Static<typeof CaseDetail>;

export const CaseCounts = Type.Object({
  open: Type.Integer(),
  copies: Type.Integer(),
  /** Families' own copies, apart from those of others. */
  ownCopies: Type.Integer(),
  noCopies: Type.Integer(),
  undecided: Type.Integer(),
  /** Cards of families that were exchanged. */
  exchanged: Type.Integer(),
  /** Steps that anybody but a person took. Always 0: see docs/law.md D8. */
  automaticBlocks: Type.Literal(0),
  /** Share of cards with somebody else's copy, before anything is known: as set, and as closed cases show it. */
  prior: Type.Number(),
  calibratedPrior: Type.Number(),
});
export type CaseCounts = Static<typeof CaseCounts>;

const MeasureParams = Type.Object({ id: Uuid, measureId: Uuid }, closed);
const AppealParams = Type.Object({ id: Uuid, appealId: Uuid }, closed);

export const caseEndpoints = {
  list: endpoint({
    id: "listCases",
    method: "GET",
    path,
    tag,
    summary:
      "suspicions about cards, the most dangerous first; no holder is named, since nobody here knows them",
    query: Type.Object({ state: Type.Optional(Type.Enum(["open", "closed"])) }, closed),
    response: Type.Object({ items: Type.Array(CaseItem, { maxItems: 500 }) }),
  }),
  get: endpoint({
    id: "getCase",
    method: "GET",
    path: `${path}/:id`,
    tag,
    summary: "one case: signs, taps, what was decided, and cases like it",
    params: IdParams,
    response: CaseDetail,
  }),
  assign: endpoint({
    id: "assignCase",
    method: "POST",
    path: `${path}/:id/assign`,
    tag,
    summary: "take a case, or give it back",
    params: IdParams,
    body: Type.Object({ take: Type.Boolean() }, closed),
    response: CaseDetail,
  }),
  merge: endpoint({
    id: "mergeCase",
    method: "POST",
    path: `${path}/:id/merge`,
    tag,
    summary: "put a case to another that is about the same matter; `into` its own id takes it out again",
    params: IdParams,
    body: Type.Object({ into: Uuid }, closed),
    response: CaseDetail,
  }),
  close: endpoint({
    id: "closeCase",
    method: "POST",
    path: `${path}/:id/close`,
    tag,
    summary: "close a case with what was found; all steps end but a block for somebody else's copy",
    params: IdParams,
    body: Type.Object({ finding: FindingName, reason: CaseReason }, closed),
    response: CaseDetail,
  }),
  reopen: endpoint({
    id: "reopenCase",
    method: "POST",
    path: `${path}/:id/reopen`,
    tag,
    summary: "open a closed case again",
    params: IdParams,
    body: Type.Object({ reason: CaseReason }, closed),
    response: CaseDetail,
  }),
  decide: endpoint({
    id: "takeCaseMeasure",
    method: "POST",
    path: `${path}/:id/measures`,
    tag,
    summary: "decide a step about a card, with a reason that its holder reads",
    params: IdParams,
    body: Type.Object({ measure: MeasureName, reason: CaseReason }, closed),
    response: CaseDetail,
    status: 201,
  }),
  end: endpoint({
    id: "endCaseMeasure",
    method: "POST",
    path: `${path}/:id/measures/:measureId/end`,
    tag,
    summary: "end a step",
    params: MeasureParams,
    body: Type.Object({ reason: CaseReason }, closed),
    response: CaseDetail,
  }),
  hold: endpoint({
    id: "linkCaseHold",
    method: "POST",
    path: `${path}/:id/hold`,
    tag,
    summary: "name the hold under which the evidence outlives its epoch",
    params: IdParams,
    body: Type.Object({ openingId: Uuid }, closed),
    response: CaseDetail,
  }),
  enterAppeal: endpoint({
    id: "enterCaseAppeal",
    method: "POST",
    path: `${path}/:id/appeals`,
    tag,
    summary: "write down what a holder says against a step, at the desk",
    params: IdParams,
    body: Type.Object({ words: Words }, closed),
    response: CaseDetail,
    status: 201,
  }),
  answerAppeal: endpoint({
    id: "answerCaseAppeal",
    method: "POST",
    path: `${path}/:id/appeals/:appealId/answer`,
    tag,
    summary: "answer an appeal; `upheld` ends all steps",
    params: AppealParams,
    body: Type.Object({ outcome: Type.Enum(["upheld", "refused"]), reason: CaseReason }, closed),
    response: CaseDetail,
  }),
  counts: endpoint({
    id: "getCaseCounts",
    method: "GET",
    path: `${API_BASE}/case-counts`,
    tag,
    summary: "how many cases ended how; families' own copies apart",
    response: CaseCounts,
  }),
} as const;

/** One tap as the holder's program knows it from its own trail, and nobody else but the community's staff. */
export const OwnTap = Type.Object(
  { accessPointId: Uuid, sequence: Type.Integer({ minimum: 1 }), at: EpochMs },
  closed,
);
export type OwnTap = Static<typeof OwnTap>;

/** A case as every resident's program gets it, all the same: whose it is only the holder's own program can tell. */
export const PublishedCase = Type.Object({
  id: Uuid,
  at: EpochMs,
  kind: Type.String(),
  /** Of taps of the card: 16 bytes each, see `caseMarkText`. */
  marks: Type.Array(Type.String()),
  /** Steps in force with their reasons. */
  measures: Type.Array(Type.Object({ measure: MeasureName, reason: Type.String(), since: EpochMs })),
  isAnswered: Type.Boolean(),
  isClosed: Type.Boolean(),
});
export type PublishedCase = Static<typeof PublishedCase>;

/** What a mark is the first 16 bytes of the SHA-256 of. Nobody guesses the millisecond of somebody else's tap. */
export function caseMarkText(caseId: string, { accessPointId, sequence, at }: OwnTap): string {
  return `menshen/case-mark/v1\n${caseId}\n${accessPointId}\n${sequence}\n${at}`;
}

export const residentCaseEndpoints = {
  list: endpoint({
    id: "listPublishedCases",
    method: "GET",
    path: OWN,
    tag: "resident",
    summary: "cases, the same for every resident; one's own program recognises its own",
    response: Type.Object({
      items: Type.Array(PublishedCase, { maxItems: 500 }),
      amnestyUntil: Type.Optional(EpochMs),
    }),
  }),
  answer: endpoint({
    id: "answerCase",
    method: "POST",
    path: `${OWN}/:id/answer`,
    tag: "resident",
    summary: "was this you? Shown to be the holder's by a tap that only the holder's program can name",
    params: IdParams,
    body: Type.Object(
      {
        tap: OwnTap,
        answer: AnswerName,
        /** The desk may know who it is, to help. Without it nobody is named. */
        callMe: Type.Boolean(),
      },
      closed,
    ),
    response: NoContent,
  }),
  lost: endpoint({
    id: "reportLostCard",
    method: "POST",
    path: `${API_BASE}/resident/lost-cards`,
    tag: "resident",
    summary: "the card of this own tap was lost: its uses from now on are told, and nobody is named",
    body: Type.Object({ tap: OwnTap }, closed),
    response: NoContent,
  }),
  appeal: endpoint({
    id: "appealCase",
    method: "POST",
    path: `${OWN}/:id/appeals`,
    tag: "resident",
    summary: "say something against a step about one's card",
    params: IdParams,
    body: Type.Object({ tap: OwnTap, words: Words }, closed),
    response: NoContent,
  }),
} as const;
