import type { CardKeyGroup, Credential } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { found, optional } from "../../database/records.ts";
import { selectCredential } from "../credentials/index.ts";
import type { CarriedVersion, LiveVersion } from "./key-version-report.ts";

const KEYED = ["desfire", "ntag424"];
/** Cards in use: their holders come for new keys, and keep a version alive until they did. */
const IN_USE = ["personalised", "active", "blocked"];
/** A lost card that is found again goes on with the newest keys of all. */
const RENEWED = [...IN_USE, "lost"];
/** Hold their private key themselves: a gate knows the public one. */
const PUBLIC_KEYS = ["pkoc", "phone", "phone-pass"];
const MOST_LISTED = 500;
/** A card that was passed over oftener has been away for too long to be renewed. */
const MOST_PASSED = 5;

/** Which keys a card may carry now, and what they are made from. */
export interface KeyedCard {
  readonly kind: string;
  readonly keyVersion: number;
  readonly nextKeyVersion: number | undefined;
  /** Between the two, oldest first: it may carry them too. */
  readonly passedKeyVersions: readonly number[];
  readonly sealedIdentifier: Uint8Array;
  readonly doorGroups: readonly number[];
  readonly hidesUid: boolean;
  readonly countsTaps: boolean;
  readonly state: string;
}

export async function selectNewest(db: Reader): Promise<number> {
  const row = await db
    .selectFrom("card_key_version")
    .select("version")
    .orderBy("version", "desc")
    .limit(1)
    .executeTakeFirstOrThrow();
  return row.version;
}

/** Versions that have not ended, newest first. */
export async function selectLive(db: Reader): Promise<readonly LiveVersion[]> {
  const rows = await db
    .selectFrom("card_key_version")
    .select(["version", "started_at", "door_group"])
    .where("ended_at", "is", null)
    .orderBy("version", "desc")
    .execute();
  const live: LiveVersion[] = [];
  for (const { version, started_at, door_group } of rows) {
    const cards = await countCarrying(db, version);
    live.push({ version, startedAt: started_at, doorGroup: door_group ?? undefined, cards });
  }
  return live;
}

/** Cards in use that carry a version, or may. */
export async function countCarrying(db: Reader, version: number): Promise<number> {
  const { count } = await db
    .selectFrom("credential")
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .where("kind", "in", KEYED)
    .where("state", "in", IN_USE)
    .where((eb) =>
      eb.or([
        eb("key_version", "=", version),
        eb("next_key_version", "=", version),
        sql<boolean>`${version} = any(passed_key_versions)`,
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** So that two people who start or end a version follow each other. */
export async function lockVersions(trx: Trx): Promise<void> {
  await trx.selectFrom("card_key_version").select("version").forUpdate().execute();
}

export async function insertVersion(
  trx: Trx,
  version: number,
  doorGroup: number | undefined,
  at: number,
): Promise<void> {
  await trx
    .insertInto("card_key_version")
    .values({ version, started_at: moment(at), door_group: doorGroup ?? null })
    .execute();
}

/** Every card in use, or those of a door group, may carry this version from now on, beside all that it may carry. */
export async function announceVersion(
  trx: Trx,
  version: number,
  doorGroup: number | undefined,
  modelVersion: number,
): Promise<void> {
  let update = trx
    .updateTable("credential")
    .set({
      next_key_version: version,
      passed_key_versions: sql`case when next_key_version is null then passed_key_versions
        else passed_key_versions || next_key_version end`,
      model_version: modelVersion,
    })
    .where("kind", "in", KEYED)
    .where("state", "in", RENEWED);
  if (doorGroup !== undefined) update = update.where(sql<boolean>`${doorGroup} = any(door_groups)`);
  await update.execute();
}

/** The newest version of a card that nobody uses becomes what it should carry: a version ends without it. */
export async function forgetUnused(trx: Trx, modelVersion: number): Promise<void> {
  await trx
    .updateTable("credential")
    .set({
      key_version: sql<number>`next_key_version`,
      next_key_version: null,
      passed_key_versions: [],
      model_version: modelVersion,
    })
    .where("next_key_version", "is not", null)
    .where("state", "not in", IN_USE)
    .execute();
}

export async function isVersionAlive(db: Reader, version: number): Promise<boolean> {
  const row = await db
    .selectFrom("card_key_version")
    .select("version")
    .where("version", "=", version)
    .where("ended_at", "is", null)
    .executeTakeFirst();
  return row !== undefined;
}

export async function updateEnded(trx: Trx, version: number, at: number): Promise<void> {
  await trx
    .updateTable("card_key_version")
    .set({ ended_at: moment(at) })
    .where("version", "=", version)
    .execute();
}

export async function countWaiting(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom("credential")
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .where("next_key_version", "is not", null)
    .where("state", "in", IN_USE)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Cards that cannot be passed over once more. */
export async function countPassedOver(db: Reader): Promise<number> {
  const { count } = await db
    .selectFrom("credential")
    .select((eb) => eb.fn.countAll<string>().as("count"))
    .where("next_key_version", "is not", null)
    .where(sql<boolean>`cardinality(passed_key_versions) >= ${MOST_PASSED}`)
    .executeTakeFirstOrThrow();
  return Number(count);
}

function cardsByBuilding(db: Reader) {
  return db
    .selectFrom("credential")
    .leftJoin("dwelling", "dwelling.id", "credential.dwelling_id")
    .leftJoin("building", "building.id", "dwelling.building_id")
    .select((eb) => [
      "building.id as building_id",
      "building.name as building_name",
      eb.fn.countAll<string>().as("cards"),
    ])
    .where("credential.kind", "in", KEYED)
    .where("credential.state", "in", IN_USE)
    .groupBy(["building.id", "building.name"]);
}

export async function selectCarried(db: Reader): Promise<readonly CarriedVersion[]> {
  const waits = sql<boolean>`credential.next_key_version is not null`;
  const rows = await cardsByBuilding(db)
    .select(["credential.key_version", waits.as("waits")])
    .groupBy(["credential.key_version", waits])
    .execute();
  return rows.map((row) => ({
    keyVersion: row.key_version,
    waits: row.waits,
    buildingId: row.building_id ?? undefined,
    buildingName: row.building_name ?? undefined,
    cards: Number(row.cards),
  }));
}

/** Longest enrolled first. */
export async function selectWaiting(db: Reader): Promise<readonly Credential[]> {
  return read(db, await credentialsIn(db).where("next_key_version", "is not", null).execute());
}

/** Longest enrolled first. */
export async function selectGroupCards(db: Reader, doorGroup: number): Promise<readonly Credential[]> {
  return read(db, await credentialsIn(db).where(sql<boolean>`${doorGroup} = any(door_groups)`).execute());
}

/** What a gate of a door group knows. */
export async function selectGroup(db: Reader, doorGroup: number): Promise<CardKeyGroup> {
  const rows = await cardsByBuilding(db)
    .where(sql<boolean>`${doorGroup} = any(credential.door_groups)`)
    .execute();
  const countOf = async (kinds: readonly string[]) => {
    const { count } = await db
      .selectFrom("credential")
      .select((eb) => eb.fn.countAll<string>().as("count"))
      .where("kind", "in", kinds)
      .where("state", "in", IN_USE)
      .executeTakeFirstOrThrow();
    return Number(count);
  };
  const buildings = rows.map((row) => ({
    ...optional("buildingId", row.building_id),
    ...optional("buildingName", row.building_name),
    cards: Number(row.cards),
  }));
  return {
    doorGroup,
    cards: buildings.reduce((sum, { cards }) => sum + cards, 0),
    buildings: buildings.sort((a, b) => b.cards - a.cards),
    publicKeys: await countOf(PUBLIC_KEYS),
    pins: await countOf(["pin"]),
  };
}

function credentialsIn(db: Reader) {
  return db
    .selectFrom("credential")
    .select("id")
    .where("kind", "in", KEYED)
    .where("state", "in", IN_USE)
    .orderBy("enrolled_at")
    .orderBy("id")
    .limit(MOST_LISTED);
}

async function read(db: Reader, ids: readonly { readonly id: string }[]): Promise<readonly Credential[]> {
  const items: Credential[] = [];
  for (const { id } of ids) items.push(found(await selectCredential(db, id), "credential"));
  return items;
}

/** The card, locked against a second desk. */
export async function lockKeyedCard(trx: Trx, id: string): Promise<KeyedCard | undefined> {
  const row = await trx
    .selectFrom("credential")
    .select([
      "kind",
      "key_version",
      "next_key_version",
      "passed_key_versions",
      "sealed_identifier",
      "door_groups",
      "hides_uid",
      "counts_taps",
      "state",
    ])
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    kind: row.kind,
    keyVersion: row.key_version,
    nextKeyVersion: row.next_key_version ?? undefined,
    passedKeyVersions: row.passed_key_versions,
    sealedIdentifier: row.sealed_identifier,
    doorGroups: row.door_groups,
    hidesUid: row.hides_uid,
    countsTaps: row.counts_taps,
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
      passed_key_versions: [],
      model_version: modelVersion,
      revision: eb("revision", "+", 1),
    }))
    .where("id", "=", id)
    .execute();
}
