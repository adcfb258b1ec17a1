import type { Credential } from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { found } from "../../database/records.ts";
import { selectCredential } from "../credentials/index.ts";
import type { CarriedVersion } from "./key-version-report.ts";

const KEYED = ["desfire", "ntag424"];
const MOST_LISTED = 500;

/** Which keys a card may carry now, and what they are made from. */
export interface KeyedCard {
  readonly kind: string;
  readonly keyVersion: number;
  readonly nextKeyVersion: number | undefined;
  readonly sealedIdentifier: Uint8Array;
  readonly doorGroups: readonly number[];
  readonly state: string;
}

export async function selectNewest(db: Reader): Promise<{ version: number; startedAt: number }> {
  const row = await db
    .selectFrom("card_key_version")
    .select(["version", "started_at"])
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return { version: row.version, startedAt: row.started_at };
}

/** So that two people who start a version follow each other. */
export async function lockVersions(trx: Trx): Promise<void> {
  await trx.selectFrom("card_key_version").select("version").forUpdate().execute();
}

export async function insertVersion(trx: Trx, version: number, at: number): Promise<void> {
  await trx
    .insertInto("card_key_version")
    .values({ version, started_at: moment(at) })
    .execute();
}

/** Every card that is not replaced may carry this version from now on. */
export async function announceVersion(trx: Trx, version: number, modelVersion: number): Promise<void> {
  await trx
    .updateTable("credential")
    .set({ next_key_version: version, model_version: modelVersion })
    .where("kind", "in", KEYED)
    .where("state", "<>", "replaced")
    .execute();
}

export async function countWaiting(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom("credential")
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .where("next_key_version", "is not", null)
    .where("state", "<>", "replaced")
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function selectCarried(db: Reader): Promise<readonly CarriedVersion[]> {
  const rows = await db
    .selectFrom("credential")
    .leftJoin("dwelling", "dwelling.id", "credential.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .select((eb) => [
      "credential.key_version",
      "building.id as building_id",
      "building.name as building_name",
      eb.fn.countAll<string>().as("cards"),
    ])
    .where("credential.kind", "in", KEYED)
    .where("credential.state", "<>", "replaced")
    .groupBy(["credential.key_version", "building.id", "building.name"])
    .execute();
  return rows.map((row) => ({
    keyVersion: row.key_version,
    buildingId: row.building_id ?? undefined,
    buildingName: row.building_name ?? undefined,
    cards: Number(row.cards),
  }));
}

/** Longest enrolled first. */
export async function selectWaiting(db: Reader): Promise<readonly Credential[]> {
  const rows = await db
    .selectFrom("credential")
    .select("id")
    .where("next_key_version", "is not", null)
    .where("state", "<>", "replaced")
    .orderBy("enrolled_at")
    .orderBy("id")
    .limit(MOST_LISTED)
    .execute();
  const items: Credential[] = [];
  for (const { id } of rows) items.push(found(await selectCredential(db, id), "credential"));
  return items;
}

/** The card, locked against a second desk. */
export async function lockKeyedCard(trx: Trx, id: string): Promise<KeyedCard | undefined> {
  const row = await trx
    .selectFrom("credential")
    .select(["kind", "key_version", "next_key_version", "sealed_identifier", "door_groups", "state"])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    kind: row.kind,
    keyVersion: row.key_version,
    nextKeyVersion: row.next_key_version ?? undefined,
    sealedIdentifier: row.sealed_identifier,
    doorGroups: row.door_groups,
    state: row.state,
  };
}

export async function updateRenewed(
  trx: Trx,
  id: string,
  version: number,
  modelVersion: number,
): Promise<void> {
  await trx
    .updateTable("credential")
    .set((eb) => ({
      key_version: version,
      next_key_version: null,
      model_version: modelVersion,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}
