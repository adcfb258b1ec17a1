import {
  DUTIES,
  type Duty,
  PERMISSIONS,
  type Permission,
  STAFF_ROLES,
  type StaffBody,
  type StaffRole,
} from "@menshen/wire";

/** INVARIANT: a role belongs to one duty, so that no role can both operate, secure and audit. */
const ROLES: Readonly<
  Record<StaffRole, { readonly duty: Duty; readonly permissions: readonly Permission[] }>
> = {
  manager: {
    duty: "operate",
    permissions: [
      "homes.read",
      "homes.write",
      "credentials.read",
      "credentials.write",
      "doors.read",
      "schedules.read",
      "schedules.write",
      "rules.read",
      "rules.write",
      "modes.write",
      "doors.command",
      "events.read",
      "events.name",
      "alarms.read",
      "alarms.handle",
      "alarms.settings",
      "shifts.keep",
      "reception.keep",
      "reception.settings",
      "naming.read",
      "naming.withdraw",
      "staff.read",
      "vendors.admit",
      "consents.keep",
      "notices.write",
      "plans.write",
      "demo.control",
      "roll.read",
      "roll.write",
      "motions.read",
      "motions.papers",
      "vendor-pages.write",
      "complaints.enter",
      "complaints.handle",
      "messages.send",
      "sharing.give",
      "incidents.handle",
      "cases.read",
      "cases.handle",
    ],
  },
  desk: {
    duty: "operate",
    permissions: [
      "naming.read",
      "homes.read",
      "homes.write",
      "credentials.read",
      "credentials.write",
      "doors.read",
      "schedules.read",
      "rules.read",
      "shifts.keep",
      "reception.keep",
      "roll.read",
      "roll.write",
      "motions.read",
      "motions.papers",
      "consents.keep",
      "complaints.enter",
      "complaints.handle",
      "messages.send",
      "cases.read",
    ],
  },
  guard: {
    duty: "operate",
    permissions: [
      "doors.read",
      "schedules.read",
      "rules.read",
      "modes.write",
      "doors.command",
      "events.read",
      "events.name",
      "alarms.read",
      "alarms.handle",
      "shifts.keep",
      "reception.keep",
      "naming.read",
      "demo.control",
      "cases.read",
    ],
  },
  security: {
    duty: "secure",
    permissions: [
      "doors.read",
      "doors.write",
      "plans.write",
      "gates.write",
      "schedules.read",
      "events.read",
      "alarms.read",
      "staff.read",
      "staff.write",
      "openings.settings",
      "custody.write",
      "witnesses.write",
      "naming.read",
      "naming.write",
      "naming.withdraw",
      "sharing.write",
      "incidents.handle",
      "cases.read",
      "cases.handle",
      "cases.settings",
    ],
  },
  installer: {
    duty: "secure",
    permissions: [
      "doors.read",
      "doors.write",
      "plans.write",
      "gates.write",
      "schedules.read",
      "events.read",
      "alarms.read",
      "demo.control",
    ],
  },
  // Takes in requests of authorities and hands over what custodians opened. Neither opens doors nor reads the record.
  records: {
    duty: "secure",
    permissions: ["openings.read", "openings.write", "doors.read"],
  },
  auditor: {
    duty: "audit",
    permissions: [
      "openings.read",
      "openings.review",
      "changes.read",
      "naming.read",
      "naming.confirm",
      "naming.withdraw",
      "events.read",
      "alarms.read",
      "doors.read",
      "schedules.read",
      "rules.read",
      "staff.read",
      "motions.read",
      "motions.papers",
      "complaints.enter",
      "complaints.handle",
      "penalties.publish",
      "incidents.handle",
      "cases.read",
    ],
  },
  // Members of the owners' committee: they read what rules are in force and who changed them, and nothing about residents
  // but what the end of somebody's residency is about, once that person objects.
  committee: {
    duty: "audit",
    permissions: [
      "changes.read",
      "naming.read",
      "naming.confirm",
      "naming.withdraw",
      "alarms.read",
      "doors.read",
      "schedules.read",
      "rules.read",
      "staff.read",
      "vendors.admit",
      "roll.read",
      "motions.read",
      "motions.write",
      "motions.papers",
      "residencies.decide",
      "complaints.enter",
      "complaints.handle",
      "penalties.publish",
    ],
  },
  // Officers of the city: complaints that came up to the city, penalties, and incidents, whose affected they may want to be
  // told. Nothing else of this community.
  supervisor: {
    duty: "audit",
    permissions: ["complaints.enter", "complaints.handle", "penalties.publish", "incidents.override"],
  },
  // Whoever sold or maintains the devices, in hours that the community opens: the devices and nothing about anybody.
  vendor: {
    duty: "secure",
    permissions: ["doors.read", "doors.write", "plans.write", "gates.write"],
  },
};

/** The role with which the account of the first start stands in for a duty that nobody else has yet. */
const STAND_IN: Readonly<Record<Duty, StaffRole>> = {
  operate: "manager",
  secure: "security",
  audit: "auditor",
};

/**
 * The body whose members have a role; undefined for roles that members of any may have. INVARIANT: a supervisor is the
 * city's, so that no property company has somebody who looks like one.
 */
export function bodyOf(roles: readonly StaffRole[]): StaffBody | undefined {
  if (roles.includes("supervisor")) return "city";
  return roles.includes("committee") ? "committee" : undefined;
}

export function dutyOf(role: StaffRole): Duty {
  return ROLES[role].duty;
}

/** Parses a stored role; `undefined` for a name that is none. */
export function parseRole(text: string): StaffRole | undefined {
  return STAFF_ROLES.find((role) => role === text);
}

export function parseDuty(text: string): Duty | undefined {
  return DUTIES.find((duty) => duty === text);
}

/** The one duty of some roles, or `undefined` if they are of several (or none is given). */
export function commonDuty(roles: readonly StaffRole[]): Duty | undefined {
  const [first, ...others] = new Set(roles.map(dutyOf));
  return others.length === 0 ? first : undefined;
}

/** What a session acting in `duty` may do. */
export function permissionsOf(roles: readonly StaffRole[], duty: Duty): ReadonlySet<Permission> {
  return new Set(roles.filter((role) => dutyOf(role) === duty).flatMap((role) => ROLES[role].permissions));
}

/** A role that a community made of permissions. */
export interface OwnRoleGrant {
  readonly base: StaffRole;
  readonly permissions: readonly Permission[];
}

/**
 * What somebody with roles of their community's making may do beside. INVARIANT: what no default role of the duty has
 * counts for nothing, whatever is stored, so that own roles cannot join duties either.
 */
export function ownPermissions(own: readonly OwnRoleGrant[], duty: Duty): ReadonlySet<Permission> {
  const ofDuty = permissionsOf(STAFF_ROLES, duty);
  return new Set(
    own
      .filter(({ base }) => dutyOf(base) === duty)
      .flatMap(({ permissions }) => permissions.filter((permission) => ofDuty.has(permission))),
  );
}

/** Parses a stored permission; `undefined` for a name that is none any more. */
export function parsePermission(text: string): Permission | undefined {
  return PERMISSIONS.find((permission) => permission === text);
}

/** The duties that have a role with this permission. */
export function dutiesWith(permission: Permission): readonly Duty[] {
  return DUTIES.filter((duty) =>
    STAFF_ROLES.some((role) => dutyOf(role) === duty && ROLES[role].permissions.includes(permission)),
  );
}

/** The roles that have a permission. */
export function rolesWith(permission: Permission): readonly StaffRole[] {
  return STAFF_ROLES.filter((role) => ROLES[role].permissions.includes(permission));
}

/**
 * Roles an account acts with. The account of the first start stands in for every duty that no other account with a
 * passkey has: somebody must be able to appoint the others, and nobody keeps more than one duty once they are there.
 */
export function effectiveRoles(
  account: { readonly roles: readonly StaffRole[]; readonly setUp: boolean },
  coveredByOthers: ReadonlySet<Duty>,
): readonly StaffRole[] {
  if (!account.setUp) return account.roles;
  const own = new Set(account.roles.map(dutyOf));
  const standIns = DUTIES.filter((duty) => !own.has(duty) && !coveredByOthers.has(duty));
  return [...account.roles, ...standIns.map((duty) => STAND_IN[duty])];
}
