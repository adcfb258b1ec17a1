import { randomUUID } from "node:crypto";
import { makeToken } from "@menshen/service-kit";
import type { SignInCode, Staff, StaffBody, StaffCreate, StaffRole, StaffUpdate } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { bodyOf, commonDuty, permissionsOf } from "../../authority/roles.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import {
  deleteSessionsOf,
  insertStaff,
  lockStaff,
  replaceSignInCode,
  type StaffRow,
  selectOwnRoleBases,
  selectSetUpAccount,
  selectStaff,
  selectStaffList,
  updateStaff,
} from "./identity.store.ts";
import { staffPasskeys } from "./staff-passkeys.ts";

/** A link lives for a day: long enough to be carried to a colleague, short enough to be forgotten. */
export const SIGN_IN_CODE_LIFE_MS = 24 * 60 * 60_000;

const SET_UP_NAME = "管理员 Administrator";

export interface StaffDependencies {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** Address of the console, without a slash at its end. */
  readonly publicUrl: () => string;
}

export type StaffService = ReturnType<typeof makeStaffService>;

/** Accounts of staff and their one-time sign-in links. */
export function makeStaffService({ db, change, publicUrl }: StaffDependencies) {
  async function issueCode(trx: Trx, staffId: string, at: number): Promise<SignInCode> {
    const { token, hash } = makeToken();
    const expiresAt = at + SIGN_IN_CODE_LIFE_MS;
    await replaceSignInCode(trx, { hash, staffId, expiresAt });
    return { code: token, link: `${publicUrl()}/sign-in#code=${token}`, expiresAt };
  }

  return {
    /**
     * The link for the first sign-in, as long as no account has a passkey; undefined afterwards. Makes the account of the
     * first start if it is not there. Each call voids the link before.
     */
    async makeBootstrapCode(): Promise<SignInCode | undefined> {
      if (await staffPasskeys.isAny(db)) return undefined;
      return change({ actor: undefined, reason: { code: "installation" } }, async ({ trx, at, record }) => {
        let account = await selectSetUpAccount(trx);
        if (account === undefined) {
          const id = randomUUID();
          await insertStaff(trx, { id, displayName: SET_UP_NAME, roles: ["manager"], setUp: true }, at);
          await record({
            action: "staff.created",
            entity: "staff",
            entityId: id,
            after: { roles: ["manager"], setUp: true },
          });
          account = await selectStaff(trx, id);
        }
        if (account === undefined) throw refusal("not-found", "no account of the first start");
        await record({ action: "staff.sign-in-code-made", entity: "staff", entityId: account.id });
        return issueCode(trx, account.id, at);
      });
    },

    async list(actor: Actor, removed: boolean): Promise<readonly Staff[]> {
      authorise(actor, "staff.read");
      return (await selectStaffList(db, removed)).map(staffView);
    },

    /** Throws `invalid-request` for roles of several duties, and for a supervisor who is not the city's. */
    async create(author: StaffAuthor, input: StaffCreate) {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, at, record }) => {
        const id = randomUUID();
        const displayName = input.displayName.trim();
        const { roles, ownRoleIds = [], body = bodyOf(input.roles) } = input;
        demandCity(roles, body);
        await demandOneDuty(trx, roles, ownRoleIds);
        await insertStaff(trx, { id, displayName, roles, ownRoleIds, body, setUp: false }, at);
        await record({
          action: "staff.created",
          entity: "staff",
          entityId: id,
          after: { displayName, roles, ownRoleIds, body },
        });
        const signIn = await issueCode(trx, id, at);
        return { staff: staffView(await present(trx, id)), signIn };
      });
    },

    async update(author: StaffAuthor, id: string, input: StaffUpdate): Promise<Staff> {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, record }) => {
        const before = await present(trx, id);
        if (before.revision !== input.revision) throw stale();
        const { roles } = input;
        const ownBefore = before.ownRoles.map((own) => own.id);
        const ownRoleIds = input.ownRoleIds ?? ownBefore;
        await demandOneDuty(trx, roles, ownRoleIds);
        const rolesChanged = !sameSet(before.roles, roles) || !sameSet(ownBefore, ownRoleIds);
        if (rolesChanged && before.id === author.actor.staffId) {
          throw refusal("forbidden", "nobody changes their own roles");
        }
        if (rolesChanged && before.setUp)
          throw refusal("forbidden", "the account of the first start keeps its role");
        const displayName = input.displayName.trim();
        const body = input.body ?? before.body;
        demandCity(roles, body);
        await updateStaff(trx, id, { displayName, roles, ownRoleIds, body });
        await demandStaffKeeper(trx, before);
        // Sessions that were opened with other roles end.
        if (rolesChanged) await deleteSessionsOf(trx, id);
        await record({
          action: "staff.changed",
          entity: "staff",
          entityId: id,
          before: {
            displayName: before.displayName,
            roles: before.roles,
            ownRoleIds: ownBefore,
            body: before.body,
          },
          after: { displayName, roles, ownRoleIds, body },
        });
        return staffView(await present(trx, id));
      });
    },

    async invite(author: StaffAuthor, id: string): Promise<SignInCode> {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, at, record }) => {
        const account = await present(trx, id);
        if (account.removedAt !== null) throw refusal("conflict", "this account is closed");
        await record({ action: "staff.sign-in-code-made", entity: "staff", entityId: id });
        return issueCode(trx, id, at);
      });
    },

    async remove(author: StaffAuthor, id: string): Promise<Staff> {
      authorise(author.actor, "staff.write");
      if (id === author.actor.staffId) throw refusal("forbidden", "nobody closes their own account");
      return change(author, async ({ trx, at, record }) => {
        const before = await present(trx, id);
        if (before.removedAt === null) {
          await updateStaff(trx, id, { removedAt: at });
          await demandStaffKeeper(trx, before);
          await deleteSessionsOf(trx, id);
          await record({
            action: "staff.removed",
            entity: "staff",
            entityId: id,
            before: { roles: before.roles },
          });
        }
        return staffView(await present(trx, id));
      });
    },

    async restore(author: StaffAuthor, id: string): Promise<Staff> {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, record }) => {
        const before = await present(trx, id);
        if (before.removedAt !== null) {
          await updateStaff(trx, id, { removedAt: null });
          await record({
            action: "staff.restored",
            entity: "staff",
            entityId: id,
            after: { roles: before.roles },
          });
        }
        return staffView(await present(trx, id));
      });
    },
  };
}

async function present(trx: Trx, id: string): Promise<StaffRow> {
  const row = await lockStaff(trx, id);
  if (row === undefined) throw refusal("not-found", "no such staff account");
  return row;
}

/** Throws `not-found` for an own role that is not there, `invalid-request` for roles of several duties or none. */
async function demandOneDuty(
  trx: Trx,
  roles: readonly StaffRole[],
  ownRoleIds: readonly string[],
): Promise<void> {
  const bases = await selectOwnRoleBases(trx, ownRoleIds);
  if (bases.length < ownRoleIds.length) throw refusal("not-found", "no such role");
  if (commonDuty([...roles, ...bases]) === undefined) {
    throw refusal("invalid-request", "roles of one account belong to one duty: operate, secure or audit", {
      fields: [{ path: "body/roles", message: "expected roles of one duty" }],
    });
  }
}

/** Throws `invalid-request` for a supervisor of any other body than the city. */
function demandCity(roles: readonly StaffRole[], body: StaffBody | undefined): void {
  if (!roles.includes("supervisor") || body === "city") return;
  throw refusal("invalid-request", "a supervisor is the city's", {
    fields: [{ path: "body/body", message: "expected the city for a supervisor" }],
  });
}

/**
 * After one that could appoint others was closed or changed: somebody else who can must have a passkey, or nobody ever
 * could again. The account of the first start takes the duty over as soon as no other has it.
 */
async function demandStaffKeeper(trx: Trx, before: StaffRow): Promise<void> {
  if (before.passkeyCount === 0 || !(before.setUp || mayAppoint(before))) return;
  const accounts = await selectStaffList(trx, false);
  if (!accounts.some((account) => account.passkeyCount > 0 && (account.setUp || mayAppoint(account)))) {
    throw refusal("last-of-its-kind", "somebody with a passkey must keep the role `security`");
  }
}

function mayAppoint(account: StaffRow): boolean {
  return permissionsOf(account.roles, account.duty).has("staff.write");
}

function sameSet(first: readonly string[], second: readonly string[]): boolean {
  return [...first].sort().join() === [...second].sort().join();
}

function stale() {
  return refusal("stale-revision", "somebody else changed this meanwhile: read it again");
}

function staffView(row: StaffRow): Staff {
  return {
    id: row.id,
    revision: row.revision,
    displayName: row.displayName,
    roles: [...row.roles],
    ownRoleIds: row.ownRoles.map(({ id }) => id),
    duty: row.duty,
    body: row.body,
    setUp: row.setUp,
    passkeyCount: row.passkeyCount,
    ...(row.lastSignInAt === null ? {} : { lastSignInAt: row.lastSignInAt }),
    ...(row.removedAt === null ? {} : { removedAt: row.removedAt }),
  };
}
