import { canonicalJson, OPENING_PURPOSES, RESIDENCY_ROLES } from "@menshen/domain";
import Type, { type Static } from "typebox";
import { VISIT_PURPOSES } from "../pass/visit-purposes.ts";
import { API_BASE, CredentialKindName, EpochMs, hexBytes, IdParams, NoContent, Uuid } from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { CommunityFacts, STAFF_ROLES } from "./session.ts";
import { STAFF_BODIES, VIEWED, ViewReason } from "./view-reason.ts";

const closed = { additionalProperties: false };
const BASE = `${API_BASE}/resident`;

const Key = hexBytes(32, 32);
const Signature = hexBytes(64, 64);

/** What a resident's program registers: an Ed25519 key it signs in with, an X25519 key that gates wrap entries to. */
const residentKeys = { authKey: Key, trailKey: Key };

/** A one-time code with which a person joins; given once. */
export const ResidentInvitation = Type.Object({
  /** Crockford Base32, in groups of four. */
  code: Type.String(),
  /** Ready to open: `http…/resident/#join=…`. */
  link: Type.String(),
  expiresAt: EpochMs,
});
export type ResidentInvitation = Static<typeof ResidentInvitation>;

/** What the desk sees of a person's account: that it is there, and since when. */
export const ResidentAccountState = Type.Object({
  registeredAt: Type.Optional(EpochMs),
  /** An invitation that is still open ends then. */
  invitedUntil: Type.Optional(EpochMs),
});
export type ResidentAccountState = Static<typeof ResidentAccountState>;

export const ResidentSession = Type.Object({ community: CommunityFacts, signedIn: Type.Boolean() });
export type ResidentSession = Static<typeof ResidentSession>;

/** One of the keys that an account had. A registration that its owner does not know was somebody else's. */
export const ResidentKeyTime = Type.Object({
  registeredAt: EpochMs,
  /** `invitation`: with a code of the desk. `own-key`: by whoever had the key before. */
  registeredBy: Type.Enum(["invitation", "own-key"]),
  endedAt: Type.Optional(EpochMs),
});
export type ResidentKeyTime = Static<typeof ResidentKeyTime>;

/** Who is signed in, for their own program. */
export const ResidentMe = Type.Object({
  personId: Uuid,
  displayName: Type.String(),
  homes: Type.Array(
    Type.Object({ role: Type.Enum([...RESIDENCY_ROLES]), name: Type.Optional(Type.String()) }),
  ),
  /** One's own credentials; `keyStart` is how a trail names them. */
  credentials: Type.Array(
    Type.Object({ keyStart: hexBytes(8, 8), kind: CredentialKindName, label: Type.String() }),
  ),
  registeredAt: EpochMs,
  /** Nothing at or below this position is wrapped to the present key. */
  firstPosition: Type.Integer(),
  /** Every key of this account, the present one last. */
  keys: Type.Array(ResidentKeyTime),
});
export type ResidentMe = Static<typeof ResidentMe>;

/** Names for the access points in a trail, those that are gone included. */
export const ResidentPlaces = Type.Object({
  accessPoints: Type.Array(Type.Object({ id: Uuid, name: Type.String(), portalName: Type.String() })),
});
export type ResidentPlaces = Static<typeof ResidentPlaces>;

/**
 * What the gates wrapped for residents, in buckets by position. There is nothing in it that says whose a wrap is, and
 * everybody is given the same: a program takes all buckets and tries its key on each wrap.
 */
export const WrapBuckets = Type.Object({
  /** Bucket n holds the wraps of events at positions [n · size, (n + 1) · size); the last is still filling. */
  buckets: Type.Integer({ minimum: 0 }),
  size: Type.Integer({ minimum: 1 }),
  /** Of the last event; positions rise without gaps from 1. */
  lastPosition: Type.Integer({ minimum: 0 }),
});
export type WrapBuckets = Static<typeof WrapBuckets>;

/** `application/octet-stream`. */
export const WrapBucket = Type.Unsafe<Uint8Array>({ type: "string", format: "binary" });

/** Where a look stands in the evidence log; with the salt anybody can check it, and nobody without. */
export const EvidencePlace = Type.Object({
  topic: Type.String(),
  /** Canonical JSON. */
  statement: Type.String(),
  /** Absent once the person's salt key was destroyed. */
  salt: Type.Optional(Key),
  /** Absent while it waits to be sequenced. */
  leafIndex: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type EvidencePlace = Static<typeof EvidencePlace>;

/** Somebody who looked at a person's data, or tried to. */
export const Look = Type.Union([
  /** A member of staff saw it. */
  Type.Object({
    kind: Type.Literal("view"),
    at: EpochMs,
    body: Type.Enum([...STAFF_BODIES]),
    role: Type.Enum([...STAFF_ROLES]),
    reason: ViewReason,
    what: Type.Enum([...VIEWED]),
    evidence: EvidencePlace,
  }),
  /** Entries of theirs were opened by the law's path; told when the seal ended. */
  Type.Object({
    kind: Type.Literal("opening"),
    /** When the person was told. */
    at: EpochMs,
    requestedAt: EpochMs,
    authority: Type.String(),
    documentNumber: Type.Optional(Type.String()),
    purpose: Type.Enum([...OPENING_PURPOSES]),
    accessPointIds: Type.Array(Uuid),
    from: EpochMs,
    until: EpochMs,
    /** How many of this person's entries. */
    entryCount: Type.Integer({ minimum: 0 }),
    /** Of the request, as it was committed to before anything was opened. */
    evidence: EvidencePlace,
  }),
  /** Another resident asked for it and was refused. */
  Type.Object({ kind: Type.Literal("refused"), at: EpochMs }),
]);
export type Look = Static<typeof Look>;

const ResidentChallenge = Type.Object({ challenge: Key, expiresAt: EpochMs });

/** Of the desk: a person's way into the resident app. */
export const residentInvitationEndpoints = {
  state: endpoint({
    id: "getResidentAccount",
    method: "GET",
    path: `${API_BASE}/people/:id/resident-account`,
    tag: "people",
    summary: "whether a person has an account of their own",
    params: IdParams,
    response: ResidentAccountState,
  }),
  create: endpoint({
    id: "inviteResident",
    method: "POST",
    path: `${API_BASE}/people/:id/resident-invitations`,
    tag: "people",
    summary: "a one-time code with which a person joins; voids the one before",
    params: IdParams,
    response: ResidentInvitation,
    status: 201,
    reason: "required",
  }),
} as const;

/** Of a resident's own program. Nothing here takes a person's id but `looks`, which takes one's own. */
/** A leaf of the log with what opens it, as far as the server knows where it stands. */
const HomeLeaf = Type.Object({
  /** Canonical JSON. */
  statement: Type.String(),
  salt: Type.Optional(hexBytes(32, 32)),
  index: Type.Optional(Type.Integer({ minimum: 0 })),
});

/**
 * What a home needs to look for its credentials in the log by itself: the key counts, and whoever keeps it looks without
 * asking again. The statements explain what was found; a leaf that none of them explains is one too many.
 */
export const ResidentHome = Type.Object({
  dwellingId: Uuid,
  name: Type.String(),
  /** 32 bytes. */
  homeKey: hexBytes(32, 32),
  /** Names the home in the log; 16 bytes. */
  dwellingTag: hexBytes(16, 16),
  /** The home's credentials, those that ended too, by number. */
  credentials: Type.Array(
    Type.Intersect([
      HomeLeaf,
      Type.Object({
        number: Type.Integer({ minimum: 0, maximum: 4095 }),
        /** Holder's name; absent once the holder is gone. */
        holder: Type.Optional(Type.String()),
        /** Last digits of its identifier. */
        label: Type.Optional(Type.String()),
        endedAt: Type.Optional(EpochMs),
        /** What a visitor pass is for that the desk made for this home. */
        visit: Type.Optional(
          Type.Object({ purpose: Type.Enum([...VISIT_PURPOSES]), from: EpochMs, until: EpochMs }),
        ),
      }),
    ]),
    { maxItems: 4096 },
  ),
});
export type ResidentHome = Static<typeof ResidentHome>;

/** A credential that its holder has not signed for. */
export const ResidentReceipt = Type.Object({
  credentialId: Uuid,
  kind: CredentialKindName,
  /** The last digits of its number. */
  label: Type.String(),
  /** When the desk entered it; no part of what is signed. */
  enrolledAt: EpochMs,
  /** When one told the desk that it never came. */
  deniedAt: Type.Optional(EpochMs),
});
export type ResidentReceipt = Static<typeof ResidentReceipt>;

export const residentEndpoints = {
  session: endpoint({
    id: "getResidentSession",
    method: "GET",
    path: `${BASE}/session`,
    tag: "resident",
    summary: "the community, and whether somebody is signed in",
    response: ResidentSession,
  }),
  join: endpoint({
    id: "joinAsResident",
    method: "POST",
    path: `${BASE}/join`,
    tag: "resident",
    summary: "register one's keys by a one-time code; replaces those before",
    body: Type.Object(
      { code: Type.String({ minLength: 16, maxLength: 40 }), ...residentKeys, signature: Signature },
      closed,
    ),
    response: ResidentMe,
  }),
  challenge: endpoint({
    id: "residentChallenge",
    method: "POST",
    path: `${BASE}/challenge`,
    tag: "resident",
    summary: "what to sign next; the answer is the same for a key that nobody registered",
    body: Type.Object({ authKey: Key }, closed),
    response: ResidentChallenge,
  }),
  signIn: endpoint({
    id: "residentSignIn",
    method: "POST",
    path: `${BASE}/sign-in`,
    tag: "resident",
    summary: "sign in by signing a challenge",
    body: Type.Object(
      {
        authKey: Key,
        challenge: Key,
        signature: Signature,
        /** On a screen that others use too: the session is short, and the browser forgets it when it is closed. */
        shared: Type.Optional(Type.Boolean()),
      },
      closed,
    ),
    response: ResidentMe,
  }),
  signOut: endpoint({
    id: "residentSignOut",
    method: "POST",
    path: `${BASE}/sign-out`,
    tag: "resident",
    summary: "end this session",
    response: NoContent,
  }),
  me: endpoint({
    id: "getResidentMe",
    method: "GET",
    path: `${BASE}/me`,
    tag: "resident",
    summary: "one's own name, homes, credentials and keys",
    response: ResidentMe,
  }),
  wraps: endpoint({
    id: "countResidentWraps",
    method: "GET",
    path: `${BASE}/wraps`,
    tag: "resident",
    summary: "how many buckets of wrapped entries there are: everybody's, for everybody alike",
    response: WrapBuckets,
  }),
  wrapBucket: endpoint({
    id: "getResidentWraps",
    method: "GET",
    path: `${BASE}/wraps/:bucket`,
    tag: "resident",
    summary: "one bucket: wraps of 96 bytes each, sorted; a full one never changes",
    params: Type.Object({ bucket: Type.Integer({ minimum: 0, maximum: 9_007_199_254_740 }) }, closed),
    response: WrapBucket,
  }),
  homes: endpoint({
    id: "getResidentHomes",
    method: "GET",
    path: `${BASE}/homes`,
    tag: "resident",
    summary: "the keys of one's own homes, and what the log has of the credentials to them",
    response: Type.Object({ items: Type.Array(ResidentHome) }),
  }),
  places: endpoint({
    id: "getResidentPlaces",
    method: "GET",
    path: `${BASE}/places`,
    tag: "resident",
    summary: "names of all access points",
    response: ResidentPlaces,
  }),
  looks: endpoint({
    id: "getResidentLooks",
    method: "GET",
    path: `${BASE}/people/:id/looks`,
    tag: "resident",
    summary: "who looked at one's own data, newest first; another's id is refused and recorded",
    params: IdParams,
    response: Type.Object({ items: Type.Array(Look, { maxItems: 1000 }) }),
  }),
  receiptsDue: endpoint({
    id: "listReceiptsDue",
    method: "GET",
    path: `${BASE}/receipts`,
    tag: "resident",
    summary: "what the desk handed over, and nobody signed for",
    response: Type.Object({ items: Type.Array(ResidentReceipt, { maxItems: 100 }) }),
  }),
  signReceipt: endpoint({
    id: "signReceipt",
    method: "POST",
    path: `${BASE}/receipts/:id`,
    tag: "resident",
    summary: "sign with one's own key for a credential that was handed over",
    params: IdParams,
    body: Type.Object({ signature: Signature }, closed),
    response: NoContent,
  }),
  denyReceipt: endpoint({
    id: "denyReceipt",
    method: "POST",
    path: `${BASE}/receipts/:id/denial`,
    tag: "resident",
    summary: "tell the desk, signed with one's own key, that a credential never came",
    params: IdParams,
    body: Type.Object({ signature: Signature }, closed),
    response: NoContent,
  }),
  replaceKey: endpoint({
    id: "replaceResidentKey",
    method: "POST",
    path: `${BASE}/key`,
    tag: "resident",
    summary: "register new keys in the place of one's own; both sign",
    body: Type.Object(
      { challenge: Key, ...residentKeys, signature: Signature, newSignature: Signature },
      closed,
    ),
    response: ResidentMe,
  }),
  deleteKey: endpoint({
    id: "deleteResidentKey",
    method: "POST",
    path: `${BASE}/key/deletion`,
    tag: "resident",
    summary: "end one's account: nothing is wrapped to its key any more",
    body: Type.Object({ challenge: Key, signature: Signature }, closed),
    response: NoContent,
  }),
} as const;

/** What a resident's key signs. Each text names its use and the community, so that it serves nowhere else. */
export const residentTexts = {
  /** @param code in its one spelling, see `tidyCrockford` */
  join: (communityId: string, keys: ResidentKeys, code: string): string =>
    canonicalJson({ use: "menshen/resident-join/v1", communityId, ...keys, code }),
  signIn: (communityId: string, challenge: string): string =>
    canonicalJson({ use: "menshen/resident-sign-in/v1", communityId, challenge }),
  replaceKey: (communityId: string, keys: ResidentKeys, challenge: string): string =>
    canonicalJson({ use: "menshen/resident-key/v1", communityId, ...keys, challenge }),
  deleteKey: (communityId: string, challenge: string): string =>
    canonicalJson({ use: "menshen/resident-key-deletion/v1", communityId, challenge }),
  receipt: (
    communityId: string,
    { credentialId, kind, label }: Pick<ResidentReceipt, "credentialId" | "kind" | "label">,
  ): string =>
    canonicalJson({ use: "menshen/credential-receipt/v1", communityId, credentialId, kind, label }),
  denial: (
    communityId: string,
    { credentialId, kind, label }: Pick<ResidentReceipt, "credentialId" | "kind" | "label">,
  ): string => canonicalJson({ use: "menshen/credential-denial/v1", communityId, credentialId, kind, label }),
} as const;

/** Public keys in lower-case hexadecimal, 32 bytes each. */
export type ResidentKeys = { readonly authKey: string; readonly trailKey: string };
