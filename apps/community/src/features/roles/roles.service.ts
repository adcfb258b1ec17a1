import { randomUUID } from "node:crypto";
import {
  type BodyOf,
  type OwnRole,
  type OwnRoleCreate,
  type ownRoleEndpoints,
  type QueryOf,
  STAFF_ROLES,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import { dutyOf, ownPermissions, permissionsOf } from "../../authority/roles.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database, Trx } from "../../database/database.ts";
import {
  demandFresh,
  demandPresent,
  found,
  lockRecord,
  setRemoved,
  unlessTaken,
} from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import {
  endSessionsWithRole,
  hasRole,
  insertOwnRole,
  selectOwnRole,
  selectOwnRoles,
  updateOwnRole,
} from "./roles.store.ts";

const NAME_TAKEN = "another role has this name";

export type RolesService = ReturnType<typeof makeRolesService>;

/** Roles that a community makes of permissions, each within one duty. Whoever has one is signed out when it changes. */
export function makeRolesService({ db, change }: { readonly db: Database; readonly change: ChangeRunner }) {
  async function locked(trx: Trx, id: string): Promise<OwnRole> {
    await lockRecord(trx, "own_role", id);
    return found(await selectOwnRole(trx, id), "role");
  }

  /** Throws `forbidden` for a role of one's own: nobody gives themselves more. */
  async function demandNotOwn(trx: Trx, { actor }: StaffAuthor, id: string): Promise<void> {
    if (await hasRole(trx, actor.staffId, id)) throw refusal("forbidden", "nobody changes their own roles");
  }

  return {
    async list(actor: Actor, query: QueryOf<typeof ownRoleEndpoints.list>) {
      authorise(actor, "staff.read");
      return selectOwnRoles(db, query);
    },

    async read(actor: Actor, id: string): Promise<OwnRole> {
      authorise(actor, "staff.read");
      return found(await selectOwnRole(db, id), "role");
    },

    /** What a role of each kind can be given. */
    async offered(actor: Actor) {
      authorise(actor, "staff.read");
      return STAFF_ROLES.map((base) => ({
        base,
        permissions: [...permissionsOf(STAFF_ROLES, dutyOf(base))],
      }));
    },

    /** Throws `invalid-request` for a permission of another duty, `conflict` for a name in use. */
    async create(author: StaffAuthor, input: OwnRoleCreate): Promise<OwnRole> {
      authorise(author.actor, "staff.write");
      const after = checked(input);
      return change(author, async ({ trx, record }) => {
        const id = randomUUID();
        await unlessTaken(insertOwnRole(trx, id, after), NAME_TAKEN);
        await record({ action: "role.created", entity: "role", entityId: id, after: { ...after } });
        return found(await selectOwnRole(trx, id), "role");
      });
    },

    async update(
      author: StaffAuthor,
      id: string,
      { revision, ...input }: BodyOf<typeof ownRoleEndpoints.update>,
    ): Promise<OwnRole> {
      authorise(author.actor, "staff.write");
      const after = checked(input);
      return change(author, async ({ trx, record }) => {
        const before = await locked(trx, id);
        demandPresent(before, "role");
        demandFresh(before, revision);
        await demandNotOwn(trx, author, id);
        if (dutyOf(before.base) !== dutyOf(after.base)) {
          throw refusal("invalid-request", "a role stays in its duty: make another");
        }
        await unlessTaken(updateOwnRole(trx, id, after), NAME_TAKEN);
        await endSessionsWithRole(trx, id);
        const { name, base, permissions } = before;
        await record({
          action: "role.changed",
          entity: "role",
          entityId: id,
          before: { name, base, permissions },
          after: { ...after },
        });
        return found(await selectOwnRole(trx, id), "role");
      });
    },

    /** Accounts keep it and may do nothing by it until it is restored. */
    async remove(author: StaffAuthor, id: string): Promise<OwnRole> {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, at, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt !== undefined) return before;
        await demandNotOwn(trx, author, id);
        await setRemoved(trx, "own_role", id, at);
        await endSessionsWithRole(trx, id);
        await record({ action: "role.removed", entity: "role", entityId: id, before: { name: before.name } });
        return found(await selectOwnRole(trx, id), "role");
      });
    },

    async restore(author: StaffAuthor, id: string): Promise<OwnRole> {
      authorise(author.actor, "staff.write");
      return change(author, async ({ trx, record }) => {
        const before = await locked(trx, id);
        if (before.removedAt === undefined) return before;
        await demandNotOwn(trx, author, id);
        await unlessTaken(setRemoved(trx, "own_role", id, undefined), NAME_TAKEN);
        await endSessionsWithRole(trx, id);
        await record({ action: "role.restored", entity: "role", entityId: id, after: { name: before.name } });
        return found(await selectOwnRole(trx, id), "role");
      });
    },
  };
}

function checked(input: OwnRoleCreate): OwnRoleCreate {
  const allowed = ownPermissions([input], dutyOf(input.base));
  const foreign = input.permissions.filter((permission) => !allowed.has(permission));
  if (foreign.length > 0) {
    throw refusal("invalid-request", "a role has permissions of one duty only", {
      fields: [{ path: "body/permissions", message: `of another duty: ${foreign.join(", ")}` }],
    });
  }
  return { ...input, name: input.name.trim() };
}
