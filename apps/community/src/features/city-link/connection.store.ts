import type { CityIssuer } from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";

export type Trouble = "unreachable" | "refused" | "rate-limited" | "not-believed";

export async function selectConnection(db: Reader) {
  return db.selectFrom("city_connection").selectAll().executeTakeFirst();
}

export async function isConnectedTo(db: Reader): Promise<boolean> {
  return (await db.selectFrom("city_connection").select("only_row").executeTakeFirst()) !== undefined;
}

/** Takes the place of the connection before. Tags of another key are no good: everything is asked and told anew. */
export async function replaceConnection(
  trx: Trx,
  connection: {
    readonly url: string;
    readonly name: string;
    readonly evaluationKey: Uint8Array;
    readonly sealedKey: Uint8Array;
    readonly at: number;
  },
): Promise<void> {
  await deleteConnection(trx);
  await trx
    .insertInto("city_connection")
    .values({
      url: connection.url,
      name: connection.name,
      evaluation_key: connection.evaluationKey,
      sealed_key: connection.sealedKey,
      enrolled_at: moment(connection.at),
      trouble: null,
      issuers: "[]",
    })
    .execute();
}

export async function deleteConnection(trx: Trx): Promise<void> {
  await trx.deleteFrom("city_connection").execute();
  await trx.deleteFrom("city_report").where("state", "=", "withdrawing").execute();
  await trx
    .updateTable("city_report")
    .set({
      state: "waiting",
      number_tag: null,
      sealed_number: null,
      number_until: null,
      incident: null,
      communities: null,
    })
    .execute();
}

export async function noteTrouble(db: Reader, trouble: Trouble): Promise<void> {
  await db.updateTable("city_connection").set({ trouble }).execute();
}

export async function noteHeard(trx: Trx, issuers: readonly CityIssuer[], at: number): Promise<void> {
  await trx
    .updateTable("city_connection")
    .set({ heard_at: moment(at), trouble: null, issuers: JSON.stringify(issuers) })
    .execute();
}
