import type { CEREMONY_STATES, CeremonyFailure } from "@menshen/wire";
import { CEREMONY_FAILURES } from "@menshen/wire";
import type { Selectable } from "kysely";
import type { CustodyCeremonyTable, CustodySeatTable } from "../../database/custody-tables.ts";
import { moment, type Reader, type Trx } from "../../database/database.ts";

export type CeremonyRow = Selectable<CustodyCeremonyTable>;
export type SeatRow = Selectable<CustodySeatTable>;

/** A ceremony with its seats in order. */
export interface StoredCeremony {
  readonly row: CeremonyRow;
  readonly seats: readonly SeatRow[];
}

export function isUnderWay({ row }: StoredCeremony): boolean {
  return row.state === "gathering" || row.state === "running";
}

/** Parses a stored failure. */
export function failureOf(text: string | null): CeremonyFailure | undefined {
  return CEREMONY_FAILURES.find((failure) => failure === text);
}

export async function selectCeremony(db: Reader, id: string): Promise<StoredCeremony | undefined> {
  const row = await db.selectFrom("custody_ceremony").selectAll().where("id", "=", id).executeTakeFirst();
  return row === undefined ? undefined : withSeats(db, row);
}

export async function selectUnderWay(db: Reader): Promise<StoredCeremony | undefined> {
  const row = await db
    .selectFrom("custody_ceremony")
    .selectAll()
    .where("state", "in", ["gathering", "running"])
    .executeTakeFirst();
  return row === undefined ? undefined : withSeats(db, row);
}

/** Of those that make keys of epochs. */
export async function selectLastEnded(db: Reader): Promise<StoredCeremony | undefined> {
  const row = await db
    .selectFrom("custody_ceremony")
    .selectAll()
    .where("state", "in", ["finished", "failed"])
    .where("motion_id", "is", null)
    .orderBy("ended_at", "desc")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : withSeats(db, row);
}

/** Those that made keys of epochs, the oldest first. */
export async function selectFinished(db: Reader): Promise<readonly CeremonyRow[]> {
  return db
    .selectFrom("custody_ceremony")
    .selectAll()
    .where("state", "=", "finished")
    .where("motion_id", "is", null)
    .orderBy("ended_at")
    .orderBy("id")
    .execute();
}

export async function selectVouches(db: Reader, id: string): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom("custody_seat")
    .select("vouch")
    .where("ceremony", "=", id)
    .orderBy("custodian")
    .execute();
  return rows.flatMap(({ vouch }) => (vouch === null ? [] : [vouch]));
}

async function withSeats(db: Reader, row: CeremonyRow): Promise<StoredCeremony> {
  const seats = await db
    .selectFrom("custody_seat")
    .selectAll()
    .where("ceremony", "=", row.id)
    .orderBy("custodian")
    .execute();
  return { row, seats };
}

export async function insertCeremony(
  trx: Trx,
  ceremony: Pick<
    CeremonyRow,
    "id" | "set_version" | "ceremony_id" | "first_epoch" | "epoch_count" | "motion_id"
  > & {
    readonly at: number;
    readonly expiresAt: number;
  },
): Promise<void> {
  const { at, expiresAt, ...columns } = ceremony;
  await trx
    .insertInto("custody_ceremony")
    .values({ ...columns, state: "gathering", started_at: moment(at), expires_at: moment(expiresAt) })
    .execute();
}

export async function setState(
  trx: Trx,
  id: string,
  state: (typeof CEREMONY_STATES)[number],
  change: {
    readonly expiresAt?: number;
    readonly endedAt?: number;
    readonly failure?: CeremonyFailure;
    readonly named?: readonly number[];
  } = {},
): Promise<void> {
  await trx
    .updateTable("custody_ceremony")
    .set({
      state,
      ...(change.expiresAt === undefined ? {} : { expires_at: moment(change.expiresAt) }),
      ...(change.endedAt === undefined ? {} : { ended_at: moment(change.endedAt) }),
      ...(change.failure === undefined ? {} : { failure: change.failure }),
      ...(change.named === undefined ? {} : { named: [...change.named] }),
    })
    .where("id", "=", id)
    .execute();
}

export async function putSeat(
  trx: Trx,
  seat: Pick<SeatRow, "ceremony" | "custodian" | "public_key" | "signature">,
): Promise<void> {
  const { public_key, signature } = seat;
  await trx
    .insertInto("custody_seat")
    .values(seat)
    .onConflict((conflict) =>
      conflict.columns(["ceremony", "custodian"]).doUpdateSet({ public_key, signature }),
    )
    .execute();
}

export async function updateSeat(
  trx: Trx,
  ceremony: string,
  custodian: number,
  change:
    | { readonly vouch: Uint8Array }
    | { readonly failure: string; readonly named: number[]; readonly objection?: Uint8Array },
): Promise<void> {
  await trx
    .updateTable("custody_seat")
    .set(change)
    .where("ceremony", "=", ceremony)
    .where("custodian", "=", custodian)
    .execute();
}

export async function setCertificate(trx: Trx, id: string, certificate: Uint8Array): Promise<void> {
  await trx.updateTable("custody_ceremony").set({ certificate }).where("id", "=", id).execute();
}

/** The same message once. */
export async function insertMessage(
  trx: Trx,
  message: { readonly ceremony: string; readonly custodian: number; readonly message: Uint8Array },
): Promise<void> {
  await trx
    .insertInto("custody_message")
    .values(message)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function countMessages(db: Reader, ceremony: string): Promise<ReadonlyMap<number, number>> {
  const rows = await db
    .selectFrom("custody_message")
    .select(["custodian", (eb) => eb.fn.countAll<number>().as("count")])
    .where("ceremony", "=", ceremony)
    .groupBy("custodian")
    .execute();
  return new Map(rows.map(({ custodian, count }) => [custodian, Number(count)]));
}

export async function selectMessages(db: Reader, ceremony: string, after: number) {
  return db
    .selectFrom("custody_message")
    .select(["position", "custodian", "message"])
    .where("ceremony", "=", ceremony)
    .where("position", ">", after)
    .orderBy("position")
    .limit(500)
    .execute();
}
