import type { Vendor, VendorPageFields } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";

/** A page that a vendor had, or has. */
export interface StoredVersion {
  readonly vendorId: string;
  readonly revision: number;
  readonly page: VendorPageFields;
  readonly sha256: string;
  readonly at: number;
  readonly leafIndex: number | undefined;
}

export interface StoredVendor {
  readonly id: string;
  readonly revision: number;
  readonly beforeRoll: boolean;
  readonly gateNames: readonly string[];
  /** By its newest exit. */
  readonly leaving: Vendor["leaving"];
}

/** Oldest first. */
export async function selectVendors(db: Reader): Promise<readonly StoredVendor[]> {
  const { rows } = await sql<{
    id: string;
    revision: number;
    before_roll: boolean;
    gate_names: string[];
    closed: boolean | null;
  }>`
    select id, revision, before_roll, array(
      select name from gate where vendor_id = vendor.id and removed_at is null order by name
    ) as gate_names, (
      select closed_at is not null from vendor_exit where vendor_id = vendor.id order by begun_at desc, closed_at is null desc limit 1
    ) as closed from vendor order by created_at, id`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    revision: row.revision,
    beforeRoll: row.before_roll,
    gateNames: row.gate_names,
    leaving: row.closed === null ? undefined : row.closed ? "gone" : "going",
  }));
}

/** Newest first. */
export async function selectVersions(db: Reader): Promise<readonly StoredVersion[]> {
  const rows = await db
    .selectFrom("vendor_version")
    .leftJoin("evidence_leaf", "evidence_leaf.leaf_id", "vendor_version.leaf_id")
    .selectAll("vendor_version")
    .select("evidence_leaf.index")
    .orderBy("revision", "desc")
    .execute();
  return rows.map((row) => ({
    vendorId: row.vendor_id,
    revision: row.revision,
    // Written by `insertVersion` alone, from a request of this shape.
    page: row.page as VendorPageFields,
    sha256: row.sha256,
    at: row.at,
    leafIndex: row.index ?? undefined,
  }));
}

export async function insertVendor(
  trx: Trx,
  vendor: { readonly id: string; readonly at: number; readonly beforeRoll: boolean },
): Promise<void> {
  await trx
    .insertInto("vendor")
    .values({ id: vendor.id, created_at: moment(vendor.at), before_roll: vendor.beforeRoll })
    .execute();
}

/** Locks a vendor until the end of the transaction; its revision. */
export async function lockVendor(trx: Trx, id: string): Promise<{ readonly revision: number } | undefined> {
  return trx.selectFrom("vendor").select("revision").where("id", "=", id).forUpdate().executeTakeFirst();
}

export async function insertVersion(
  trx: Trx,
  version: {
    readonly vendorId: string;
    readonly revision: number;
    readonly page: VendorPageFields;
    readonly sha256: string;
    readonly at: number;
    readonly staffId: string;
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .insertInto("vendor_version")
    .values({
      vendor_id: version.vendorId,
      revision: version.revision,
      page: JSON.stringify(version.page),
      sha256: version.sha256,
      at: moment(version.at),
      staff_id: version.staffId,
      leaf_id: version.leafId,
    })
    .execute();
  await trx
    .updateTable("vendor")
    .set({ revision: version.revision })
    .where("id", "=", version.vendorId)
    .execute();
}

/** The motion by which a vendor came, passed and used. */
export async function selectMotionsUsed(db: Reader): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom("motion")
    .select(["id", "subject"])
    .where("matter", "=", "new-vendor")
    .where("used_for", "is not", null)
    .execute();
  return new Map(rows.flatMap(({ id, subject }) => (subject === null ? [] : [[subject, id] as const])));
}
