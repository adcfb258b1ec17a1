import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NameText, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { STAFF_BODIES } from "./view-reason.ts";

/** `wrongdoing`: a report that somebody did wrong; it never goes to those it is about. */
export const COMPLAINT_KINDS = ["complaint", "wrongdoing"] as const;
export type ComplaintKind = (typeof COMPLAINT_KINDS)[number];

/** What it is about, in words a resident would use. */
export const COMPLAINT_CATEGORIES = [
  "doors-and-cards",
  "face-or-pressure",
  "privacy",
  "staff-conduct",
  "fees",
  "building",
  "other",
] as const;
export type ComplaintCategory = (typeof COMPLAINT_CATEGORIES)[number];

/** `open`: the body has to answer; `answered`: the writer may say whether that will do; `closed`: it will. */
export const COMPLAINT_STATES = ["open", "answered", "closed"] as const;

/** How it came: in a resident's name, without one, or on paper. */
export const COMPLAINT_CHANNELS = ["resident", "anonymous", "paper"] as const;

/** Why a complaint went to another body: nobody answered in time, its writer wants it, or whoever had it says why. */
export const PASSING_CAUSES = ["unanswered", "writer", "handler"] as const;

/** What the writer makes of an answer. */
export const COMPLAINT_VERDICTS = ["satisfied", "reopen", "carry-up"] as const;
export type ComplaintVerdict = (typeof COMPLAINT_VERDICTS)[number];

/** Longest text of a complaint or an answer, in UTF-16 code units. */
export const COMPLAINT_TEXT_MOST = 4_000;

const Body = Type.Enum([...STAFF_BODIES]);
const LongText = Type.String({ minLength: 1, maxLength: COMPLAINT_TEXT_MOST });
/** 80 bits in Crockford's Base32, as typed. */
const Code = Type.String({ minLength: 16, maxLength: 40 });
const closed = { additionalProperties: false };

const InputFields = {
  kind: Type.Enum([...COMPLAINT_KINDS]),
  category: Type.Enum([...COMPLAINT_CATEGORIES]),
  to: Body,
  /** The body that it is about, if it is about one. That body never gets it. */
  aboutBody: Type.Optional(Body),
  /** The member of staff that it is about: they neither see nor handle it. */
  aboutStaffId: Type.Optional(Uuid),
  text: LongText,
};
export const ComplaintInput = Type.Object(InputFields, closed);
export type ComplaintInput = Static<typeof ComplaintInput>;

/** Without a name, and without the list of those who work here: whom it is about is written as on their badge. */
export const NamelessComplaintInput = Type.Object(
  { ...InputFields, aboutName: Type.Optional(NameText) },
  closed,
);
export type NamelessComplaintInput = Static<typeof NamelessComplaintInput>;

/** What happened to a complaint, in order. */
export const ComplaintStep = Type.Object({
  at: EpochMs,
  kind: Type.Enum(["received", "reminded", "passed-on", "answered", "late", "reopened", "satisfied"]),
  /** The body that had it. */
  body: Body,
  /** Of `passed-on`. */
  to: Type.Optional(Body),
  cause: Type.Optional(Type.Enum([...PASSING_CAUSES])),
  /** The answer, why it was handed on, or what the writer adds. */
  text: Type.Optional(Type.String()),
  /** Who of the staff did it, in words of their account; for staff only. */
  staffName: Type.Optional(Type.String()),
});
export type ComplaintStep = Static<typeof ComplaintStep>;

const Facts = {
  id: Uuid,
  kind: Type.Enum([...COMPLAINT_KINDS]),
  category: Type.Enum([...COMPLAINT_CATEGORIES]),
  /** Whose turn it is, or was. */
  body: Body,
  state: Type.Enum([...COMPLAINT_STATES]),
  channel: Type.Enum([...COMPLAINT_CHANNELS]),
  receivedAt: EpochMs,
  /** Exclusive: the end of the tenth day after it came, or came up. */
  answerBy: EpochMs,
  answeredAt: Type.Optional(EpochMs),
  /** Whom it is about, if its writer said so: a body, or a member of staff by the name of their account. */
  aboutBody: Type.Optional(Body),
  aboutStaff: Type.Optional(Type.String()),
};

/** A complaint as its writer sees it. */
export const OwnComplaint = Type.Object({
  ...Facts,
  text: Type.String(),
  steps: Type.Array(ComplaintStep),
  /** Signed; see `docs/protocol/complaints.md`. */
  receipt: Type.String(),
  /** With it the commitment in the receipt opens. */
  nonce: hexBytes(32, 32),
  /** Who could answer it next; absent where there is nobody above, or nothing to carry up. */
  next: Type.Optional(Body),
  /** Until when the writer may say that the answer will not do. */
  verdictUntil: Type.Optional(EpochMs),
});
export type OwnComplaint = Static<typeof OwnComplaint>;

const QueueFacts = {
  ...Facts,
  /** The fifth, or the eighth day has begun. */
  reminders: Type.Integer({ minimum: 0, maximum: 2 }),
  /** It should have been answered by now; only the last body still has it then. */
  late: Type.Boolean(),
  /** Why it came to this body from another one; absent where it was written to this one. */
  cameBy: Type.Optional(Type.Enum([...PASSING_CAUSES])),
};

/** One line of a body's queue. */
export const QueuedComplaint = Type.Object(QueueFacts);
export type QueuedComplaint = Static<typeof QueuedComplaint>;

/** One complaint as whoever handles it sees it. */
export const HandledComplaint = Type.Object({
  ...QueueFacts,
  text: Type.String(),
  steps: Type.Array(ComplaintStep),
  /** The writer, where they gave their name and a reason for the look was said. */
  writer: Type.Optional(Type.Object({ personId: Uuid, name: Type.String() })),
  /** Bodies that it can be handed on to. */
  handOnTo: Type.Array(Body),
});
export type HandledComplaint = Static<typeof HandledComplaint>;

/** Whom one can write to, and about whom. */
export const ComplaintRecipients = Type.Object({
  items: Type.Array(
    Type.Object({ body: Body, staff: Type.Array(Type.Object({ id: Uuid, name: Type.String() })) }),
  ),
});

/** A complaint that belongs to whoever has the code. */
export const CodedComplaint = Type.Object({ complaint: OwnComplaint, code: Type.String() });
export type CodedComplaint = Static<typeof CodedComplaint>;

const VerdictFields = {
  verdict: Type.Enum([...COMPLAINT_VERDICTS]),
  text: Type.Optional(LongText),
};

export const complaintEndpoints = {
  recipients: endpoint({
    id: "listComplaintRecipients",
    method: "GET",
    path: `${API_BASE}/resident/complaint-recipients`,
    tag: "complaints",
    summary: "whom a resident can write to, and about whom",
    response: ComplaintRecipients,
  }),
  own: endpoint({
    id: "listOwnComplaints",
    method: "GET",
    path: `${API_BASE}/resident/complaints`,
    tag: "complaints",
    summary: "one's own complaints, newest first",
    response: Type.Object({ items: Type.Array(OwnComplaint) }),
  }),
  write: endpoint({
    id: "writeComplaint",
    method: "POST",
    path: `${API_BASE}/resident/complaints`,
    tag: "complaints",
    summary: "complain in one's own name; the receipt comes at once",
    body: ComplaintInput,
    response: OwnComplaint,
    status: 201,
  }),
  judge: endpoint({
    id: "judgeComplaintAnswer",
    method: "POST",
    path: `${API_BASE}/resident/complaints/:id/verdict`,
    tag: "complaints",
    summary: "say whether the answer will do",
    params: IdParams,
    body: Type.Object(VerdictFields, closed),
    response: OwnComplaint,
  }),
  writeNameless: endpoint({
    id: "writeNamelessComplaint",
    method: "POST",
    // Outside the path of the residents' cookie: a browser sends nothing that tells who this is.
    path: `${API_BASE}/complaints`,
    tag: "complaints",
    summary: "complain without a name; the answer has a code, given once",
    body: NamelessComplaintInput,
    response: CodedComplaint,
    status: 201,
  }),
  follow: endpoint({
    id: "followComplaint",
    method: "POST",
    path: `${API_BASE}/complaints/follow`,
    tag: "complaints",
    summary: "read a complaint by its code",
    body: Type.Object({ code: Code }, closed),
    response: OwnComplaint,
  }),
  judgeNameless: endpoint({
    id: "judgeNamelessComplaintAnswer",
    method: "POST",
    path: `${API_BASE}/complaints/verdict`,
    tag: "complaints",
    summary: "say by the code whether the answer will do",
    body: Type.Object({ code: Code, ...VerdictFields }, closed),
    response: OwnComplaint,
  }),
  queue: endpoint({
    id: "listComplaints",
    method: "GET",
    path: `${API_BASE}/complaint-queue`,
    tag: "complaints",
    summary: "what one's own body has to answer, by deadline; or what it answered",
    query: Type.Object({ answered: Type.Optional(Type.Boolean()) }, closed),
    response: Type.Object({ items: Type.Array(QueuedComplaint), body: Body }),
  }),
  get: endpoint({
    id: "getComplaint",
    method: "GET",
    path: `${API_BASE}/complaint-queue/:id`,
    tag: "complaints",
    summary: "one complaint of one's own body",
    params: IdParams,
    response: HandledComplaint,
    shows: { what: "record", reason: "for-names" },
  }),
  answer: endpoint({
    id: "answerComplaint",
    method: "POST",
    path: `${API_BASE}/complaint-queue/:id/answer`,
    tag: "complaints",
    summary: "answer a complaint",
    params: IdParams,
    body: Type.Object({ text: LongText }, closed),
    response: QueuedComplaint,
  }),
  handOn: endpoint({
    id: "handOnComplaint",
    method: "POST",
    path: `${API_BASE}/complaint-queue/:id/hand-on`,
    tag: "complaints",
    summary: "hand a complaint on to another body; the deadline stays",
    params: IdParams,
    body: Type.Object({ to: Body, why: LongText }, closed),
    response: QueuedComplaint,
  }),
  enterPaper: endpoint({
    id: "enterPaperComplaint",
    method: "POST",
    path: `${API_BASE}/complaint-papers`,
    tag: "complaints",
    summary: "enter a complaint that came on paper; receipt and code are printed for its writer",
    body: ComplaintInput,
    response: CodedComplaint,
    status: 201,
  }),
  staffRecipients: endpoint({
    id: "listComplaintRecipientsForPaper",
    method: "GET",
    path: `${API_BASE}/complaint-recipients`,
    tag: "complaints",
    summary: "whom a complaint on paper can go to, and about whom",
    response: ComplaintRecipients,
  }),
} as const;
