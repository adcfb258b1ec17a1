import Type, { type Static } from "typebox";
import {
  API_BASE,
  EpochMs,
  IdParams,
  NameText,
  NoContent,
  PasskeyChallenge,
  RecordFields,
  Uuid,
  WebAuthnJson,
} from "./common.ts";
import { endpoint } from "./endpoint.ts";
import { STAFF_BODIES } from "./view-reason.ts";

/** The three separated duties; a session acts in one at a time. */
export const DUTIES = ["operate", "secure", "audit"] as const;
export type Duty = (typeof DUTIES)[number];

/**
 * Roles of staff; each belongs to one duty: manager, desk, guard operate; security, installer, records, vendor secure;
 * auditor, committee, supervisor audit. Accounts with the role `vendor` work only while the community lets vendors in.
 */
export const STAFF_ROLES = [
  "manager",
  "desk",
  "guard",
  "security",
  "installer",
  "records",
  "auditor",
  "committee",
  "supervisor",
  "vendor",
] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

/** What a session may do; screens show what their session holds. */
export const PERMISSIONS = [
  "homes.read",
  "homes.write",
  "credentials.read",
  "credentials.write",
  "doors.read",
  "doors.write",
  "gates.write",
  "schedules.read",
  "schedules.write",
  "rules.read",
  "rules.write",
  "modes.write",
  "doors.command",
  "events.read",
  "staff.read",
  "staff.write",
  "changes.read",
  "openings.read",
  "openings.write",
  "openings.settings",
  "openings.review",
  "custody.write",
  "witnesses.write",
  "naming.read",
  "naming.write",
  "naming.confirm",
  "naming.withdraw",
  "events.name",
  "alarms.read",
  "alarms.handle",
  "alarms.settings",
  "shifts.keep",
  "reception.keep",
  "reception.settings",
  "demo.control",
  "vendors.admit",
  "roll.read",
  "roll.write",
  "motions.read",
  "motions.write",
  "motions.papers",
  "vendor-pages.write",
  "consents.keep",
  "notices.write",
  "plans.write",
  "residencies.decide",
  "complaints.enter",
  "complaints.handle",
  "penalties.publish",
  "messages.send",
  "sharing.write",
  "sharing.give",
  "incidents.handle",
  "incidents.override",
  "cases.read",
  "cases.handle",
  "cases.settings",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

const DutyName = Type.Enum([...DUTIES]);
const StaffRoleName = Type.Enum([...STAFF_ROLES]);
const StaffBodyName = Type.Enum([...STAFF_BODIES]);

export const CommunityFacts = Type.Object({
  id: Uuid,
  name: Type.String(),
  /** IANA name, e.g. `Asia/Shanghai`. */
  timeZone: Type.String(),
});
export type CommunityFacts = Static<typeof CommunityFacts>;

export const Session = Type.Union([
  Type.Object({
    signedIn: Type.Literal(false),
    community: CommunityFacts,
    /** No staff passkey exists yet: sign in by the one-time link. */
    setUp: Type.Boolean(),
  }),
  Type.Object({
    signedIn: Type.Literal(true),
    community: CommunityFacts,
    staffId: Uuid,
    displayName: Type.String(),
    roles: Type.Array(StaffRoleName),
    /** Whose member this is. */
    body: StaffBodyName,
    /** The duty this session acts in now, and those it may change to. */
    duty: DutyName,
    duties: Type.Array(DutyName),
    permissions: Type.Array(Type.Enum([...PERMISSIONS])),
    signedInBy: Type.Enum(["code", "passkey"]),
    passkeyCount: Type.Integer(),
    /** The session ends then, whatever happens; it ends earlier after a while without use. */
    expiresAt: EpochMs,
    idleExpiresAt: EpochMs,
    /** Demo controls exist (`/api/demo/…`). */
    demo: Type.Boolean(),
  }),
]);
export type Session = Static<typeof Session>;

/** A one-time sign-in code, given once. */
export const SignInCode = Type.Object({
  code: Type.String(),
  /** Ready to open: `http…/sign-in#code=…`. */
  link: Type.String(),
  expiresAt: EpochMs,
});
export type SignInCode = Static<typeof SignInCode>;

export const Passkey = Type.Object({
  id: Uuid,
  name: Type.String(),
  createdAt: EpochMs,
  lastUsedAt: Type.Optional(EpochMs),
  backedUp: Type.Boolean(),
});
export type Passkey = Static<typeof Passkey>;

export const Staff = Type.Object({
  ...RecordFields,
  displayName: Type.String(),
  roles: Type.Array(StaffRoleName),
  /** Roles that the community made; see `ownRoleEndpoints`. */
  ownRoleIds: Type.Array(Uuid),
  duty: DutyName,
  /** Whose member its holder is: residents read it when the account looks at their data. */
  body: StaffBodyName,
  /** Account of the first start: stands in for a duty until another account with a passkey has it. */
  setUp: Type.Boolean(),
  passkeyCount: Type.Integer(),
  lastSignInAt: Type.Optional(EpochMs),
});
export type Staff = Static<typeof Staff>;

const StaffInput = {
  displayName: NameText,
  /** All of one duty, together with `ownRoleIds`; one at least of either. */
  roles: Type.Array(StaffRoleName, { uniqueItems: true }),
  ownRoleIds: Type.Optional(Type.Array(Uuid, { uniqueItems: true, maxItems: 16 })),
  /** Absent: the property company at first, as it was later. */
  body: Type.Optional(StaffBodyName),
};
export const StaffCreate = Type.Object(StaffInput, { additionalProperties: false });
export type StaffCreate = Static<typeof StaffCreate>;
export const StaffUpdate = Type.Object(
  { ...StaffInput, revision: RecordFields.revision },
  { additionalProperties: false },
);
export type StaffUpdate = Static<typeof StaffUpdate>;

const closed = { additionalProperties: false };

export const sessionEndpoints = {
  get: endpoint({
    id: "getSession",
    method: "GET",
    path: `${API_BASE}/session`,
    tag: "session",
    summary: "who is signed in, and what they may do",
    response: Session,
  }),
  signOut: endpoint({
    id: "signOut",
    method: "DELETE",
    path: `${API_BASE}/session`,
    tag: "session",
    summary: "end this session",
    response: NoContent,
  }),
  changeDuty: endpoint({
    id: "changeDuty",
    method: "PUT",
    path: `${API_BASE}/session/duty`,
    tag: "session",
    summary: "act in another of one's duties; recorded",
    body: Type.Object({ duty: DutyName }, closed),
    response: Session,
  }),
  signInWithCode: endpoint({
    id: "signInWithCode",
    method: "POST",
    path: `${API_BASE}/sign-in/bootstrap`,
    tag: "session",
    summary: "sign in once by the code of a one-time link",
    body: Type.Object({ code: Type.String({ minLength: 16, maxLength: 128 }) }, closed),
    response: Session,
  }),
  passkeyOptions: endpoint({
    id: "signInOptions",
    method: "POST",
    path: `${API_BASE}/sign-in/passkey/options`,
    tag: "session",
    summary: "options for signing in with a passkey",
    response: PasskeyChallenge,
  }),
  signInWithPasskey: endpoint({
    id: "signInWithPasskey",
    method: "POST",
    path: `${API_BASE}/sign-in/passkey`,
    tag: "session",
    summary: "sign in with a passkey",
    body: Type.Object({ challengeId: Uuid, response: WebAuthnJson }, closed),
    response: Session,
  }),
} as const;

export const passkeyEndpoints = {
  list: endpoint({
    id: "listPasskeys",
    method: "GET",
    path: `${API_BASE}/passkeys`,
    tag: "passkeys",
    summary: "one's own passkeys",
    response: Type.Object({ items: Type.Array(Passkey) }),
  }),
  options: endpoint({
    id: "passkeyRegistrationOptions",
    method: "POST",
    path: `${API_BASE}/passkeys/options`,
    tag: "passkeys",
    summary: "options for registering a passkey",
    response: PasskeyChallenge,
  }),
  register: endpoint({
    id: "registerPasskey",
    method: "POST",
    path: `${API_BASE}/passkeys`,
    tag: "passkeys",
    summary: "register a passkey for oneself",
    body: Type.Object({ challengeId: Uuid, response: WebAuthnJson, name: NameText }, closed),
    response: Passkey,
    status: 201,
  }),
  remove: endpoint({
    id: "removePasskey",
    method: "DELETE",
    path: `${API_BASE}/passkeys/:id`,
    tag: "passkeys",
    summary: "remove one of one's own passkeys; the last one stays",
    params: IdParams,
    response: NoContent,
  }),
} as const;

export const staffEndpoints = {
  list: endpoint({
    id: "listStaff",
    method: "GET",
    path: `${API_BASE}/staff`,
    tag: "staff",
    summary: "staff accounts",
    query: Type.Object({ removed: Type.Optional(Type.Boolean()) }, closed),
    response: Type.Object({ items: Type.Array(Staff) }),
  }),
  create: endpoint({
    id: "createStaff",
    method: "POST",
    path: `${API_BASE}/staff`,
    tag: "staff",
    summary: "make a staff account and its one-time sign-in link",
    body: StaffCreate,
    response: Type.Object({ staff: Staff, signIn: SignInCode }),
    status: 201,
  }),
  update: endpoint({
    id: "updateStaff",
    method: "PUT",
    path: `${API_BASE}/staff/:id`,
    tag: "staff",
    summary: "change name or roles; ends the account's sessions",
    params: IdParams,
    body: StaffUpdate,
    response: Staff,
  }),
  invite: endpoint({
    id: "inviteStaff",
    method: "POST",
    path: `${API_BASE}/staff/:id/sign-in-code`,
    tag: "staff",
    summary: "a new one-time sign-in link for an account; voids the one before",
    params: IdParams,
    response: SignInCode,
    status: 201,
    reason: "required",
  }),
  remove: endpoint({
    id: "removeStaff",
    method: "DELETE",
    path: `${API_BASE}/staff/:id`,
    tag: "staff",
    summary: "close an account and end its sessions",
    params: IdParams,
    response: Staff,
  }),
  restore: endpoint({
    id: "restoreStaff",
    method: "POST",
    path: `${API_BASE}/staff/:id/restore`,
    tag: "staff",
    summary: "open a closed account again",
    params: IdParams,
    response: Staff,
  }),
} as const;
