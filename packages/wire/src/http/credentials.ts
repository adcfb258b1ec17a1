import Type, { type Static } from "typebox";
import { ChangeReason } from "./change-reason.ts";
import {
  API_BASE,
  CredentialKindName,
  EpochMs,
  GradeLetter,
  hexBytes,
  IdParams,
  LocalDateText,
  PageFields,
  pageOf,
  RecordFields,
  Uuid,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/**
 * The life of a credential; only `active` opens. `ordered`: there is no card yet; `personalised`: written, not handed over;
 * `blocked` can be undone; `lost` is blocked by report and undone as "found"; `returned` lies at the desk, which may enrol
 * it for another; `replaced` and `destroyed` are final.
 */
export const CREDENTIAL_STATES = [
  "ordered",
  "personalised",
  "active",
  "blocked",
  "lost",
  "returned",
  "replaced",
  "destroyed",
] as const;
export type CredentialState = (typeof CREDENTIAL_STATES)[number];
const CredentialStateName = Type.Enum([...CREDENTIAL_STATES]);

/**
 * How a credential stands to the public log, without which it opens nothing: `second-person` waits for another member of staff,
 * `on-its-way` for the log itself, `published` is there.
 */
export const CREDENTIAL_LOG_STATES = ["second-person", "on-its-way", "published"] as const;
export type CredentialLogState = (typeof CREDENTIAL_LOG_STATES)[number];

/** What its holder signed on getting a credential: a paper that the desk keeps, or with their own key. */
export const CredentialReceipt = Type.Object({
  at: EpochMs,
  way: Type.Enum(["paper", "own-key"]),
  /** Of the paper. */
  number: Type.Optional(Type.String()),
  /** Of the paper. */
  date: Type.Optional(LocalDateText),
});
export type CredentialReceipt = Static<typeof CredentialReceipt>;

export const Credential = Type.Object({
  id: Uuid,
  revision: RecordFields.revision,
  kind: CredentialKindName,
  /** The best grade that this kind can reach. */
  grade: GradeLetter,
  /** What a person at the desk recognises it by: the identifier's last four digits, never all. */
  label: Type.String(),
  state: CredentialStateName,
  personId: Uuid,
  personName: Type.String(),
  dwellingId: Type.Optional(Uuid),
  dwellingName: Type.Optional(Type.String()),
  from: Type.Optional(EpochMs),
  until: Type.Optional(EpochMs),
  enrolledAt: EpochMs,
  stateChangedAt: EpochMs,
  /** Door groups that the card carries keys for; empty for kinds without keys. */
  doorGroups: Type.Array(Type.Integer()),
  replacedById: Type.Optional(Uuid),
  replacesId: Type.Optional(Uuid),
  /** Lent: it ends by itself, and is to come back. */
  temporary: Type.Optional(Type.Literal(true)),
  /** It shows everybody a random number. */
  hidesUid: Type.Optional(Type.Literal(true)),
  /** It counts its taps. */
  countsTaps: Type.Optional(Type.Literal(true)),
  receipt: Type.Optional(CredentialReceipt),
  /** Its holder says that they never got it, and has not signed for it since. */
  deniedAt: Type.Optional(EpochMs),
  /** Absent where it was not asked for, and for what is lost or replaced. */
  log: Type.Optional(
    Type.Object({
      state: Type.Enum([...CREDENTIAL_LOG_STATES]),
      /** When the log took it; with `published` only. */
      since: Type.Optional(EpochMs),
    }),
  ),
});
export type Credential = Static<typeof Credential>;

/** What a reader could tell of the chip, each part if it could: chips with a maker's back door are refused. */
export const ChipReading = Type.Object(
  {
    /** In the order of the air interface. */
    atqa: Type.Optional(hexBytes(2, 2)),
    sak: Type.Optional(hexBytes(1, 1)),
    /** As a PC/SC reader forms it. */
    atr: Type.Optional(hexBytes(2, 33)),
    /** Block 0 of a MIFARE Classic. */
    block0: Type.Optional(hexBytes(16, 16)),
  },
  closed,
);
export type ChipReading = Static<typeof ChipReading>;

/** What a desk reader reports of a card, as `packages/credentials` forms it for its kind. */
const presented = {
  kind: Type.Enum(["desfire", "ntag424", "uid", "wiegand", "osdp-raw", "pin", "pkoc", "phone", "plate"]),
  /**
   * The identifier's bytes: a UID, a Wiegand or raw card number, the x coordinate of a PKOC key that was shown, the whole
   * public key (65) of an Aliro credential on a telephone. Absent for a PIN, which the server draws, and for a plate.
   */
  identifier: Type.Optional(hexBytes(2, 65)),
  /** Of kind `plate` only: the text as it stands on the vehicle. */
  plate: Type.Optional(Type.String({ minLength: 2, maxLength: 32 })),
  /**
   * Door groups that a card with keys is to open: up to 8 on a DESFire, 2 (of 1 to 4) on an NTAG 424. Absent: the
   * groups of all gates, lowest first, as many as the kind holds.
   */
  doorGroups: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 13 }), { minItems: 1, maxItems: 8, uniqueItems: true }),
  ),
  from: Type.Optional(EpochMs),
  /** Required for a kind that is a mere number, and no later than the community allows; required for what is lent. */
  until: Type.Optional(EpochMs),
  temporary: Type.Optional(Type.Boolean()),
  chip: Type.Optional(ChipReading),
  /**
   * A card with keys shows everybody a random number, new at each tap, and its own to our gates. Not unless asked for: it
   * cannot be switched off again, and whatever else reads the card's number no longer knows it. An NTAG 424 then has no
   * key for door group 4.
   */
  hidesUid: Type.Optional(Type.Boolean()),
  /** A DESFire counts its taps, so that a copy is seen when it falls behind. */
  countsTaps: Type.Optional(Type.Boolean()),
};

export const CredentialEnrol = Type.Object(
  { ...presented, personId: Uuid, dwellingId: Type.Optional(Uuid) },
  closed,
);
export type CredentialEnrol = Static<typeof CredentialEnrol>;
export const CredentialReplace = Type.Object(presented, closed);
export type CredentialReplace = Static<typeof CredentialReplace>;

/** A card that somebody is to get, before there is one. */
export const CredentialOrder = Type.Object(
  {
    kind: Type.Enum(["desfire", "ntag424", "uid", "wiegand", "osdp-raw", "pkoc"]),
    personId: Uuid,
    dwellingId: Type.Optional(Uuid),
    from: presented.from,
    until: presented.until,
    temporary: presented.temporary,
  },
  closed,
);
export type CredentialOrder = Static<typeof CredentialOrder>;

/** The card that an order was for, on the desk reader. */
export const CredentialPersonalise = Type.Object(
  {
    identifier: hexBytes(2, 64),
    doorGroups: presented.doorGroups,
    chip: presented.chip,
    hidesUid: presented.hidesUid,
    countsTaps: presented.countsTaps,
  },
  closed,
);
export type CredentialPersonalise = Static<typeof CredentialPersonalise>;

/** The holder's signature on paper; absent: they sign with their own key later, or did. */
export const CredentialHandOver = Type.Object(
  {
    paper: Type.Optional(
      Type.Object(
        {
          number: Type.String({ minLength: 1, maxLength: 40, pattern: "^[^\\u0000-\\u001f\\u007f]+$" }),
          date: LocalDateText,
        },
        closed,
      ),
    ),
  },
  closed,
);
export type CredentialHandOver = Static<typeof CredentialHandOver>;

/**
 * Keys that the desk reader writes onto a blank card, given once and only in the answer to the enrolment. Masters never
 * leave the server; these open nothing but this card.
 */
export const CardPersonalisation = Type.Object({
  kind: Type.Enum(["desfire", "ntag424"]),
  /** DESFire application identifier, as SelectApplication takes it. */
  applicationId: Type.Optional(hexBytes(3, 3)),
  keys: Type.Array(
    Type.Object({
      /** Key number within the card's application. */
      number: Type.Integer({ minimum: 0, maximum: 13 }),
      version: Type.Integer({ minimum: 0, maximum: 255 }),
      value: hexBytes(16, 16),
    }),
  ),
  /** The card is to hide its number: the key under which it tells it, which all such cards of the community share. */
  privacyKey: Type.Optional(
    Type.Object({ version: Type.Integer({ minimum: 128, maximum: 255 }), value: hexBytes(16, 16) }),
  ),
  /** The DESFire is to count its taps: the key that it proves the count with. */
  transactionKey: Type.Optional(
    Type.Object({ version: Type.Integer({ minimum: 1, maximum: 127 }), value: hexBytes(16, 16) }),
  ),
});
export type CardPersonalisation = Static<typeof CardPersonalisation>;

/** Given once and only in the answer to the enrolment, for its holder to learn; the server keeps no copy. */
const DrawnPin = Type.String({ pattern: "^[0-9]{8}$" });

const Enrolled = Type.Object({
  credential: Credential,
  personalisation: Type.Optional(CardPersonalisation),
  pin: Type.Optional(DrawnPin),
  /** For whoever is forced to open: it does what the PIN does, and calls the guards. */
  duressPin: Type.Optional(DrawnPin),
});
export const EnrolledCredential = Enrolled;
export type EnrolledCredential = Static<typeof Enrolled>;

/** Why two have to answer for a credential: its holder works here, or lives nowhere here and it was enrolled so. */
export const TWO_PERSON_PURPOSES = ["staff", "service", "empty-dwelling"] as const;
export type TwoPersonPurpose = (typeof TWO_PERSON_PURPOSES)[number];

/**
 * A credential that opens nothing yet: it needs a second member of staff, because its holder lives nowhere here and nobody
 * at home would see it in the log.
 */
export const UnconfirmedCredential = Type.Object({
  credentialId: Uuid,
  kind: CredentialKindName,
  label: Type.String(),
  personId: Uuid,
  personName: Type.String(),
  enrolledAt: EpochMs,
  purpose: Type.Enum([...TWO_PERSON_PURPOSES]),
  /** The dwelling it was enrolled for, with nobody living there. */
  dwellingName: Type.Optional(Type.String()),
  /** Absent: nobody has answered for it yet; who confirms first issues. */
  issuedBy: Type.Optional(Uuid),
  issuedByName: Type.Optional(Type.String()),
});
export type UnconfirmedCredential = Static<typeof UnconfirmedCredential>;

/** What can be done to a credential, as its history tells it. */
export const CREDENTIAL_ACTIONS = [
  "ordered",
  "enrolled",
  "personalised",
  "handed-over",
  "confirmed",
  "blocked",
  "unblocked",
  "lost",
  "found",
  "returned",
  "replaced",
  "destroyed",
  "import-undone",
  "validity-changed",
  "receipt-denied",
  "document-issued",
  "documents-withdrawn",
] as const;

export const CredentialHistoryItem = Type.Object({
  at: EpochMs,
  action: Type.Enum([...CREDENTIAL_ACTIONS]),
  staffName: Type.String(),
  reason: ChangeReason,
});
export type CredentialHistoryItem = Static<typeof CredentialHistoryItem>;

const shows = { what: "credentials", reason: "required" } as const;

function command<const Id extends string, const Action extends string>(
  id: Id,
  action: Action,
  summary: string,
) {
  return endpoint({
    id,
    method: "POST",
    path: `${API_BASE}/credentials/:id/${action}`,
    tag: "credentials",
    summary,
    params: IdParams,
    response: Credential,
    reason: "required",
    shows,
  });
}

export const credentialEndpoints = {
  list: endpoint({
    id: "listCredentials",
    method: "GET",
    path: `${API_BASE}/credentials`,
    tag: "credentials",
    summary: "list credentials",
    query: Type.Object(
      {
        ...PageFields,
        personId: Type.Optional(Uuid),
        dwellingId: Type.Optional(Uuid),
        state: Type.Optional(CredentialStateName),
        kind: Type.Optional(CredentialKindName),
        label: Type.Optional(Type.String({ maxLength: 8 })),
        /** Those that open and that nobody signed for: all of them, or those whose holder says they never got it. */
        receipt: Type.Optional(Type.Enum(["open", "denied"])),
      },
      closed,
    ),
    response: pageOf(Credential),
    shows,
  }),
  get: endpoint({
    id: "getCredential",
    method: "GET",
    path: `${API_BASE}/credentials/:id`,
    tag: "credentials",
    summary: "read one",
    params: IdParams,
    response: Credential,
    shows,
  }),
  history: endpoint({
    id: "getCredentialHistory",
    method: "GET",
    path: `${API_BASE}/credentials/:id/history`,
    tag: "credentials",
    summary: "what was done to a credential, by whom and why, newest first",
    params: IdParams,
    response: Type.Object({ personId: Uuid, items: Type.Array(CredentialHistoryItem) }),
    shows,
  }),
  enrol: endpoint({
    id: "enrolCredential",
    method: "POST",
    path: `${API_BASE}/credentials/enrol`,
    tag: "credentials",
    summary: "enrol a card that lies on the desk reader, or draw a PIN",
    body: CredentialEnrol,
    response: Enrolled,
    status: 201,
    shows,
  }),
  block: command("blockCredential", "block", "block; refused at online gates within two seconds"),
  unblock: command("unblockCredential", "unblock", "make a blocked or found credential active again"),
  confirm: endpoint({
    id: "confirmCredential",
    method: "POST",
    path: `${API_BASE}/credentials/:id/confirm`,
    tag: "credentials",
    summary: "answer as the second member of staff for a credential whose holder lives nowhere here",
    params: IdParams,
    response: Credential,
    shows,
  }),
  unconfirmed: endpoint({
    id: "listUnconfirmedCredentials",
    method: "GET",
    path: `${API_BASE}/credentials/unconfirmed`,
    tag: "credentials",
    summary: "list credentials that wait for a second member of staff, the oldest first",
    response: Type.Object({ items: Type.Array(UnconfirmedCredential) }),
    shows,
  }),
  lost: command("loseCredential", "lost", "report lost; blocks it"),
  returned: command("returnCredential", "returned", "it came back to the desk; it opens nothing more"),
  destroyed: command("destroyCredential", "destroyed", "it was made unusable, or its order is off; final"),
  order: endpoint({
    id: "orderCredential",
    method: "POST",
    path: `${API_BASE}/credentials/order`,
    tag: "credentials",
    summary: "order a card for somebody, before there is one",
    body: CredentialOrder,
    response: Credential,
    status: 201,
    shows,
  }),
  personalise: endpoint({
    id: "personaliseCredential",
    method: "POST",
    path: `${API_BASE}/credentials/:id/personalise`,
    tag: "credentials",
    summary: "give an order its card; it opens from being handed over",
    params: IdParams,
    body: CredentialPersonalise,
    response: Enrolled,
    shows,
  }),
  handOver: endpoint({
    id: "handOverCredential",
    method: "POST",
    path: `${API_BASE}/credentials/:id/hand-over`,
    tag: "credentials",
    summary: "hand over to its holder, or note what they signed on getting it",
    params: IdParams,
    body: CredentialHandOver,
    response: Credential,
    shows,
  }),
  replace: endpoint({
    id: "replaceCredential",
    method: "POST",
    path: `${API_BASE}/credentials/:id/replace`,
    tag: "credentials",
    summary: "enrol another in its place; the old one is blocked in the same change",
    params: IdParams,
    body: CredentialReplace,
    response: Type.Object({
      credential: Credential,
      replaced: Credential,
      personalisation: Type.Optional(CardPersonalisation),
      pin: Type.Optional(DrawnPin),
      duressPin: Type.Optional(DrawnPin),
    }),
    status: 201,
    reason: "required",
    shows,
  }),
  validity: endpoint({
    id: "setCredentialValidity",
    method: "PUT",
    path: `${API_BASE}/credentials/:id/validity`,
    tag: "credentials",
    summary: "set from and until; an absent end is open",
    params: IdParams,
    body: Type.Object(
      { from: Type.Optional(EpochMs), until: Type.Optional(EpochMs), revision: RecordFields.revision },
      closed,
    ),
    response: Credential,
    shows,
  }),
} as const;
