import type { VendorAccess } from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

const SHOWN = 100;

function withNames(db: Reader) {
  return db
    .selectFrom("vendor_access")
    .innerJoin("staff as opener", "opener.id", "vendor_access.opened_by")
    .leftJoin("staff as closer", "closer.id", "vendor_access.closed_by")
    .selectAll("vendor_access")
    .select(["opener.display_name as opener_name", "closer.display_name as closer_name"]);
}

function view(
  row: Awaited<ReturnType<ReturnType<typeof withNames>["executeTakeFirstOrThrow"]>>,
): VendorAccess {
  return {
    id: row.id,
    company: row.company,
    openedBy: row.opener_name,
    reasonCode: row.reason_code,
    ...optional("reasonText", row.reason_text),
    openedAt: row.opened_at,
    until: row.until,
    ...optional("closedAt", row.closed_at),
    ...optional("closedBy", row.closer_name),
  };
}

/** Newest first. */
export async function selectVendorAccesses(db: Reader): Promise<VendorAccess[]> {
  const rows = await withNames(db)
    .orderBy("vendor_access.opened_at", "desc")
    .orderBy("vendor_access.id")
    .limit(SHOWN)
    .execute();
  return rows.map(view);
}

export async function selectVendorAccess(db: Reader, id: string): Promise<VendorAccess | undefined> {
  const row = await withNames(db).where("vendor_access.id", "=", id).executeTakeFirst();
  return row && view(row);
}

/** What is open at a moment; it ends by its time, whether or not anybody does anything. */
export async function selectOpenVendorAccess(db: Reader, at: number): Promise<VendorAccess | undefined> {
  const row = await withNames(db)
    .where("vendor_access.closed_at", "is", null)
    .where("vendor_access.until", ">", moment(at))
    .orderBy("vendor_access.until", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && view(row);
}

/** Whether accounts of vendors work at a moment. */
export async function isVendorAccessOpen(db: Reader, at: number): Promise<boolean> {
  const row = await db
    .selectFrom("vendor_access")
    .select("id")
    .where("closed_at", "is", null)
    .where("until", ">", moment(at))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertVendorAccess(
  trx: Trx,
  access: {
    readonly id: string;
    readonly company: string;
    readonly openedBy: string;
    readonly reasonCode: string;
    readonly reasonText: string | undefined;
    readonly openedAt: number;
    readonly until: number;
  },
): Promise<void> {
  await trx
    .insertInto("vendor_access")
    .values({
      id: access.id,
      company: access.company,
      opened_by: access.openedBy,
      reason_code: access.reasonCode,
      reason_text: access.reasonText ?? null,
      opened_at: moment(access.openedAt),
      until: moment(access.until),
      closed_by: null,
      closed_at: null,
    })
    .execute();
}

/** False if it was closed or over already. */
export async function closeVendorAccess(trx: Trx, id: string, staffId: string, at: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable("vendor_access")
    .set({ closed_by: staffId, closed_at: moment(at) })
    .where("id", "=", id)
    .where("closed_at", "is", null)
    .where("until", ">", moment(at))
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Sessions of vendors, which do not come back with the next hours. */
export async function endVendorSessions(trx: Trx): Promise<void> {
  await trx
    .deleteFrom("staff_session")
    .where("staff_id", "in", (eb) =>
      eb
        .selectFrom("staff")
        .select("id")
        .where("roles", "@>", eb.val(["vendor"])),
    )
    .execute();
}
