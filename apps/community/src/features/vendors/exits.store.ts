import { randomUUID } from "node:crypto";
import { VENDOR_EXIT_KINDS, VENDOR_EXIT_OUTCOMES, type VendorExit, type VendorExitKind } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { known } from "../../view-record/index.ts";

/** A device of a vendor, removed ones too: a box on a shelf has keys on it all the same. */
export interface VendorDevice {
  readonly kind: Exclude<VendorExitKind, "store">;
  readonly id: string;
  readonly name: string;
}

/** Gates of a vendor that were ever enrolled or stand in the register, and their readers. */
export async function selectDevices(db: Reader, vendorId: string): Promise<readonly VendorDevice[]> {
  const { rows } = await sql<{ kind: string; id: string; name: string }>`
    select 'gate' as kind, g.id, g.name from gate g where g.vendor_id = ${vendorId}
      and (g.removed_at is null or exists (
        select from gate_device d where d.gate_id = g.id and d.enrolment <> 'new'))
    union all
    select 'reader', r.id, concat(g.name, ' · ', r.name) from reader r join gate g on g.id = r.gate_id
    where g.vendor_id = ${vendorId} and r.removed_at is null
    order by kind, name, id`.execute(db);
  return rows.map(({ kind, id, name }) => ({ kind: known(["gate", "reader"] as const, kind), id, name }));
}

/** Whether a gate of this community still takes part: enrolled, not revoked, in the register. */
export async function isInUse(db: Reader, gateId: string): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from gate g left join gate_device d on d.gate_id = g.id
    where g.id = ${gateId} and (g.removed_at is null or d.enrolment = 'enrolled')`.execute(db);
  return (rows[0]?.n ?? 0) > 0;
}

/** Whose a device is now; `undefined` for nobody's, and for a device that is gone. */
export async function selectVendorOfDevice(
  db: Reader,
  device: { readonly kind: VendorExitKind; readonly id: string },
): Promise<{ readonly gateId: string; readonly vendorId: string | null } | undefined> {
  const { rows } = await sql<{ gateId: string; vendorId: string | null }>`
    select g.id as "gateId", g.vendor_id as "vendorId" from gate g
    where g.id = ${device.id}::uuid or g.id = (select gate_id from reader where id = ${device.id}::uuid)`.execute(
    db,
  );
  return rows[0];
}

export async function putVendorOfGate(trx: Trx, gateId: string, vendorId: string): Promise<void> {
  await trx.updateTable("gate").set({ vendor_id: vendorId }).where("id", "=", gateId).execute();
}

export async function insertExit(
  trx: Trx,
  exit: {
    readonly id: string;
    readonly vendorId: string;
    readonly ground: string;
    readonly at: number;
    readonly staffId: string;
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .insertInto("vendor_exit")
    .values({
      id: exit.id,
      vendor_id: exit.vendorId,
      ground: exit.ground,
      begun_at: moment(exit.at),
      staff_id: exit.staffId,
      leaf_id: exit.leafId,
      closed_by: null,
      closing_leaf_id: null,
    })
    .execute();
}

/** Puts onto the list what is not on it yet; how many that were. */
export async function insertItems(
  trx: Trx,
  exitId: string,
  items: readonly { readonly kind: VendorExitKind; readonly deviceId?: string; readonly name: string }[],
): Promise<number> {
  if (items.length === 0) return 0;
  const { rows } = await sql`
    insert into vendor_exit_item (id, exit_id, kind, device_id, name)
    select * from unnest(${items.map(() => randomUUID())}::uuid[], ${items.map(() => exitId)}::uuid[],
      ${items.map(({ kind }) => kind)}::text[], ${items.map(({ deviceId }) => deviceId ?? null)}::uuid[],
      ${items.map(({ name }) => name)}::text[])
    on conflict (exit_id, device_id) do nothing returning id`.execute(trx);
  return rows.length;
}

/** Locks an exit until the transaction is over. */
export async function lockExit(trx: Trx, id: string) {
  return trx
    .selectFrom("vendor_exit")
    .select(["vendor_id as vendorId", "closed_at as closedAt"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
}

export async function selectItem(trx: Trx, exitId: string, id: string) {
  return trx
    .selectFrom("vendor_exit_item")
    .select(["kind", "device_id as deviceId", "name"])
    .where("exit_id", "=", exitId)
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function putItemReceipt(
  trx: Trx,
  id: string,
  receipt: {
    readonly outcome: string;
    readonly words: string;
    readonly sha256: string | undefined;
    readonly at: number;
    readonly staffId: string;
    readonly leafId: string;
  },
): Promise<void> {
  await trx
    .updateTable("vendor_exit_item")
    .set({
      outcome: receipt.outcome,
      words: receipt.words,
      sha256: receipt.sha256 ?? null,
      at: moment(receipt.at),
      staff_id: receipt.staffId,
      leaf_id: receipt.leafId,
    })
    .where("id", "=", id)
    .execute();
}

export async function putClosed(
  trx: Trx,
  id: string,
  closing: { readonly at: number; readonly staffId: string; readonly leafId: string },
): Promise<void> {
  await trx
    .updateTable("vendor_exit")
    .set({ closed_at: moment(closing.at), closed_by: closing.staffId, closing_leaf_id: closing.leafId })
    .where("id", "=", id)
    .execute();
}

/** The newest first. @param names of vendors, by id */
export async function selectExits(db: Reader, names: ReadonlyMap<string, string>): Promise<VendorExit[]> {
  const exits = await db
    .selectFrom("vendor_exit")
    .selectAll()
    .orderBy("begun_at", "desc")
    .limit(200)
    .execute();
  const items = await db
    .selectFrom("vendor_exit_item")
    .leftJoin("evidence_leaf", "evidence_leaf.leaf_id", "vendor_exit_item.leaf_id")
    .selectAll("vendor_exit_item")
    .select("evidence_leaf.index")
    // Readers go with their gate, which is therefore asked about first.
    .orderBy(sql`array_position(array['store', 'gate', 'reader'], kind)`)
    .orderBy("name")
    .orderBy("vendor_exit_item.id")
    .execute();
  return exits.map((exit) => ({
    id: exit.id,
    vendorId: exit.vendor_id,
    vendorName: names.get(exit.vendor_id) ?? "",
    ground: exit.ground,
    begunAt: exit.begun_at,
    ...optional("closedAt", exit.closed_at),
    items: items
      .filter(({ exit_id: id }) => id === exit.id)
      .map((item) => ({
        id: item.id,
        kind: known(VENDOR_EXIT_KINDS, item.kind),
        name: item.name,
        ...optional("outcome", item.outcome === null ? undefined : known(VENDOR_EXIT_OUTCOMES, item.outcome)),
        ...optional("words", item.words),
        ...optional("sha256", item.sha256),
        ...optional("at", item.at),
        ...optional("leafIndex", item.index),
      })),
  }));
}
