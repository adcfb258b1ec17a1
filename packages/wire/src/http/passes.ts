import Type, { type Static } from "typebox";
import { VISIT_PURPOSES } from "../pass/visit-purposes.ts";
import { uuidBytes } from "../uuid.ts";
import { API_BASE, EpochMs, hexBytes, IdParams, NoContent, Revision, Uuid } from "./common.ts";
import { CREDENTIAL_LOG_STATES } from "./credentials.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };
const RESIDENT = `${API_BASE}/resident`;

/** As many phone passes a person may have at a time. */
export const MAX_PHONE_PASSES = 4;
/** Days ahead for which keys of one-time tokens are published: today and tomorrow. */
export const TOKEN_DAYS_AHEAD = 2;

const CredentialKeyText = hexBytes(16, 16);
const PassIdText = hexBytes(8, 8);
/** ES256, as WebCrypto gives it: r and s. */
const PhoneSignature = hexBytes(64, 64);
const DoorGroup = Type.Integer({ minimum: 1, maximum: 13 });
/** Seconds; at least a quarter of an hour, at most three months. */
const LongestVisitS = Type.Integer({ minimum: 900, maximum: 7_776_000 });

/** A door on one's own paths. */
export const ResidentDoor = Type.Object({
  portalId: Uuid,
  name: Type.String(),
  /** Those of the door that one's own rights lead through. */
  accessPointIds: Type.Array(Uuid),
  doorGroup: DoorGroup,
});
export type ResidentDoor = Static<typeof ResidentDoor>;

/** What a resident's program needs for passes of any kind. */
export const ResidentDoors = Type.Object({
  communityId: Uuid,
  doors: Type.Array(ResidentDoor),
  /** Whether residents may sign visitor passes, and for how long at most, from first second to last. */
  visits: Type.Object({ on: Type.Boolean(), longestS: LongestVisitS }),
});
export type ResidentDoors = Static<typeof ResidentDoors>;

/** A key on a telephone that shows passes for its holder. */
export const PhonePassRecord = Type.Object({
  credentialKey: CredentialKeyText,
  /** What its holder calls the telephone. */
  label: Type.String(),
  enrolledAt: EpochMs,
  /** `blocked` by the desk, which can undo it. One that was removed or lost is not listed. */
  state: Type.Enum(["active", "blocked"]),
  /** How it stands to the public log, without which it opens nothing. */
  log: Type.Enum([...CREDENTIAL_LOG_STATES]),
});
export type PhonePassRecord = Static<typeof PhonePassRecord>;

export const PhonePassEnrol = Type.Object(
  {
    /** P-256, uncompressed point. */
    publicKey: hexBytes(65, 65),
    /** Over {@link passTexts.enrol}, by the key itself: nobody enrols a key that they do not hold. */
    proof: PhoneSignature,
    label: Type.String({ minLength: 1, maxLength: 40, pattern: "^[^\\u0000-\\u001f\\u007f]+$" }),
  },
  closed,
);
export type PhonePassEnrol = Static<typeof PhonePassEnrol>;

export const VisitorPassRevoke = Type.Object(
  {
    /** Of the phone pass that signed the visitor pass. */
    credentialKey: CredentialKeyText,
    passId: PassIdText,
    /** When the pass would be over: gates forget the revocation then. */
    until: EpochMs,
    /** Over {@link passTexts.revoke}, by the key that signed the visitor pass. */
    signature: PhoneSignature,
  },
  closed,
);
export type VisitorPassRevoke = Static<typeof VisitorPassRevoke>;

/** A key that signs one-time tokens without seeing them: of one door group and one day, the same for everybody. */
export const TokenIssuingKey = Type.Object({
  /** First 8 bytes of SHA-256 over `publicKey`. */
  keyId: hexBytes(8, 8),
  /** DER SubjectPublicKeyInfo, RSA of 2048 to 4096 bits. */
  publicKey: hexBytes(256, 600),
  doorGroup: DoorGroup,
  from: EpochMs,
  /** Exclusive. */
  until: EpochMs,
  /** As many tokens it signs, and as many a gate takes. */
  quota: Type.Integer({ minimum: 1 }),
  /** Public leaf `token-key-issued`: whoever orders a token looks for it in the log, so that nobody is given a key of their own. */
  evidence: Type.Object({ statement: Type.String(), salt: hexBytes(32, 32), leafIndex: Type.Integer() }),
});
export type TokenIssuingKey = Static<typeof TokenIssuingKey>;

export const TokenKeys = Type.Object({
  /** Those that are published, by day and door group. */
  items: Type.Array(TokenIssuingKey, { maxItems: 64 }),
  /** As many tokens a person gets a day; 0 where the community gives none. */
  perDay: Type.Integer({ minimum: 0 }),
  /** As many as are left to the person who asks, today. */
  leftToday: Type.Integer({ minimum: 0 }),
});
export type TokenKeys = Static<typeof TokenKeys>;

export const residentPassEndpoints = {
  doors: endpoint({
    id: "getResidentDoors",
    method: "GET",
    path: `${RESIDENT}/doors`,
    tag: "resident",
    summary: "the doors on one's own paths, and whether one may sign passes for visitors",
    response: ResidentDoors,
  }),
  phonePasses: endpoint({
    id: "listPhonePasses",
    method: "GET",
    path: `${RESIDENT}/phone-passes`,
    tag: "resident",
    summary: "one's own phone passes",
    response: Type.Object({ items: Type.Array(PhonePassRecord) }),
  }),
  enrolPhonePass: endpoint({
    id: "enrolPhonePass",
    method: "POST",
    path: `${RESIDENT}/phone-passes`,
    tag: "resident",
    summary: "make a key on one's telephone a credential; at most four at a time",
    body: PhonePassEnrol,
    bodyLimitBytes: 4_096,
    response: PhonePassRecord,
    status: 201,
  }),
  removePhonePass: endpoint({
    id: "removePhonePass",
    method: "DELETE",
    path: `${RESIDENT}/phone-passes/:credentialKey`,
    tag: "resident",
    summary: "end a phone pass for good, and with it all visitor passes that it signed",
    params: Type.Object({ credentialKey: CredentialKeyText }, closed),
    response: NoContent,
  }),
  revokeVisitorPass: endpoint({
    id: "revokeOwnVisitorPass",
    method: "POST",
    path: `${RESIDENT}/visitor-passes/revoke`,
    tag: "resident",
    summary: "take a visitor pass back that one's own telephone signed",
    body: VisitorPassRevoke,
    bodyLimitBytes: 4_096,
    response: NoContent,
  }),
  tokenKeys: endpoint({
    id: "getTokenKeys",
    method: "GET",
    path: `${RESIDENT}/token-keys`,
    tag: "resident",
    summary: "the keys that sign one-time tokens, the same for everybody",
    response: TokenKeys,
  }),
  signToken: endpoint({
    id: "signBlindedToken",
    method: "POST",
    path: `${RESIDENT}/tokens`,
    tag: "resident",
    summary: "sign a one-time token unseen; counted by person and day",
    body: Type.Object({ keyId: hexBytes(8, 8), blinded: hexBytes(256, 512) }, closed),
    bodyLimitBytes: 4_096,
    response: Type.Object({ blindSignature: hexBytes(256, 512) }),
  }),
} as const;

/** Weekdays from Monday, 1, to Sunday, 7. */
const Weekdays = Type.Array(Type.Enum([1, 2, 3, 4, 5, 6, 7]), {
  minItems: 1,
  maxItems: 7,
  uniqueItems: true,
});

const visitorPassTerms = {
  purpose: Type.Enum([...VISIT_PURPOSES]),
  /** Doors on the paths of those who live in the dwelling. */
  portalIds: Type.Array(Uuid, { minItems: 1, maxItems: 16, uniqueItems: true }),
  notBefore: EpochMs,
  /** The last moment; at most as far behind `notBefore` as the settings say. */
  notAfter: EpochMs,
  /** Absent: every day. */
  weekdays: Type.Optional(Weekdays),
  /** Local time of the community; absent: all day. */
  windows: Type.Optional(
    Type.Array(
      Type.Object(
        {
          startMinute: Type.Integer({ minimum: 0, maximum: 1439 }),
          endMinute: Type.Integer({ minimum: 1, maximum: 1440 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 4 },
    ),
  ),
  /** How often it opens at each gate; absent: as often as its time allows. */
  uses: Type.Optional(Type.Integer({ minimum: 1, maximum: 255 })),
};

export const VisitorPassCreate = Type.Object(visitorPassTerms, closed);
export type VisitorPassCreate = Static<typeof VisitorPassCreate>;

/** A visitor pass that the community signed for a dwelling. What it says in its code is not kept. */
export const DwellingVisitorPass = Type.Object({
  passId: PassIdText,
  dwellingId: Uuid,
  ...visitorPassTerms,
  issuedAt: EpochMs,
  staffName: Type.String(),
  state: Type.Enum(["active", "over", "revoked"]),
  /** With `active` only. */
  log: Type.Optional(Type.Enum(["on-its-way", "published"])),
});
export type DwellingVisitorPass = Static<typeof DwellingVisitorPass>;

/** Given once: whoever has the link has the pass. */
export const IssuedVisitorPass = Type.Object({
  pass: DwellingVisitorPass,
  /** Page of the pass; what it says stands behind `#`, which browsers send nowhere. */
  link: Type.String(),
  /** For a QR code: `MV:…`. */
  text: Type.String(),
  /** Whose looks are recorded: those who live in the dwelling. */
  residentIds: Type.Array(Uuid),
});
export type IssuedVisitorPass = Static<typeof IssuedVisitorPass>;

const shows = { what: "record", reason: "required" } as const;

export const visitorPassEndpoints = {
  list: endpoint({
    id: "listVisitorPasses",
    method: "GET",
    path: `${API_BASE}/dwellings/:id/visitor-passes`,
    tag: "dwellings",
    summary:
      "visitor passes that the desk made for a dwelling, newest first; those of residents are not known here",
    params: IdParams,
    response: Type.Object({
      items: Type.Array(DwellingVisitorPass, { maxItems: 200 }),
      /** Doors that a pass for this dwelling can open. */
      doors: Type.Array(Type.Object({ portalId: Uuid, name: Type.String() })),
      longestS: LongestVisitS,
      residentIds: Type.Array(Uuid),
    }),
    shows,
  }),
  create: endpoint({
    id: "issueVisitorPass",
    method: "POST",
    path: `${API_BASE}/dwellings/:id/visitor-passes`,
    tag: "dwellings",
    summary: "sign a visitor pass for a dwelling; those at home find it in the log",
    params: IdParams,
    body: VisitorPassCreate,
    bodyLimitBytes: 8_192,
    response: IssuedVisitorPass,
    status: 201,
    reason: "required",
    shows,
  }),
  revoke: endpoint({
    id: "revokeVisitorPass",
    method: "POST",
    path: `${API_BASE}/visitor-passes/:passId/revoke`,
    tag: "dwellings",
    summary: "take a visitor pass of the desk back; refused at online gates within two seconds",
    params: Type.Object({ passId: PassIdText }, closed),
    response: NoContent,
    reason: "required",
  }),
} as const;

const passSettings = {
  /** Whether residents may sign visitor passes. */
  visitsOn: Type.Boolean(),
  /** The longest visitor pass, from first second to last. */
  longestVisitS: LongestVisitS,
  /** One-time tokens for each person and day; 0 is none. */
  tokensPerDay: Type.Integer({ minimum: 0, maximum: 20 }),
  /** As many tokens one key signs: of one door group and one day. Holds for keys that are made from now on. */
  tokenKeyQuota: Type.Integer({ minimum: 1, maximum: 10_000 }),
};

export const PassSettings = Type.Object({ ...passSettings, revision: Revision });
export type PassSettings = Static<typeof PassSettings>;
export const PassSettingsChange = Type.Object({ ...passSettings, revision: Revision }, closed);
export type PassSettingsChange = Static<typeof PassSettingsChange>;

export const passSettingsEndpoints = {
  get: endpoint({
    id: "getPassSettings",
    method: "GET",
    path: `${API_BASE}/pass-settings`,
    tag: "community",
    summary: "what residents may give visitors",
    response: PassSettings,
  }),
  change: endpoint({
    id: "changePassSettings",
    method: "PUT",
    path: `${API_BASE}/pass-settings`,
    tag: "community",
    summary: "set what residents may give visitors; stands in the evidence log",
    body: PassSettingsChange,
    response: PassSettings,
    reason: "required",
  }),
} as const;

const encoder = new TextEncoder();

/** What a phone's key signs beside its passes. Each begins with its use, so that it serves nowhere else. */
export const passTexts = {
  /**
   * @param personId UUID of whoever is signed in: the proof enrols the key for nobody else
   * @param publicKey P-256, uncompressed point, 65 bytes
   */
  enrol: (personId: string, publicKey: Uint8Array): Uint8Array =>
    joined("menshen/phone-pass-enrol/v1", uuidBytes(personId), publicKey),
  /**
   * @param passId 8 bytes
   * @param until Unix milliseconds
   */
  revoke: (communityId: string, passId: Uint8Array, until: number): Uint8Array => {
    const untilBytes = new Uint8Array(8);
    new DataView(untilBytes.buffer).setBigUint64(0, BigInt(until));
    return joined("menshen/visitor-revoke/v1", uuidBytes(communityId), passId, untilBytes);
  },
} as const;

/** The use in ASCII, a zero byte, and the parts, each of a length that never changes. */
function joined(use: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([...encoder.encode(use), 0, ...parts.flatMap((part) => [...part])]);
}
