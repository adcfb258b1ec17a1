import Type, { type Static } from "typebox";
import { CityChipName, CityIssuer, IssuerCode } from "./city-link.ts";
import {
  API_BASE,
  EpochMs,
  IdParams,
  NameText,
  NoContent,
  PasskeyChallenge,
  Uuid,
  WebAuthnJson,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";

const closed = { additionalProperties: false };

/** What links copies: a batch of numbers, an issuer with its key version, or one and the same number. */
export const PATTERN_KINDS = ["batch", "issue", "number"] as const;

/** How many communities; absent where it is one or two. */
const Communities = Type.Optional(Type.Integer({ minimum: 0 }));

export const CityPattern = Type.Object({
  kind: Type.Enum([...PATTERN_KINDS]),
  /** Absent for a number: nobody at the city sees one. */
  chip: Type.Optional(CityChipName),
  batchPrefix: Type.Optional(Type.String()),
  issuer: Type.Optional(Type.String()),
  issuerName: Type.Optional(Type.String()),
  keyVersion: Type.Optional(Type.Integer()),
  communities: Communities,
});
export type CityPattern = Static<typeof CityPattern>;

/** What officers make of an incident. */
export const CITY_FINDINGS = ["seller-found", "keys-replaced", "not-related"] as const;
export type CityFinding = (typeof CITY_FINDINGS)[number];

const IncidentFields = {
  id: Uuid,
  number: Type.Integer({ minimum: 1 }),
  openedAt: EpochMs,
  /** Monday of the week of the first report. */
  since: Type.String(),
  communities: Communities,
  /** What weighs most of what links it. */
  leading: CityPattern,
  closedAt: Type.Optional(EpochMs),
  finding: Type.Optional(Type.Enum([...CITY_FINDINGS])),
};
export const CityIncident = Type.Object(IncidentFields);
export type CityIncident = Static<typeof CityIncident>;

export const CityIncidentDetail = Type.Object({
  ...IncidentFields,
  patterns: Type.Array(CityPattern),
  /** Some of it was offered for sale, or seized. */
  isListed: Type.Boolean(),
  /** Communities that reported something in each four weeks, the oldest first. */
  trend: Type.Array(Type.Object({ from: Type.String(), communities: Communities })),
});
export type CityIncidentDetail = Static<typeof CityIncidentDetail>;

export const CityThresholds = Type.Object({
  /** Communities with the same batch, or the same issuer and key version, that open an incident. */
  communities: Type.Integer(),
  /** Communities with the same number. */
  communitiesOfNumber: Type.Integer(),
  /** How far reports are behind each other at most. */
  weeks: Type.Integer(),
  evaluationsADay: Type.Integer(),
});
export type CityThresholds = Static<typeof CityThresholds>;

export const CityCommunity = Type.Object({
  id: Uuid,
  name: NameText,
  addedAt: EpochMs,
  enrolledAt: Type.Optional(EpochMs),
  removedAt: Type.Optional(EpochMs),
});
export type CityCommunity = Static<typeof CityCommunity>;

const EnrolmentCode = Type.Object({ community: CityCommunity, code: Type.String(), expiresAt: EpochMs });

export const CitySession = Type.Object({
  signedIn: Type.Boolean(),
  city: Type.String(),
  officer: Type.Optional(Type.Object({ id: Uuid, name: Type.String() })),
  expiresAt: Type.Optional(EpochMs),
});
export type CitySession = Static<typeof CitySession>;

export const CityOfficer = Type.Object({ id: Uuid, name: Type.String(), removedAt: Type.Optional(EpochMs) });
export type CityOfficer = Static<typeof CityOfficer>;

export const citySessionEndpoints = {
  get: endpoint({
    id: "getCitySession",
    method: "GET",
    path: `${API_BASE}/session`,
    tag: "session",
    summary: "whether somebody is signed in, and who",
    response: CitySession,
  }),
  signIn: endpoint({
    id: "signInOfficer",
    method: "POST",
    path: `${API_BASE}/session`,
    tag: "session",
    summary: "sign in with a link that works once",
    body: Type.Object({ code: Type.String({ minLength: 20, maxLength: 100 }) }, closed),
    response: CitySession,
  }),
  passkeyOptions: endpoint({
    id: "officerSignInOptions",
    method: "POST",
    path: `${API_BASE}/session/passkey/options`,
    tag: "session",
    summary: "options for signing in with a passkey",
    response: PasskeyChallenge,
  }),
  signInWithPasskey: endpoint({
    id: "signInOfficerWithPasskey",
    method: "POST",
    path: `${API_BASE}/session/passkey`,
    tag: "session",
    summary: "sign in with a passkey",
    body: Type.Object({ challengeId: Uuid, response: WebAuthnJson }, closed),
    response: CitySession,
  }),
  signOut: endpoint({
    id: "signOutOfficer",
    method: "DELETE",
    path: `${API_BASE}/session`,
    tag: "session",
    summary: "end this session",
    response: NoContent,
  }),
  officers: endpoint({
    id: "listOfficers",
    method: "GET",
    path: `${API_BASE}/officers`,
    tag: "session",
    summary: "who may sign in here",
    response: Type.Object({ items: Type.Array(CityOfficer) }),
  }),
  addOfficer: endpoint({
    id: "addOfficer",
    method: "POST",
    path: `${API_BASE}/officers`,
    tag: "session",
    summary: "let a colleague in: answers a link that works once, within a day",
    body: Type.Object({ name: NameText }, closed),
    response: Type.Object({ officer: CityOfficer, link: Type.String(), expiresAt: EpochMs }),
    status: 201,
  }),
  renewLink: endpoint({
    id: "renewOfficerLink",
    method: "POST",
    path: `${API_BASE}/officers/:id/link`,
    tag: "session",
    summary: "another link for an officer; the one before is void",
    params: IdParams,
    response: Type.Object({ officer: CityOfficer, link: Type.String(), expiresAt: EpochMs }),
  }),
  removeOfficer: endpoint({
    id: "removeOfficer",
    method: "DELETE",
    path: `${API_BASE}/officers/:id`,
    tag: "session",
    summary: "end an officer's access and sessions; not one's own",
    params: IdParams,
    response: NoContent,
  }),
} as const;

export const OfficerPasskey = Type.Object({
  id: Uuid,
  name: Type.String(),
  createdAt: EpochMs,
  lastUsedAt: Type.Optional(EpochMs),
});
export type OfficerPasskey = Static<typeof OfficerPasskey>;

export const officerPasskeyEndpoints = {
  list: endpoint({
    id: "listOfficerPasskeys",
    method: "GET",
    path: `${API_BASE}/passkeys`,
    tag: "passkeys",
    summary: "one's own passkeys",
    response: Type.Object({ items: Type.Array(OfficerPasskey) }),
  }),
  options: endpoint({
    id: "officerPasskeyOptions",
    method: "POST",
    path: `${API_BASE}/passkeys/options`,
    tag: "passkeys",
    summary: "options for registering a passkey",
    response: PasskeyChallenge,
  }),
  register: endpoint({
    id: "registerOfficerPasskey",
    method: "POST",
    path: `${API_BASE}/passkeys`,
    tag: "passkeys",
    summary: "register a passkey for oneself",
    body: Type.Object({ challengeId: Uuid, response: WebAuthnJson, name: NameText }, closed),
    response: OfficerPasskey,
    status: 201,
  }),
  remove: endpoint({
    id: "removeOfficerPasskey",
    method: "DELETE",
    path: `${API_BASE}/passkeys/:id`,
    tag: "passkeys",
    summary: "remove one of one's own passkeys; without any, a colleague's link is the way in",
    params: IdParams,
    response: NoContent,
  }),
} as const;

export const cityIncidentEndpoints = {
  list: endpoint({
    id: "listCityIncidents",
    method: "GET",
    path: `${API_BASE}/incidents`,
    tag: "incidents",
    summary: "patterns of copied cards across communities, the widest first",
    query: Type.Object({ state: Type.Optional(Type.Enum(["open", "closed"])) }, closed),
    response: Type.Object({ items: Type.Array(CityIncident), thresholds: CityThresholds }),
  }),
  get: endpoint({
    id: "getCityIncident",
    method: "GET",
    path: `${API_BASE}/incidents/:id`,
    tag: "incidents",
    summary: "one incident: what links it, how many communities, since when; which ones is not told",
    params: IdParams,
    response: CityIncidentDetail,
  }),
  close: endpoint({
    id: "closeCityIncident",
    method: "POST",
    path: `${API_BASE}/incidents/:id/close`,
    tag: "incidents",
    summary: "close it with what was found; the next report that belongs to it opens it again",
    params: IdParams,
    body: Type.Object({ finding: Type.Enum([...CITY_FINDINGS]) }, closed),
    response: CityIncidentDetail,
  }),
  reopen: endpoint({
    id: "reopenCityIncident",
    method: "POST",
    path: `${API_BASE}/incidents/:id/reopen`,
    tag: "incidents",
    summary: "open it again",
    params: IdParams,
    response: CityIncidentDetail,
  }),
} as const;

export const cityCommunityEndpoints = {
  list: endpoint({
    id: "listCityCommunities",
    method: "GET",
    path: `${API_BASE}/communities`,
    tag: "communities",
    summary: "communities that may report; what each reported is not told",
    response: Type.Object({ items: Type.Array(CityCommunity) }),
  }),
  add: endpoint({
    id: "addCityCommunity",
    method: "POST",
    path: `${API_BASE}/communities`,
    tag: "communities",
    summary: "take in a community: answers the code for its server, which works once, within seven days",
    body: Type.Object({ name: NameText }, closed),
    response: EnrolmentCode,
    status: 201,
  }),
  renewCode: endpoint({
    id: "renewCommunityCode",
    method: "POST",
    path: `${API_BASE}/communities/:id/code`,
    tag: "communities",
    summary: "another code; with it a new key takes the place of the one before",
    params: IdParams,
    response: EnrolmentCode,
  }),
  remove: endpoint({
    id: "removeCityCommunity",
    method: "DELETE",
    path: `${API_BASE}/communities/:id`,
    tag: "communities",
    summary: "its key is taken no more; its reports stay",
    params: IdParams,
    response: CityCommunity,
  }),
  restore: endpoint({
    id: "restoreCityCommunity",
    method: "POST",
    path: `${API_BASE}/communities/:id/restore`,
    tag: "communities",
    summary: "its key is taken again",
    params: IdParams,
    response: CityCommunity,
  }),
} as const;

export const cityIssuerEndpoints = {
  list: endpoint({
    id: "listCityIssuers",
    method: "GET",
    path: `${API_BASE}/issuers`,
    tag: "communities",
    summary: "issuers of cards that reports may name",
    response: Type.Object({ items: Type.Array(CityIssuer) }),
  }),
  add: endpoint({
    id: "addCityIssuer",
    method: "POST",
    path: `${API_BASE}/issuers`,
    tag: "communities",
    summary: "name an issuer",
    body: Type.Object({ code: IssuerCode, name: NameText }, closed),
    response: CityIssuer,
    status: 201,
  }),
} as const;
