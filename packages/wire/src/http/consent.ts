import { CONSENT_PURPOSES, CONSENT_WAYS, NOTICE_PARTS, type NoticePart } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, LocalDateText, NoContent, Revision, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { EvidencePlace } from "./resident.ts";

const closed = { additionalProperties: false };
const RESIDENT = `${API_BASE}/resident`;

const Sha256 = hexBytes(32, 32);
const Signature = hexBytes(64, 64);
const Purpose = Type.Enum([...CONSENT_PURPOSES]);
/** Lines of text as people write them; no control characters but line breaks. */
const Prose = Type.String({ maxLength: 2_000, pattern: "^[^\\u0000-\\u0009\\u000b-\\u001f\\u007f]*$" });
const ShortText = Type.String({ maxLength: 120, pattern: "^[^\\u0000-\\u001f\\u007f]*$" });
const Party = Type.Object({ name: ShortText, contact: ShortText }, closed);
const Both = Type.Object({ "zh-CN": Prose, en: Prose }, closed);

/** A notice's texts for people, part by part. */
const NoticeTexts = Type.Object(
  // Every part is named once, by the list.
  Object.fromEntries(NOTICE_PARTS.map((part) => [part, Both])) as Record<NoticePart, typeof Both>,
  closed,
);

const written = {
  controller: Party,
  processor: Party,
  subProcessors: Type.Array(Type.Object({ name: ShortText, task: ShortText }, closed), { maxItems: 20 }),
  deleteWithinDays: Type.Integer({ minimum: 0, maximum: 1_100 }),
  texts: NoticeTexts,
};

/** What may be drafted: anything; what is wrong with it is said when somebody wants to publish it. */
export const NoticeDraftInput = Type.Object(
  {
    ...written,
    purposes: Type.Array(Purpose, { maxItems: CONSENT_PURPOSES.length, uniqueItems: true }),
    endsAt: Type.Optional(EpochMs),
    revocable: Type.Boolean(),
    sublicensable: Type.Boolean(),
  },
  closed,
);
export type NoticeDraftInput = Static<typeof NoticeDraftInput>;

/** A notice as it was published; its hash is that of `noticeText` of it. */
export const PublishedNotice = Type.Object({
  ...written,
  id: Uuid,
  communityId: Uuid,
  seriesId: Uuid,
  version: Type.Integer({ minimum: 1 }),
  purpose: Purpose,
  endsAt: EpochMs,
  sha256: Sha256,
  publishedAt: EpochMs,
  /** The newest of its series: what is asked now. */
  current: Type.Boolean(),
});
export type PublishedNotice = Static<typeof PublishedNotice>;

export const NoticeDraftRecord = Type.Object({
  id: Uuid,
  seriesId: Uuid,
  revision: Revision,
  draftedAt: EpochMs,
  draft: NoticeDraftInput,
  /** Codes of `noticeFaults`: what must change before it can be published. */
  faults: Type.Array(Type.String()),
});
export type NoticeDraftRecord = Static<typeof NoticeDraftRecord>;

/**
 * How a consent stands:
 * - `waiting`: a paper that nobody else has confirmed yet; it allows nothing;
 * - `in-force`; `suspended`: the notice changed in what it is for, and nobody has been asked again; it allows nothing;
 * - `ended` with its time; `withdrawn`; `replaced` by a later one to the same notice.
 */
export const CONSENT_STATES = ["waiting", "in-force", "suspended", "ended", "withdrawn", "replaced"] as const;
export type ConsentState = (typeof CONSENT_STATES)[number];

/** A receipt, and where it stands in the evidence log: the statement names its SHA-256. */
export const KeptReceipt = Type.Object({
  /** As `verifyConsentReceipt` takes it, to the byte. */
  text: Type.String(),
  evidence: Type.Optional(EvidencePlace),
});
export type KeptReceipt = Static<typeof KeptReceipt>;

export const ConsentRecord = Type.Object({
  recordId: Uuid,
  personId: Uuid,
  seriesId: Uuid,
  purpose: Purpose,
  processor: Type.String(),
  noticeVersion: Type.Integer(),
  noticeSha256: Sha256,
  state: Type.Enum([...CONSENT_STATES]),
  way: Type.Enum([...CONSENT_WAYS]),
  /** Who consented for a child. */
  guardianId: Type.Optional(Uuid),
  enteredAt: EpochMs,
  givenAt: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
  withdrawnAt: Type.Optional(EpochMs),
  receipt: Type.Optional(KeptReceipt),
  withdrawalReceipt: Type.Optional(KeptReceipt),
});
export type ConsentRecord = Static<typeof ConsentRecord>;

/** Somebody under 14 at home, for whom this resident may consent. */
export const Ward = Type.Object({
  personId: Uuid,
  displayName: Type.String(),
  records: Type.Array(ConsentRecord),
});
export type Ward = Static<typeof Ward>;

export const CONTACT_KINDS = ["phone", "email"] as const;
export const Contact = Type.Object(
  {
    kind: Type.Enum([...CONTACT_KINDS]),
    value: Type.String({ minLength: 3, maxLength: 120, pattern: "^[^\\u0000-\\u001f\\u007f]+$" }),
  },
  closed,
);
export type Contact = Static<typeof Contact>;

/** What a resident sees of their consents. */
export const ResidentConsents = Type.Object({
  /** Every notice that asks now. None is agreed to unless a record says so. */
  notices: Type.Array(PublishedNotice),
  /** One's own, newest first. */
  records: Type.Array(ConsentRecord),
  wards: Type.Array(Ward),
  /** A guardian must sign for oneself until that day. */
  guardianUntil: Type.Optional(LocalDateText),
  contact: Type.Optional(Contact),
});
export type ResidentConsents = Static<typeof ResidentConsents>;

/** All that shows how somebody was asked and what they said; every receipt in it is signed. */
export const ConsentExport = Type.Object({
  use: Type.Literal("menshen/consent-export/v1"),
  communityId: Uuid,
  communityName: Type.String(),
  personId: Uuid,
  madeAt: EpochMs,
  /** C2SP verifier key that the receipts are signed with. */
  receiptKey: Type.String(),
  notices: Type.Array(
    Type.Object({
      sha256: Sha256,
      /** What the hash covers, to the byte. */
      text: Type.String(),
    }),
  ),
  records: Type.Array(ConsentRecord),
  /** The community's signature over everything above as canonical JSON, with `menshen/consent-export/v1\n` before it. */
  signature: Signature,
});
export type ConsentExport = Static<typeof ConsentExport>;

/** What is kept of somebody beside name and home. */
export const Enrolment = Type.Object({
  contact: Type.Optional(Contact),
  /** That their identity was checked, by whom and when; never a number. */
  verified: Type.Optional(Type.Object({ issuer: Type.String(), at: EpochMs })),
  /** A guardian must sign until that day; neither age nor birthday is kept. */
  guardianUntil: Type.Optional(LocalDateText),
});
export type Enrolment = Static<typeof Enrolment>;

/** A paper that waits for a second person. */
const WaitingPaper = Type.Object({
  recordId: Uuid,
  personId: Uuid,
  displayName: Type.String(),
  purpose: Purpose,
  processor: Type.String(),
  noticeSha256: Sha256,
  enteredAt: EpochMs,
  /** The session that asks entered it itself and cannot confirm it. */
  own: Type.Boolean(),
});
export type WaitingPaper = Static<typeof WaitingPaper>;

export const consentNoticeEndpoints = {
  published: endpoint({
    id: "listConsentNotices",
    method: "GET",
    path: `${API_BASE}/consent-notices`,
    tag: "consent",
    summary: "every notice that was ever published, newest first; for anybody",
    response: Type.Object({ items: Type.Array(PublishedNotice) }),
  }),
  receiptKey: endpoint({
    id: "getReceiptKey",
    method: "GET",
    path: `${API_BASE}/receipt-key`,
    tag: "consent",
    summary: "the key that receipts are signed with (C2SP verifier key); pin it, and compare it with paper",
    response: Type.Object({ key: Type.String() }),
  }),
  drafts: endpoint({
    id: "listNoticeDrafts",
    method: "GET",
    path: `${API_BASE}/consent-drafts`,
    tag: "consent",
    summary: "drafts, and what must change in each before it can be published",
    response: Type.Object({ items: Type.Array(NoticeDraftRecord) }),
  }),
  draft: endpoint({
    id: "draftNotice",
    method: "POST",
    path: `${API_BASE}/consent-drafts`,
    tag: "consent",
    summary: "draft a notice, or the next version of one",
    body: Type.Object({ draft: NoticeDraftInput, seriesId: Type.Optional(Uuid) }, closed),
    response: NoticeDraftRecord,
    status: 201,
  }),
  redraft: endpoint({
    id: "changeNoticeDraft",
    method: "PUT",
    path: `${API_BASE}/consent-drafts/:id`,
    tag: "consent",
    summary: "change a draft; what was published never changes",
    params: IdParams,
    body: Type.Object({ draft: NoticeDraftInput, revision: Revision }, closed),
    response: NoticeDraftRecord,
  }),
  discard: endpoint({
    id: "discardNoticeDraft",
    method: "DELETE",
    path: `${API_BASE}/consent-drafts/:id`,
    tag: "consent",
    summary: "throw a draft away",
    params: IdParams,
    response: NoContent,
  }),
  publish: endpoint({
    id: "publishNotice",
    method: "POST",
    path: `${API_BASE}/consent-drafts/:id/publication`,
    tag: "consent",
    summary:
      "publish a draft for good; consents that do not cover it are suspended until people are asked again",
    params: IdParams,
    body: Type.Object({ revision: Revision }, closed),
    response: PublishedNotice,
    status: 201,
    reason: "required",
  }),
} as const;

export const residentConsentEndpoints = {
  list: endpoint({
    id: "listOwnConsents",
    method: "GET",
    path: `${RESIDENT}/consents`,
    tag: "resident",
    summary: "what one is asked, what one said to it, and children at home one may sign for",
    response: ResidentConsents,
  }),
  give: endpoint({
    id: "giveConsent",
    method: "POST",
    path: `${RESIDENT}/consents`,
    tag: "resident",
    summary: "agree to one purpose, signed with one's own key; for a child at home by its id",
    body: Type.Object(
      {
        recordId: Uuid,
        purpose: Purpose,
        /** Of the notice that was shown; refused with `stale-revision` unless it is the one that asks now. */
        noticeSha256: Sha256,
        childId: Type.Optional(Uuid),
        signature: Signature,
      },
      closed,
    ),
    response: ConsentRecord,
    status: 201,
  }),
  withdraw: endpoint({
    id: "withdrawConsent",
    method: "POST",
    path: `${RESIDENT}/consents/:id/withdrawal`,
    tag: "resident",
    summary: "withdraw at once, signed with one's own key",
    params: IdParams,
    body: Type.Object({ signature: Signature }, closed),
    response: ConsentRecord,
  }),
  export: endpoint({
    id: "exportOwnConsents",
    method: "GET",
    path: `${RESIDENT}/consents/export`,
    tag: "resident",
    summary: "every notice, receipt and alternative, signed",
    response: ConsentExport,
  }),
  setContact: endpoint({
    id: "setOwnContact",
    method: "PUT",
    path: `${RESIDENT}/contact`,
    tag: "resident",
    summary: "the one contact, while one agrees to it being kept",
    body: Contact,
    response: NoContent,
  }),
  removeContact: endpoint({
    id: "removeOwnContact",
    method: "DELETE",
    path: `${RESIDENT}/contact`,
    tag: "resident",
    summary: "delete one's contact",
    response: NoContent,
  }),
} as const;

/** Of the desk: consent on paper, and what is kept of somebody beside their name. */
export const consentDeskEndpoints = {
  list: endpoint({
    id: "listPersonConsents",
    method: "GET",
    path: `${API_BASE}/people/:id/consents`,
    tag: "consent",
    summary: "what a person agreed to",
    params: IdParams,
    response: Type.Object({ items: Type.Array(ConsentRecord) }),
    shows: { what: "record", reason: "required" },
  }),
  enterPaper: endpoint({
    id: "enterConsentPaper",
    method: "POST",
    path: `${API_BASE}/people/:id/consents`,
    tag: "consent",
    summary: "enter a signed paper; it allows nothing until somebody else confirms it",
    params: IdParams,
    body: Type.Object({ purpose: Purpose, noticeSha256: Sha256, guardianId: Type.Optional(Uuid) }, closed),
    response: ConsentRecord,
    status: 201,
    shows: { what: "record", reason: "required" },
  }),
  waiting: endpoint({
    id: "listWaitingPapers",
    method: "GET",
    path: `${API_BASE}/consent-papers`,
    tag: "consent",
    summary: "papers that wait for a second person",
    response: Type.Object({ items: Type.Array(WaitingPaper) }),
    shows: { what: "list", reason: "required" },
  }),
  confirm: endpoint({
    id: "confirmConsentPaper",
    method: "POST",
    path: `${API_BASE}/consent-papers/:id/confirmation`,
    tag: "consent",
    summary: "confirm a paper that somebody else entered",
    params: IdParams,
    response: ConsentRecord,
    shows: { what: "record", reason: "required" },
  }),
  withdraw: endpoint({
    id: "withdrawConsentOnPaper",
    method: "POST",
    path: `${API_BASE}/consent-papers/:id/withdrawal`,
    tag: "consent",
    summary: "withdraw for somebody who asks for it at the desk; at once, by one member of staff",
    params: IdParams,
    response: ConsentRecord,
    shows: { what: "record", reason: "required" },
  }),
  export: endpoint({
    id: "exportPersonConsents",
    method: "GET",
    path: `${API_BASE}/people/:id/consents/export`,
    tag: "consent",
    summary: "evidence of how a person was asked and what they said, signed",
    params: IdParams,
    response: ConsentExport,
    shows: { what: "record", reason: "required" },
  }),
  enrolment: endpoint({
    id: "getEnrolment",
    method: "GET",
    path: `${API_BASE}/people/:id/enrolment`,
    tag: "consent",
    summary: "contact, whether an identity was checked, whether a guardian must sign",
    params: IdParams,
    response: Type.Intersect([Type.Object({ personId: Uuid }), Enrolment]),
    shows: { what: "record", reason: "required" },
  }),
  setContact: endpoint({
    id: "setContact",
    method: "PUT",
    path: `${API_BASE}/people/:id/contact`,
    tag: "consent",
    summary: "a person's one contact, while they agree to it being kept",
    params: IdParams,
    body: Contact,
    response: NoContent,
  }),
  removeContact: endpoint({
    id: "removeContact",
    method: "DELETE",
    path: `${API_BASE}/people/:id/contact`,
    tag: "consent",
    summary: "delete a person's contact",
    params: IdParams,
    response: NoContent,
  }),
  verify: endpoint({
    id: "recordIdentityCheck",
    method: "PUT",
    path: `${API_BASE}/people/:id/identity-check`,
    tag: "consent",
    summary:
      "that somebody's identity was checked, and by whom; nothing else of it is kept, and nothing depends on it",
    params: IdParams,
    body: Type.Object(
      { issuer: Type.String({ minLength: 1, maxLength: 80, pattern: "^[^\\u0000-\\u001f\\u007f]+$" }) },
      closed,
    ),
    response: NoContent,
  }),
  setGuardian: endpoint({
    id: "setGuardianNeed",
    method: "PUT",
    path: `${API_BASE}/people/:id/guardian-need`,
    tag: "consent",
    summary: "the day until which a guardian must sign for a child: its 14th birthday; absent: nobody must",
    params: IdParams,
    body: Type.Object({ until: Type.Optional(LocalDateText) }, closed),
    response: NoContent,
  }),
} as const;
