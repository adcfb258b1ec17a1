import Type, { type Static } from "typebox";
import { API_BASE, EpochMs, hexBytes, IdParams, Uuid } from "./common.ts";
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
    }),
  ),
  /** Sign access documents; the newest first, which signs new ones. */
  issuers: Type.Array(Type.Object({ id: Uuid, publicKey: PublicKey, beganAt: EpochMs })),
});
export type AliroState = Static<typeof AliroState>;

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
    shows: { what: "credentials", reason: "required" },
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
      items: Type.Array(Type.Object({ id: Uuid, label: Type.String(), enrolledAt: EpochMs })),
      groups: Type.Array(AliroGroup),
    }),
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
