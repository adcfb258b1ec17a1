import { CITY_CHIPS, type CityReport } from "@menshen/wire";
import { sql } from "kysely";
import { moment, optionalMoment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

export type ReportRow = Awaited<ReturnType<ReturnType<typeof reports>["executeTakeFirstOrThrow"]>>;

const reports = (db: Reader) => db.selectFrom("city_report").selectAll();

/** What the city is told of one card. */
export interface NewReport {
  readonly id: string;
  readonly caseId?: string;
  readonly listedNumberId?: string;
  readonly week: string;
  readonly chip: string;
  readonly issuer?: string | undefined;
  readonly keyVersion?: number | undefined;
  readonly batchPrefix?: string | undefined;
  readonly sealedNumber?: Uint8Array | undefined;
  readonly numberUntil?: number | undefined;
}

export async function insertReport(trx: Trx, report: NewReport): Promise<void> {
  await trx
    .insertInto("city_report")
    .values({
      id: report.id,
      case_id: report.caseId ?? null,
      listed_number_id: report.listedNumberId ?? null,
      week: report.week,
      chip: report.chip,
      issuer: report.issuer ?? null,
      key_version: report.keyVersion ?? null,
      batch_prefix: report.batchPrefix ?? null,
      sealed_number: report.sealedNumber ?? null,
      number_until: optionalMoment(report.numberUntil),
      number_tag: null,
      incident: null,
      communities: null,
    })
    .execute();
}

export async function selectCaseReport(db: Reader, caseId: string): Promise<ReportRow | undefined> {
  return reports(db).where("case_id", "=", caseId).executeTakeFirst();
}

export async function selectListedReports(
  db: Reader,
  numberIds: readonly string[],
): Promise<readonly ReportRow[]> {
  if (numberIds.length === 0) return [];
  return reports(db).where("listed_number_id", "in", numberIds).execute();
}

/** Cases that were closed as copies and whose card was of one of these batches. */
export async function selectCasesOfBatches(db: Reader, prefixes: readonly string[]) {
  if (prefixes.length === 0) return [];
  return db
    .selectFrom("city_report")
    .innerJoin("detection_case", "detection_case.id", "city_report.case_id")
    .select(["detection_case.id", "opened_at", "chip", "batch_prefix"])
    .where("batch_prefix", "in", prefixes)
    .where("detection_case.finding", "=", "copy")
    .orderBy("opened_at", "desc")
    .limit(200)
    .execute();
}

/**
 * What is to be taken back: of cases that are no copies any more, of listings that were taken away or deleted. What the
 * city was never told goes at once.
 */
export async function markOutdated(trx: Trx): Promise<void> {
  await trx
    .updateTable("city_report")
    .set({ state: "withdrawing", sealed_number: null })
    .where("state", "<>", "withdrawing")
    .where((eb) =>
      eb.or([
        eb.exists(
          eb
            .selectFrom("detection_case")
            .select("detection_case.id")
            .whereRef("detection_case.id", "=", "city_report.case_id")
            .where(sql<boolean>`finding is distinct from 'copy'`),
        ),
        eb.exists(
          eb
            .selectFrom("market_number")
            .innerJoin("market_listing", "market_listing.id", "market_number.listing_id")
            .select("market_number.id")
            .whereRef("market_number.id", "=", "city_report.listed_number_id")
            .where("market_listing.removed_at", "is not", null),
        ),
        eb.and([eb("case_id", "is", null), eb("listed_number_id", "is", null)]),
      ]),
    )
    .execute();
}

/** What a listing that was put back tells again. */
export async function markListingAgain(trx: Trx, listingId: string): Promise<void> {
  await trx
    .updateTable("city_report")
    .set({ state: "waiting" })
    .where("state", "=", "withdrawing")
    .where("listed_number_id", "in", (eb) =>
      eb.selectFrom("market_number").select("id").where("listing_id", "=", listingId),
    )
    .execute();
}

/** A number is not kept for ever because the city does not answer. */
export async function forgetLateNumbers(trx: Trx, now: number): Promise<void> {
  await trx
    .updateTable("city_report")
    .set({ sealed_number: null, number_until: null })
    .where("number_until", "<=", moment(now))
    .execute();
}

/** Reports that wait for the tag of their number: of cases with the number, of listings with that of the listing. */
export async function selectUntagged(db: Reader, limit: number) {
  return db
    .selectFrom("city_report")
    .leftJoin("market_number", "market_number.id", "city_report.listed_number_id")
    .select(["city_report.id", "city_report.sealed_number", "market_number.id as number_id"])
    .select("market_number.sealed_number as listed_number")
    .where("state", "=", "waiting")
    .where("number_tag", "is", null)
    .where((eb) =>
      eb.or([eb("city_report.sealed_number", "is not", null), eb("market_number.id", "is not", null)]),
    )
    .orderBy("city_report.id")
    .limit(limit)
    .execute();
}

export async function storeTag(trx: Trx, id: string, tag: Uint8Array): Promise<void> {
  await trx
    .updateTable("city_report")
    .set({ number_tag: tag, sealed_number: null, number_until: null })
    .where("id", "=", id)
    .execute();
}

/** Those that can be told now: no number of theirs waits for its tag. */
export async function selectReady(db: Reader): Promise<readonly ReportRow[]> {
  return reports(db)
    .where("state", "=", "waiting")
    .where("sealed_number", "is", null)
    .where((eb) => eb.or([eb("listed_number_id", "is", null), eb("number_tag", "is not", null)]))
    .orderBy("id")
    .execute();
}

export async function selectWithdrawing(db: Reader): Promise<readonly string[]> {
  const rows = await db.selectFrom("city_report").select("id").where("state", "=", "withdrawing").execute();
  return rows.map(({ id }) => id);
}

/** Unless it was to be taken back meanwhile. */
export async function markSent(db: Reader, id: string, state: "told" | "refused"): Promise<void> {
  await db
    .updateTable("city_report")
    .set({ state })
    .where("id", "=", id)
    .where("state", "=", "waiting")
    .execute();
}

/** A listing may be put back, and told again under the same id; of a case nothing stays. */
export async function forgetWithdrawn(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom("city_report").where("id", "=", id).where("state", "=", "withdrawing").execute();
}

export async function countWaiting(db: Reader): Promise<number> {
  const { waiting } = await db
    .selectFrom("city_report")
    .select((eb) => eb.fn.countAll<number>().as("waiting"))
    .where("state", "in", ["waiting", "withdrawing"])
    .executeTakeFirstOrThrow();
  return waiting;
}

export async function storeHeard(
  trx: Trx,
  heard: readonly {
    readonly reportIds: readonly string[];
    readonly number: number;
    readonly communities?: number;
  }[],
): Promise<void> {
  await trx.updateTable("city_report").set({ incident: null, communities: null }).execute();
  for (const { reportIds, number, communities } of heard) {
    if (reportIds.length === 0) continue;
    await trx
      .updateTable("city_report")
      .set({ incident: number, communities: communities ?? null })
      .where("id", "in", [...reportIds])
      .execute();
  }
}

/** As the city takes it. */
export function reportOf(row: ReportRow): CityReport {
  const chip = CITY_CHIPS.find((one) => one === row.chip);
  if (chip === undefined) throw new CommunityError("internal", "a stored report is of an unknown chip");
  return {
    source: row.case_id === null ? "listing" : "case",
    week: row.week,
    chip,
    ...optional("issuer", row.issuer),
    ...optional("keyVersion", row.key_version),
    ...optional("batchPrefix", row.batch_prefix),
    ...(row.number_tag === null ? {} : { numberTag: Buffer.from(row.number_tag).toString("hex") }),
  };
}

/** What screens say of it; nothing without a city. */
export function atCity(row: ReportRow | undefined, isConnected: boolean) {
  if (row === undefined || !isConnected || row.state === "withdrawing") return {};
  const state = row.state === "told" || row.state === "refused" ? row.state : "waiting";
  return {
    city: {
      state,
      ...optional("incident", row.incident),
      ...optional("communities", row.communities),
    } as const,
  };
}
