import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, NoContent, Uuid } from "./common.ts";
import { CREDENTIAL_LOG_STATES, CREDENTIAL_STATES, EnrolledCredential } from "./credentials.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const ALIRO = `${API_BASE}/aliro`;
const RESIDENT = `${API_BASE}/resident/aliro`;
const PublicKey = hexBytes(65, 65);
const DoorGroup = Type.Integer({ minimum: 1, maximum: 13 });

/** The longest life of an access document: what a gate without a network may believe of a credential that ended. */
export const LONGEST_DOCUMENT_DAYS = 31;
/** Doors that one document names. */
export const MAX_DOCUMENT_DOORS = 15;

/** A group of readers as telephones know it. */
const groupFields = {
  doorGroup: DoorGroup,
  /** First half of what its readers say they are. */
  identifier: hexBytes(16, 16),
  /** Signs its readers' certificates. */
  publicKey: PublicKey,
};
export const AliroGroup = Type.Object(groupFields);
export type AliroGroup = Static<typeof AliroGroup>;

/** Keys by which telephones know this community, and gates its documents. Those that ended are not among them. */
export const AliroState = Type.Object({
  /** Newest first; two of a door group while telephones move from one to the other. */
  groups: Type.Array(
    Type.Object({
      id: Uuid,
      ...groupFields,
      /** Of the readers' own keys. */
      readerVersion: Type.Integer({ minimum: 1 }),
      beganAt: EpochMs,
      /** The gates of its door group, with how long the certificates hold that they get today. */
      readers: Type.Array(
        Type.Object({ gateId: Uuid, gateName: Type.String(), from: EpochMs, until: EpochMs }),
      ),
    }),
  ),
  /** Sign access documents; the newest first, which signs new ones. */
  issuers: Type.Array(Type.Object({ id: Uuid, publicKey: PublicKey, beganAt: EpochMs })),
});
export type AliroState = Static<typeof AliroState>;

/** A reader for the desk: one telephone of one person proves itself to it, once. Its secret opens no door. */
export const AliroDeskReader = Type.Object({
  /** Of the group, and a name that no reader had before. */
  identifier: hexBytes(32, 32),
  secretKey: hexBytes(32, 32),
  /** Profile 0000, DER. */
  certificate: hexBytes(1, 1_024),
  /** Signed the certificate: telephones know the group by it. */
  groupKey: PublicKey,
});
export type AliroDeskReader = Static<typeof AliroDeskReader>;

/** What of an issued document is known: it is kept on the telephone, not here. */
export const IssuedDocument = Type.Object({
  id: Uuid,
  credentialId: Uuid,
  personId: Uuid,
  personName: Type.String(),
  /** The last digits of the telephone's key. */
  label: Type.String(),
  issuedAt: EpochMs,
  /** Absent where its holder asked for it. */
  issuedByName: Type.Optional(Type.String()),
  until: EpochMs,
  /** `good`; `withdrawn` before its end; `over` with its credential or a leaf that it carries. */
  state: Type.Enum(["good", "withdrawn", "over"]),
  /** Where the leaves that it proves stand in the log. */
  leafIndexes: Type.Array(Type.Integer({ minimum: 0 })),
});
export type IssuedDocument = Static<typeof IssuedDocument>;

/** A resident who wants a key on their telephone. */
export const PhoneKeyRequest = Type.Object({
  personId: Uuid,
  personName: Type.String(),
  dwellingId: Type.Optional(Uuid),
  dwellingName: Type.Optional(Type.String()),
  askedAt: EpochMs,
});
export type PhoneKeyRequest = Static<typeof PhoneKeyRequest>;

/** A key on a resident's own telephone. */
export const OwnPhoneKey = Type.Object({
  id: Uuid,
  label: Type.String(),
  enrolledAt: EpochMs,
  /** Only `active` opens. */
  state: Type.Enum([...CREDENTIAL_STATES]),
  stateChangedAt: EpochMs,
  /** How it stands to the public log; absent for one that ended. */
  log: Type.Optional(Type.Enum([...CREDENTIAL_LOG_STATES])),
  /** Its holder said yes to it with their own key, or on paper. */
  isSigned: Type.Boolean(),
});
export type OwnPhoneKey = Static<typeof OwnPhoneKey>;

const shows = { what: "credentials", reason: "required" } as const;

/** What an access document is to allow, at most what its holder's rules allow. */
export const AccessDocumentOrder = Type.Object(
  {
    /** Absent: from now. */
    from: Type.Optional(EpochMs),
    until: EpochMs,
    /** Absent: all doors of its holder that are open to them at any time. */
    portalIds: Type.Optional(
      Type.Array(Uuid, { minItems: 1, maxItems: MAX_DOCUMENT_DOORS, uniqueItems: true }),
    ),
    /** Local time of the community; absent: at any time. */
    windows: Type.Optional(
      Type.Array(
        Type.Object(
          {
            /** From Monday, 1, to Sunday, 7. */
            weekdays: Type.Array(Type.Enum([1, 2, 3, 4, 5, 6, 7]), {
              minItems: 1,
              maxItems: 7,
              uniqueItems: true,
            }),
            startMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
            endMinute: Type.Integer({ minimum: 1, maximum: 1440 }),
          },
          closed,
        ),
        { minItems: 1, maxItems: 4 },
      ),
    ),
  },
  closed,
);
export type AccessDocumentOrder = Static<typeof AccessDocumentOrder>;

/** For the telephone; the server keeps no copy. */
export const AccessDocument = Type.Object({
  personId: Uuid,
  portalIds: Type.Array(Uuid),
  until: EpochMs,
  /** Document `aliro-a`, CBOR: with it the log's proof, without which gates believe nothing of it. */
  document: Type.String(),
  /** Document `aliro-r`, CBOR: the newest list of revoked telephones, for doors that hear of it in no other way. */
  revocations: Type.Optional(Type.String()),
  /** Readers to be answered. */
  groups: Type.Array(AliroGroup),
});
export type AccessDocument = Static<typeof AccessDocument>;

function command<const Id extends string>(id: Id, path: string, summary: string) {
  return endpoint({
    id,
    method: "POST",
    path: `${ALIRO}/${path}`,
    tag: "credentials",
    summary,
    params: IdParams,
    response: AliroState,
    reason: "required",
  });
}

export const aliroEndpoints = {
  state: endpoint({
    id: "getAliroState",
    method: "GET",
    path: ALIRO,
    tag: "credentials",
    summary: "groups of readers and issuers of documents, as telephones and gates know them",
    response: AliroState,
  }),
  beginGroup: endpoint({
    id: "beginAliroGroup",
    method: "POST",
    path: `${ALIRO}/groups`,
    tag: "credentials",
    summary:
      "make a door group's gates readers of telephones, or begin the group that follows the present one",
    body: Type.Object({ doorGroup: DoorGroup }, closed),
    response: AliroState,
    reason: "required",
  }),
  endGroup: command(
    "endAliroGroup",
    "groups/:id/end",
    "take a group off its gates: telephones that know no other are cards there",
  ),
  renewReaders: command(
    "renewAliroReaders",
    "groups/:id/readers",
    "give every gate of a group a new key of its own; telephones notice nothing",
  ),
  beginIssuer: endpoint({
    id: "beginAliroIssuer",
    method: "POST",
    path: `${ALIRO}/issuers`,
    tag: "credentials",
    summary: "sign new documents with a new key; those of the key before stay good until it is ended",
    response: AliroState,
    reason: "required",
  }),
  endIssuer: command("endAliroIssuer", "issuers/:id/end", "gates believe no document of this key any more"),
  issueDocument: endpoint({
    id: "issueAccessDocument",
    method: "POST",
    path: `${API_BASE}/credentials/:id/access-document`,
    tag: "credentials",
    summary: "what a telephone carries to doors that have not heard of it; once its credential is published",
    params: IdParams,
    body: AccessDocumentOrder,
    bodyLimitBytes: 8_192,
    response: AccessDocument,
    status: 201,
    shows,
  }),
  withdrawDocuments: endpoint({
    id: "withdrawAccessDocuments",
    method: "POST",
    path: `${API_BASE}/credentials/:id/access-documents/withdrawal`,
    tag: "credentials",
    summary:
      "take back what a telephone carries; its credential stays, and gets no document before their ends",
    params: IdParams,
    response: Type.Object({ personId: Uuid, withdrawn: Type.Integer({ minimum: 0 }) }),
    reason: "required",
    shows,
  }),
  documents: endpoint({
    id: "listAccessDocuments",
    method: "GET",
    path: `${ALIRO}/documents`,
    tag: "credentials",
    summary: "documents that have not run out, the newest first, and where the log proves them",
    response: Type.Object({ items: Type.Array(IssuedDocument, { maxItems: 500 }) }),
    shows,
  }),
  beginDesk: endpoint({
    id: "beginAliroDesk",
    method: "POST",
    path: `${ALIRO}/desk`,
    tag: "credentials",
    summary: "a reader for the desk, to which a person's telephone proves that it holds its key",
    body: Type.Object({ personId: Uuid, groupId: Type.Optional(Uuid) }, closed),
    response: Type.Object({ id: Uuid, expiresAt: EpochMs, reader: AliroDeskReader }),
    status: 201,
  }),
  enrolPhone: endpoint({
    id: "enrolPhoneKey",
    method: "POST",
    path: `${ALIRO}/desk/:id/phone`,
    tag: "credentials",
    summary: "enrol the telephone that proved itself to a reader of the desk; once",
    params: IdParams,
    body: Type.Object(
      {
        /** As `menshen card read aliro --desk` prints it. */
        possession: hexBytes(275, 275),
        dwellingId: Type.Optional(Uuid),
        until: Type.Optional(EpochMs),
      },
      closed,
    ),
    response: EnrolledCredential,
    status: 201,
    shows,
  }),
  requests: endpoint({
    id: "listPhoneKeyRequests",
    method: "GET",
    path: `${ALIRO}/requests`,
    tag: "credentials",
    summary: "residents who want a key on their telephone, the longest waiting first",
    response: Type.Object({ items: Type.Array(PhoneKeyRequest, { maxItems: 500 }) }),
    shows,
  }),
} as const;

export const residentAliroEndpoints = {
  list: endpoint({
    id: "getResidentAliro",
    method: "GET",
    path: RESIDENT,
    tag: "resident",
    summary: "one's own telephones that open by Aliro, and the readers they answer",
    response: Type.Object({
      /** The newest first, those that ended too. */
      items: Type.Array(OwnPhoneKey),
      groups: Type.Array(AliroGroup),
      /** When one asked the desk for a key; absent: one did not, or got it. */
      askedAt: Type.Optional(EpochMs),
    }),
  }),
  ask: endpoint({
    id: "askForPhoneKey",
    method: "POST",
    path: `${RESIDENT}/request`,
    tag: "resident",
    summary: "ask the desk for a key on one's telephone",
    response: NoContent,
  }),
  takeBack: endpoint({
    id: "withdrawPhoneKeyRequest",
    method: "POST",
    path: `${RESIDENT}/request/withdrawal`,
    tag: "resident",
    summary: "ask no more",
    response: NoContent,
  }),
  remove: endpoint({
    id: "removeOwnPhoneKey",
    method: "POST",
    path: `${RESIDENT}/:id/removal`,
    tag: "resident",
    summary: "end the key on one's own telephone; it opens nothing more",
    params: IdParams,
    response: NoContent,
  }),
  issueDocument: endpoint({
    id: "issueOwnAccessDocument",
    method: "POST",
    path: `${RESIDENT}/:id/document`,
    tag: "resident",
    summary: "what one's own telephone carries to doors that have not heard of it",
    params: IdParams,
    body: AccessDocumentOrder,
    bodyLimitBytes: 8_192,
    response: AccessDocument,
    status: 201,
  }),
} as const;
