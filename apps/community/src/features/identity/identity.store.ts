import { type Duty, STAFF_BODIES, type StaffBody, type StaffRole } from "@menshen/wire";
import { sql } from "kysely";
import { dutyOf, type OwnRoleGrant, parseDuty, parsePermission, parseRole } from "../../authority/roles.ts";
import { type Database, moment, type Reader, type Trx } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";

export interface StaffRow {
  readonly id: string;
  readonly displayName: string;
  readonly roles: readonly StaffRole[];
  /** Of the community's making; those that were removed give nothing, but keep the duty. */
  readonly ownRoles: readonly (OwnRoleGrant & { readonly id: string })[];
  readonly duty: Duty;
  readonly body: StaffBody;
  readonly setUp: boolean;
  readonly revision: number;
  readonly removedAt: number | null;
  readonly lastSignInAt: number | null;
  readonly passkeyCount: number;
}

export interface SessionRow {
  readonly staff: StaffRow;
  readonly duty: Duty;
  readonly signedInBy: "code" | "passkey";
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

function staffQuery(db: Reader) {
  return db
    .selectFrom("staff")
    .selectAll("staff")
    .select((eb) =>
      eb
        .selectFrom("passkey")
        .select(sql<number>`count(*)`.as("n"))
        .whereRef("passkey.staff_id", "=", "staff.id")
        .as("passkey_count"),
    )
    .select(
      sql<{ id: string; base: string; permissions: string[] }[]>`coalesce((
        select jsonb_agg(jsonb_build_object('id', id, 'base', base,
          'permissions', case when removed_at is null then permissions else '{}' end))
        from own_role where id = any(staff.own_role_ids)), '[]')`.as("own_roles"),
    );
}

type RawStaff = Awaited<ReturnType<ReturnType<typeof staffQuery>["executeTakeFirstOrThrow"]>>;

function readStaffRow(row: RawStaff): StaffRow {
  const roles = row.roles.map(parseRole).filter((role) => role !== undefined);
  const ownRoles = row.own_roles.flatMap(({ id, base, permissions }) => {
    const known = parseRole(base);
    if (known === undefined) return [];
    return [{ id, base: known, permissions: permissions.flatMap((text) => parsePermission(text) ?? []) }];
  });
  const role = roles[0] ?? ownRoles[0]?.base;
  if (role === undefined)
    throw new CommunityError("internal", `staff ${row.id} has no role that this version knows`);
  const body = STAFF_BODIES.find((candidate) => candidate === row.body);
  if (body === undefined) throw new CommunityError("internal", `staff ${row.id} is of no body known`);
  return {
    id: row.id,
    displayName: row.display_name,
    roles,
    ownRoles,
    duty: dutyOf(role),
    body,
    setUp: row.set_up,
    revision: row.revision,
    removedAt: row.removed_at,
    lastSignInAt: row.last_sign_in_at,
    passkeyCount: row.passkey_count ?? 0,
  };
}

export async function selectStaff(db: Reader, id: string): Promise<StaffRow | undefined> {
  const row = await staffQuery(db).where("staff.id", "=", id).executeTakeFirst();
  return row && readStaffRow(row);
}

/** The default roles that own roles are kinds of; fewer than asked for where some are not there or removed. */
export async function selectOwnRoleBases(db: Reader, ids: readonly string[]): Promise<readonly StaffRole[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("own_role")
    .select("base")
    .where("id", "in", [...ids])
    .where("removed_at", "is", null)
    .execute();
  return rows.flatMap(({ base }) => parseRole(base) ?? []);
}

/** Locks the account, so that two changes of it follow each other. */
export async function lockStaff(trx: Trx, id: string): Promise<StaffRow | undefined> {
  await trx.selectFrom("staff").select("id").where("id", "=", id).forUpdate().execute();
  return selectStaff(trx, id);
}

export async function selectSetUpAccount(db: Reader): Promise<StaffRow | undefined> {
  const row = await staffQuery(db).where("staff.set_up", "=", true).executeTakeFirst();
  return row && readStaffRow(row);
}

export async function selectStaffList(db: Reader, removed: boolean): Promise<readonly StaffRow[]> {
  const rows = await staffQuery(db)
    .where("staff.removed_at", removed ? "is not" : "is", null)
    .orderBy("staff.display_name")
    .orderBy("staff.id")
    .execute();
  return rows.map(readStaffRow);
}

/** Duties that accounts with a passkey have, the account of the first start left out. */
export async function selectCoveredDuties(db: Reader): Promise<ReadonlySet<Duty>> {
  const rows = await db
    .selectFrom("staff")
    .select("roles")
    .where("removed_at", "is", null)
    .where("set_up", "=", false)
    .where((eb) =>
      eb.exists(eb.selectFrom("passkey").select("passkey.id").whereRef("passkey.staff_id", "=", "staff.id")),
    )
    .execute();
  return new Set(
    rows.flatMap((row) =>
      row.roles
        .map(parseRole)
        .filter((role) => role !== undefined)
        .map(dutyOf),
    ),
  );
}

export async function insertStaff(
  trx: Trx,
  staff: {
    readonly id: string;
    readonly displayName: string;
    readonly roles: readonly StaffRole[];
    readonly ownRoleIds?: readonly string[] | undefined;
    /** The property company, if absent. */
    readonly body?: StaffBody | undefined;
    readonly setUp: boolean;
  },
  at: number,
): Promise<void> {
  await trx
    .insertInto("staff")
    .values({
      id: staff.id,
      display_name: staff.displayName,
      roles: [...staff.roles],
      ...(staff.ownRoleIds === undefined ? {} : { own_role_ids: [...staff.ownRoleIds] }),
      ...(staff.body === undefined ? {} : { body: staff.body }),
      set_up: staff.setUp,
      created_at: moment(at),
    })
    .execute();
}

export async function updateStaff(
  trx: Trx,
  id: string,
  values: {
    readonly displayName?: string;
    readonly roles?: readonly StaffRole[];
    readonly ownRoleIds?: readonly string[];
    readonly body?: StaffBody;
    readonly removedAt?: number | null;
  },
): Promise<void> {
  await trx
    .updateTable("staff")
    .set((eb) => ({
      revision: eb("revision", "+", 1),
      ...(values.displayName === undefined ? {} : { display_name: values.displayName }),
      ...(values.roles === undefined ? {} : { roles: [...values.roles] }),
      ...(values.ownRoleIds === undefined ? {} : { own_role_ids: [...values.ownRoleIds] }),
      ...(values.body === undefined ? {} : { body: values.body }),
      ...(values.removedAt === undefined
        ? {}
        : { removed_at: values.removedAt === null ? null : moment(values.removedAt) }),
    }))
    .where("id", "=", id)
    .execute();
}

export async function deleteSessionsOf(trx: Trx, staffId: string): Promise<void> {
  await trx.deleteFrom("staff_session").where("staff_id", "=", staffId).execute();
}

/** Voids the account's earlier codes. */
export async function replaceSignInCode(
  trx: Trx,
  code: { readonly hash: Uint8Array; readonly staffId: string; readonly expiresAt: number },
): Promise<void> {
  await trx
    .deleteFrom("sign_in_code")
    .where("staff_id", "=", code.staffId)
    .where("used_at", "is", null)
    .execute();
  await trx
    .insertInto("sign_in_code")
    .values({ code_hash: code.hash, staff_id: code.staffId, expires_at: moment(code.expiresAt) })
    .execute();
}

/** The account of an unused, unexpired code; the code is used up by this. */
export async function takeSignInCode(trx: Trx, hash: Uint8Array, at: number): Promise<StaffRow | undefined> {
  const taken = await trx
    .updateTable("sign_in_code")
    .set({ used_at: moment(at) })
    .where("code_hash", "=", hash)
    .where("used_at", "is", null)
    .where("expires_at", ">", moment(at))
    .returning("staff_id")
    .executeTakeFirst();
  const staff = taken && (await selectStaff(trx, taken.staff_id));
  return staff?.removedAt === null ? staff : undefined;
}

export async function insertSession(
  trx: Trx,
  session: {
    readonly hash: Uint8Array;
    readonly staffId: string;
    readonly duty: Duty;
    readonly signedInBy: "code" | "passkey";
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  await trx
    .insertInto("staff_session")
    .values({
      token_hash: session.hash,
      staff_id: session.staffId,
      duty: session.duty,
      signed_in_by: session.signedInBy,
      created_at: moment(session.at),
      last_used_at: moment(session.at),
      expires_at: moment(session.expiresAt),
    })
    .execute();
  await trx.deleteFrom("staff_session").where("expires_at", "<", moment(session.at)).execute();
  await trx
    .updateTable("staff")
    .set({ last_sign_in_at: moment(session.at) })
    .where("id", "=", session.staffId)
    .execute();
}

export async function selectSession(db: Reader, hash: Uint8Array): Promise<SessionRow | undefined> {
  const session = await db
    .selectFrom("staff_session")
    .selectAll()
    .where("token_hash", "=", hash)
    .executeTakeFirst();
  const staff = session && (await selectStaff(db, session.staff_id));
  const duty = session && parseDuty(session.duty);
  if (session === undefined || duty === undefined || staff === undefined || staff.removedAt !== null) {
    return undefined;
  }
  return {
    staff,
    duty,
    signedInBy: session.signed_in_by === "passkey" ? "passkey" : "code",
    lastUsedAt: session.last_used_at,
    expiresAt: session.expires_at,
  };
}

export async function updateSession(
  db: Reader,
  hash: Uint8Array,
  values: { readonly lastUsedAt?: number; readonly duty?: Duty },
): Promise<void> {
  await db
    .updateTable("staff_session")
    .set({
      ...(values.lastUsedAt === undefined ? {} : { last_used_at: moment(values.lastUsedAt) }),
      ...(values.duty === undefined ? {} : { duty: values.duty }),
    })
    .where("token_hash", "=", hash)
    .execute();
}

export async function deleteSession(db: Database, hash: Uint8Array): Promise<void> {
  await db.deleteFrom("staff_session").where("token_hash", "=", hash).execute();
}
