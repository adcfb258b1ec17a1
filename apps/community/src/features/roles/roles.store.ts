import type { OwnRole, OwnRoleCreate, ownRoleEndpoints, QueryOf } from "@menshen/wire";
import { parsePermission, parseRole } from "../../authority/roles.ts";
import { pageByName } from "../../database/by-name.ts";
import type { Reader, Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

function view(row: {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly base: string;
  readonly permissions: readonly string[];
  readonly removed_at: number | null;
}): OwnRole {
  const base = parseRole(row.base);
  if (base === undefined) throw new CommunityError("internal", "a stored role is a kind of none known");
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    base,
    permissions: row.permissions.flatMap((text) => parsePermission(text) ?? []),
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectOwnRole(db: Reader, id: string): Promise<OwnRole | undefined> {
  const row = await db.selectFrom("own_role").selectAll().where("id", "=", id).executeTakeFirst();
  return row && view(row);
}

export async function selectOwnRoles(db: Reader, query: QueryOf<typeof ownRoleEndpoints.list>) {
  return pageByName(db.selectFrom("own_role").selectAll(), "own_role", query, view);
}

export async function insertOwnRole(trx: Trx, id: string, role: OwnRoleCreate): Promise<void> {
  await trx
    .insertInto("own_role")
    .values({ id, name: role.name, base: role.base, permissions: [...role.permissions] })
    .execute();
}

export async function updateOwnRole(trx: Trx, id: string, role: OwnRoleCreate): Promise<void> {
  await trx
    .updateTable("own_role")
    .set((eb) => ({
      name: role.name,
      base: role.base,
      permissions: [...role.permissions],
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}

/** Sessions of everybody who has a role, and those who have it. */
export async function endSessionsWithRole(trx: Trx, id: string): Promise<void> {
  await trx
    .deleteFrom("staff_session")
    .where("staff_id", "in", (eb) =>
      eb
        .selectFrom("staff")
        .select("id")
        .where("own_role_ids", "@>", eb.val([id])),
    )
    .execute();
}

/** Whether this account has the role. */
export async function hasRole(trx: Trx, staffId: string, id: string): Promise<boolean> {
  const row = await trx
    .selectFrom("staff")
    .select("id")
    .where("id", "=", staffId)
    .where((eb) => eb("own_role_ids", "@>", eb.val([id])))
    .executeTakeFirst();
  return row !== undefined;
}
