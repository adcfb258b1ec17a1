import { OPENING_PATHS, OPENING_PURPOSES, type OpeningRefusalCode } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const Sha256Hex = hexBytes(32, 32);
const PathName = Type.Enum([...OPENING_PATHS]);
const PurposeName = Type.Enum([...OPENING_PURPOSES]);

/** The largest scan of a document. */
export const OPENING_DOCUMENT_MAX_BYTES = 4 * 1024 * 1024;

/** Scans that are taken. */
export const OPENING_DOCUMENT_KINDS = ["application/pdf", "image/jpeg", "image/png"] as const;

/** Where a request stands. `requested`: custodians may answer; the others are ends. */
export const OPENING_STATES = ["requested", "answered", "refused", "expired"] as const;
export type OpeningState = (typeof OPENING_STATES)[number];

/** Why a custodian does not answer. */
export const CUSTODIAN_REFUSALS = [
  "document-doubtful",
  "outside-scope",
  "not-logged",
  "no-legal-ground",
  "share-destroyed",
  "other",
] as const;
export type CustodianRefusal = (typeof CUSTODIAN_REFUSALS)[number];

/**
 * A request as somebody at the desk filled it in. Every field may be missing or nonsense: the answer says all that is
 * wrong, in codes whose words stand in `domain`.
 */
const Loose = Type.Optional(Type.Unknown());
export const OpeningIntake = Type.Object(
  {
    path: Loose,
    authority: Loose,
    documentNumber: Loose,
    documentSha256: Loose,
    accessPointIds: Loose,
    from: Loose,
    until: Loose,
    purpose: Loose,
    deadline: Loose,
    sealUntil: Loose,
    entryCap: Loose,
    extension: Loose,
    onCall: Loose,
    holdUntil: Loose,
    heldBy: Loose,
  },
  closed,
);
export type OpeningIntake = Static<typeof OpeningIntake>;

export const OpeningRefusalItem = Type.Object({
  code: Type.Unsafe<OpeningRefusalCode>(Type.String()),
  field: Type.String(),
});

/** What one custodian has done about a request. */
export const CustodianStanding = Type.Object({
  index: Type.Integer({ minimum: 1 }),
  body: Type.String(),
  onCall: Type.Boolean(),
  /** Entries for which its answer counts. */
  answeredCount: Type.Integer({ minimum: 0 }),
  /** Answers of its program that were not counted, because their proof did not hold. */
  rejectedCount: Type.Integer({ minimum: 0 }),
  refused: Type.Optional(Type.Enum([...CUSTODIAN_REFUSALS])),
  /** It had not answered when half of the time was over. */
  remindedAt: Type.Optional(EpochMs),
  /** Nor when nine tenths were over: then it is named to the others and in the log. */
  lateAt: Type.Optional(EpochMs),
  /** It has answered, and is asked again for entries that arrived later. */
  askedAgain: Type.Optional(Type.Boolean()),
});
export type CustodianStanding = Static<typeof CustodianStanding>;

const OpeningFields = {
  id: Uuid,
  state: Type.Enum([...OPENING_STATES]),
  path: PathName,
  requestedAt: EpochMs,
  deadline: EpochMs,
  sealUntil: EpochMs,
  /** The leaf stands in a published checkpoint; before, no custodian sees the request. */
  logged: Type.Boolean(),
  /** Entries in scope. */
  entryCount: Type.Integer({ minimum: 0 }),
  /** A hold: nothing is opened, the entries are sealed again so that they can be opened until then. */
  holdUntil: Type.Optional(EpochMs),
  /** The hold from which entries are opened. */
  heldBy: Type.Optional(Uuid),
};

export const Opening = Type.Object({
  ...OpeningFields,
  authority: Type.String(),
  documentNumber: Type.Optional(Type.String()),
  accessPointIds: Type.Array(Uuid),
  from: EpochMs,
  until: EpochMs,
  purpose: PurposeName,
  endedAt: Type.Optional(EpochMs),
  openedCount: Type.Optional(Type.Integer({ minimum: 0 })),
  custodians: Type.Array(CustodianStanding),
  /** `ready`: the sealed result waits to be handed over; then it is gone from here. */
  package: Type.Enum(["none", "ready", "handed-over"]),
  disclosedAt: Type.Optional(EpochMs),
  /** Of a hold: since then nothing of it is left. */
  holdEndedAt: Type.Optional(EpochMs),
  /** Emergencies only. */
  review: Type.Optional(
    Type.Object({
      dueAt: EpochMs,
      overdue: Type.Boolean(),
      doneAt: Type.Optional(EpochMs),
      outcome: Type.Optional(Type.Enum(["justified", "not-justified"])),
    }),
  ),
});
export type Opening = Static<typeof Opening>;

export const OpeningOutcome = Type.Object({
  accepted: Type.Boolean(),
  /** Empty if accepted. */
  refusals: Type.Array(OpeningRefusalItem),
  opening: Type.Optional(Opening),
});
export type OpeningOutcome = Static<typeof OpeningOutcome>;

/** A request as a custodian's program sees it: everything it must check by itself. */
export const CustodianOpening = Type.Object({
  ...OpeningFields,
  /** Canonical JSON of the leaf `opening-requested`, and the salt that opens it. */
  statement: Type.String(),
  salt: hexBytes(32, 32),
  /** C2SP tlog-proof with the published checkpoint. */
  proof: Type.String(),
  /** Names of the doors as the community states them; nothing proves them. */
  doorNames: Type.Optional(Type.Array(Type.Object({ id: Uuid, name: Type.String() }))),
  /** Journal entries in scope as their gates wrote them, in one order. */
  entries: Type.Array(Type.Object({ gateId: Uuid, entry: hexBytes(1, 4096) })),
  /** Instead of entries, where a hold is opened: what it kept, to be answered like sealed entries. */
  held: Type.Optional(Type.Array(hexBytes(1, 512))),
  custodians: Type.Array(CustodianStanding),
});
export type CustodianOpening = Static<typeof CustodianOpening>;

export const CustodianOpeningItem = Type.Object({
  ...OpeningFields,
  custodians: Type.Array(CustodianStanding),
});
export type CustodianOpeningItem = Static<typeof CustodianOpeningItem>;

/** Why a partial was not counted: that of `custody`, or the custodian's own index does not stand in it. */
export const PARTIAL_FAULTS = [
  "malformed",
  "not-yours",
  "not-asked",
  "unknown-custodian",
  "other-entry",
  "invalid-proof",
  "twice",
] as const;

/** Counts of a year, all of them from public topics of the log. */
export const OpeningReport = Type.Object({
  year: Type.Integer(),
  requests: Type.Integer(),
  refusals: Type.Integer(),
  expired: Type.Integer(),
  answered: Type.Integer(),
  entriesOpened: Type.Integer(),
  emergencies: Type.Integer(),
  reviewed: Type.Integer(),
  lateAnswers: Type.Integer(),
  holds: Type.Integer(),
});
export type OpeningReport = Static<typeof OpeningReport>;

/** What a verifier pins, to be compared with what it got from elsewhere. The file of `menshen verify package --keys`. */
export const OpeningKeys = Type.Object(
  {
    /** First line of the log's checkpoints. */
    origin: Type.String(),
    /** C2SP verifier keys. */
    logKey: Type.String(),
    communityKey: Type.String(),
    witnesses: Type.Array(Type.Object({ body: Type.String(), key: Type.String() }, closed)),
    quorum: Type.Integer({ minimum: 0 }),
    /** Every set that ever held keys. */
    custodianSets: Type.Array(
      Type.Object(
        {
          version: Type.Integer({ minimum: 1 }),
          threshold: Type.Integer({ minimum: 2 }),
          members: Type.Array(Type.Object({ body: Type.String(), identityKey: hexBytes(32, 32) }, closed)),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type OpeningKeys = Static<typeof OpeningKeys>;

export const OpeningSettings = Type.Object(
  { sealMaxDays: Type.Integer({ minimum: 1, maximum: 366 }) },
  closed,
);
export type OpeningSettings = Static<typeof OpeningSettings>;

export const openingEndpoints = {
  check: endpoint({
    id: "checkOpening",
    method: "POST",
    path: `${API_BASE}/openings/check`,
    tag: "openings",
    summary: "what would be refused about a request; nothing is recorded",
    body: OpeningIntake,
    response: OpeningOutcome,
  }),
  request: endpoint({
    id: "requestOpening",
    method: "POST",
    path: `${API_BASE}/openings`,
    tag: "openings",
    summary: "take in a request; accepted or refused, it stands in the evidence log",
    body: OpeningIntake,
    response: OpeningOutcome,
    status: 201,
  }),
  addDocument: endpoint({
    id: "addOpeningDocument",
    method: "POST",
    path: `${API_BASE}/openings/documents`,
    tag: "openings",
    summary: "hand in the scan of a document; it is kept sealed and named by its SHA-256",
    body: Type.Object(
      {
        kind: Type.Enum([...OPENING_DOCUMENT_KINDS]),
        /** Base64 with padding. */
        content: Type.String({
          minLength: 4,
          maxLength: Math.ceil(OPENING_DOCUMENT_MAX_BYTES / 3) * 4,
          pattern: "^[A-Za-z0-9+/]+={0,2}$",
        }),
      },
      closed,
    ),
    response: Type.Object({ documentSha256: Sha256Hex }),
    status: 201,
    // As base64, with a little room for the rest.
    bodyLimitBytes: Math.ceil(OPENING_DOCUMENT_MAX_BYTES / 3) * 4 + 1_024,
  }),
  list: endpoint({
    id: "listOpenings",
    method: "GET",
    path: `${API_BASE}/openings`,
    tag: "openings",
    summary: "requests, newest first",
    response: Type.Object({ items: Type.Array(Opening) }),
  }),
  get: endpoint({
    id: "getOpening",
    method: "GET",
    path: `${API_BASE}/openings/:id`,
    tag: "openings",
    summary: "one request and how far it is",
    params: IdParams,
    response: Opening,
  }),
  handOver: endpoint({
    id: "handOverOpening",
    method: "POST",
    path: `${API_BASE}/openings/:id/package`,
    tag: "openings",
    summary: "take the package out, once; the result is then gone from this server",
    params: IdParams,
    response: Type.Object({ package: Type.String(), sha256: Sha256Hex }),
    reason: "required",
  }),
  supplement: endpoint({
    id: "supplementOpening",
    method: "POST",
    path: `${API_BASE}/openings/:id/supplement`,
    tag: "openings",
    summary:
      "take in entries of the same doors and window that arrived after the request; stands in the evidence log if there are any",
    params: IdParams,
    response: Type.Object({ added: Type.Integer({ minimum: 0 }), opening: Opening }),
    reason: "required",
  }),
  extendSeal: endpoint({
    id: "extendOpeningSeal",
    method: "POST",
    path: `${API_BASE}/openings/:id/seal`,
    tag: "openings",
    summary: "let the seal last longer, by a new document only",
    params: IdParams,
    body: Type.Object({ sealUntil: EpochMs, documentSha256: Sha256Hex }, closed),
    response: Opening,
  }),
  review: endpoint({
    id: "reviewOpening",
    method: "POST",
    path: `${API_BASE}/openings/:id/review`,
    tag: "openings",
    summary: "review an emergency; due within 72 hours, with the papers that were left out",
    params: IdParams,
    body: Type.Object(
      {
        outcome: Type.Enum(["justified", "not-justified"]),
        /** Needed for `justified` where the request came without them; the scan is handed in before. */
        documentNumber: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        documentSha256: Type.Optional(Sha256Hex),
      },
      closed,
    ),
    response: Opening,
    reason: "required",
  }),
  settings: endpoint({
    id: "getOpeningSettings",
    method: "GET",
    path: `${API_BASE}/opening-settings`,
    tag: "openings",
    summary: "how long a seal may last",
    response: OpeningSettings,
  }),
  changeSettings: endpoint({
    id: "changeOpeningSettings",
    method: "PUT",
    path: `${API_BASE}/opening-settings`,
    tag: "openings",
    summary: "change how long a seal may last; stands in the evidence log",
    body: OpeningSettings,
    response: OpeningSettings,
    reason: "required",
  }),
  keys: endpoint({
    id: "getOpeningKeys",
    method: "GET",
    path: `${API_BASE}/opening-keys`,
    tag: "openings",
    summary: "the keys by which a package is verified; for anybody",
    response: OpeningKeys,
  }),
  report: endpoint({
    id: "getOpeningReport",
    method: "GET",
    path: `${API_BASE}/opening-report/:year`,
    tag: "openings",
    summary: "counts of a year, and the same recounted from the log's public statements; for anybody",
    params: Type.Object({ year: Type.String({ pattern: "^2[0-9]{3}$" }) }, closed),
    response: Type.Object({ report: OpeningReport, recount: OpeningReport, equal: Type.Boolean() }),
  }),
} as const;

/** For custodians' programs (see `custody.ts`): requests whose leaf is published, and nothing else. */
export const custodianOpeningEndpoints = {
  list: endpoint({
    id: "listCustodianOpenings",
    method: "GET",
    path: `${API_BASE}/custodian/openings`,
    tag: "custodian",
    summary: "logged requests that wait for answers, and who is late",
    response: Type.Object({ items: Type.Array(CustodianOpeningItem) }),
  }),
  get: endpoint({
    id: "getCustodianOpening",
    method: "GET",
    path: `${API_BASE}/custodian/openings/:id`,
    tag: "custodian",
    summary: "a logged request with its proof and the entries in scope",
    params: IdParams,
    response: CustodianOpening,
  }),
  answer: endpoint({
    id: "answerOpening",
    method: "POST",
    path: `${API_BASE}/custodian/openings/:id/partials`,
    tag: "custodian",
    summary: "give partial decryptions; each is checked, bad ones are named and not counted",
    params: IdParams,
    body: Type.Object(
      {
        /** Encoded as `custody` encodes them; for a hold sealed again. */
        partials: Type.Array(hexBytes(1, 512), { minItems: 1, maxItems: 16_000 }),
      },
      closed,
    ),
    response: Type.Object({
      counted: Type.Integer({ minimum: 0 }),
      rejected: Type.Array(
        Type.Object({
          /** In the list that was sent, from 0. */
          position: Type.Integer({ minimum: 0 }),
          fault: Type.Enum([...PARTIAL_FAULTS]),
        }),
      ),
      state: Type.Enum([...OPENING_STATES]),
    }),
  }),
  refuse: endpoint({
    id: "refuseOpening",
    method: "POST",
    path: `${API_BASE}/custodian/openings/:id/refusal`,
    tag: "custodian",
    summary:
      "answer nothing, and say why; when too few are left to open, the request is refused in the evidence log",
    params: IdParams,
    body: Type.Object({ reason: Type.Enum([...CUSTODIAN_REFUSALS]) }, closed),
    response: NoContent,
  }),
} as const;
