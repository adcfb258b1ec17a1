import type { GateCreate, gateEndpoints, QueryOf } from "@menshen/wire";
import { sql } from "kysely";
import { pageByName } from "../../database/by-name.ts";
import type { Reader, Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

/** A gate as the community named it; what the gate says of itself is the gate link's. */
export interface GateRecord extends GateCreate {
  readonly id: string;
  readonly revision: number;
  readonly removedAt?: number;
}

function gateRecord(row: {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly door_group: number;
  readonly vendor_id: string | null;
  readonly removed_at: number | null;
}): GateRecord {
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    doorGroup: row.door_group,
    ...optional("vendorId", row.vendor_id),
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectGate(db: Reader, id: string): Promise<GateRecord | undefined> {
  const row = await db.selectFrom("gate").selectAll().where("id", "=", id).executeTakeFirst();
  return row && gateRecord(row);
}

export async function selectGates(db: Reader, query: QueryOf<typeof gateEndpoints.list>) {
  return pageByName(db.selectFrom("gate").selectAll(), "gate", query, gateRecord);
}

/** All gates that are there; a community has dozens, not thousands. */
export async function selectAllGates(db: Reader): Promise<readonly GateRecord[]> {
  const rows = await db
    .selectFrom("gate")
    .selectAll()
    .where("removed_at", "is", null)
    .orderBy("name")
    .orderBy("id")
    .execute();
  return rows.map(gateRecord);
}

export async function insertGate(trx: Trx, id: string, gate: GateCreate): Promise<void> {
  await trx
    .insertInto("gate")
    .values({ id, name: gate.name, door_group: gate.doorGroup, vendor_id: gate.vendorId ?? null })
    .execute();
}

export async function updateVendor(trx: Trx, id: string, vendorId: string | undefined): Promise<void> {
  await trx
    .updateTable("gate")
    .set({ vendor_id: vendorId ?? null })
    .where("id", "=", id)
    .execute();
}

export async function updateGate(trx: Trx, id: string, gate: GateCreate): Promise<void> {
  await trx
    .updateTable("gate")
    .set((eb) => ({ name: gate.name, door_group: gate.doorGroup, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Doors that a gate drives and readers that hang on it, removed ones left out. */
export async function countAttached(db: Reader, gateId: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from portal where gate_id = ${gateId} and removed_at is null)
         + (select count(*) from reader where gate_id = ${gateId} and removed_at is null) as n`.execute(db);
  return rows[0]?.n ?? 0;
}

/** Names of the portals and readers of all gates, for telling findings apart. */
export async function selectSubjectNames(db: Reader): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from portal where removed_at is null
    union all select id, name from reader where removed_at is null`.execute(db);
  return new Map(rows.map((row) => [row.id, row.name]));
}
