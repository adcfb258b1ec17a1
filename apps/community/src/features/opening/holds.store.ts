import { moment, type Reader, type Trx } from "../../database/database.ts";
import type { OpeningRow } from "./opening.store.ts";

/** An answer that a custodian sealed again. `position` is that of the hold's own entries. */
export interface HeldAnswer {
  readonly position: number;
  readonly custodian: number;
  readonly ceremony: string;
  readonly held: Uint8Array;
}

/** An answer for a sealed answer. */
export interface HeldPartial {
  readonly position: number;
  readonly heldCustodian: number;
  readonly custodian: number;
  readonly sealed: Uint8Array;
}

/** `false` if this custodian's answer for the entry is there already. */
export async function insertHeld(trx: Trx, id: string, answer: HeldAnswer): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("opening_held")
    .values({ opening_id: id, ...answer })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

export async function selectHeld(db: Reader, id: string): Promise<readonly HeldAnswer[]> {
  return db
    .selectFrom("opening_held")
    .select(["position", "custodian", "ceremony", "held"])
    .where("opening_id", "=", id)
    .orderBy("position")
    .orderBy("custodian")
    .execute();
}

export async function insertHeldPartial(trx: Trx, id: string, partial: HeldPartial): Promise<boolean> {
  const { position, heldCustodian, custodian, sealed } = partial;
  const { numInsertedOrUpdatedRows: added } = await trx
    .insertInto("opening_held_partial")
    .values({ opening_id: id, position, held_custodian: heldCustodian, custodian, sealed })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return added === 1n;
}

export async function selectHeldPartials(db: Reader, id: string): Promise<readonly HeldPartial[]> {
  return db
    .selectFrom("opening_held_partial")
    .select(["position", "held_custodian as heldCustodian", "custodian", "sealed"])
    .where("opening_id", "=", id)
    .orderBy("position")
    .orderBy("held_custodian")
    .orderBy("custodian")
    .execute();
}

export async function selectHoldsOver(db: Reader, now: number): Promise<readonly OpeningRow[]> {
  return db
    .selectFrom("opening")
    .selectAll()
    .where("hold_until", "<=", moment(now))
    .where("hold_ended_at", "is", null)
    .where("state", "=", "answered")
    .orderBy("hold_until")
    .execute();
}

/** Nothing of what was held stays, nor anything that was answered from it and not opened yet. */
export async function endHold(trx: Trx, id: string, at: number): Promise<void> {
  await trx.deleteFrom("opening_held").where("opening_id", "=", id).execute();
  await trx
    .updateTable("opening")
    .set({ hold_ended_at: moment(at) })
    .where("id", "=", id)
    .execute();
}
