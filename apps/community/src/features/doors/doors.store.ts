import { GRADES, type Grade, pinUseOf } from "@menshen/domain";
import type {
  AccessPoint,
  AccessPointCreate,
  Area,
  AreaCreate,
  accessPointEndpoints,
  areaEndpoints,
  Portal,
  PortalCreate,
  portalEndpoints,
  QueryOf,
  ReaderCreate,
  readerEndpoints,
} from "@menshen/wire";
import { sql } from "kysely";
import { pageByName } from "../../database/by-name.ts";
import { cutPage, decodeCursor } from "../../database/cursor.ts";
import type { Reader as DatabaseReader, Trx } from "../../database/database.ts";
import { optional, type RecordTable } from "../../database/records.ts";
import { CommunityError } from "../../errors.ts";

const DEFAULT_LIMIT = 100;

/** A reader without what its gate says of it. */
export interface ReaderRecord extends ReaderCreate {
  readonly id: string;
  readonly revision: number;
  readonly removedAt?: number;
}

type Kind = ReaderCreate["kind"];
const READER_KINDS: readonly Kind[] = ["osdp", "pcsc", "kiosk", "io", "desk"];

function areaView(row: {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly staff_only: boolean;
  readonly removed_at: number | null;
}): Area {
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    staffOnly: row.staff_only,
    ...optional("removedAt", row.removed_at),
  };
}

export async function selectArea(db: DatabaseReader, id: string): Promise<Area | undefined> {
  const row = await db.selectFrom("area").selectAll().where("id", "=", id).executeTakeFirst();
  return row && areaView(row);
}

export async function selectAreas(db: DatabaseReader, query: QueryOf<typeof areaEndpoints.list>) {
  return pageByName(db.selectFrom("area").selectAll(), "area", query, areaView);
}

export async function insertArea(trx: Trx, id: string, area: AreaCreate): Promise<void> {
  await trx.insertInto("area").values({ id, name: area.name, staff_only: area.staffOnly }).execute();
}

export async function updateArea(trx: Trx, id: string, area: AreaCreate): Promise<void> {
  await trx
    .updateTable("area")
    .set((eb) => ({ name: area.name, staff_only: area.staffOnly, revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Whether buildings, access points or the community itself name an area. */
export async function areaInUse(db: DatabaseReader, id: string): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select 1 from building where area_id = ${id} and removed_at is null)
        or exists (select 1 from access_point where ${id} in (from_area_id, to_area_id) and removed_at is null)
        or exists (select 1 from community where ${id} in (outside_area_id, grounds_area_id)) as used`.execute(
    db,
  );
  return rows[0]?.used ?? false;
}

function portalView(row: {
  readonly id: string;
  readonly revision: number;
  readonly gate_id: string;
  readonly name: string;
  readonly building_id: string | null;
  readonly unlock_ms: number;
  readonly held_open_limit_ms: number;
  readonly unlock_schedule_id: string | null;
  readonly plan_x: number | null;
  readonly plan_y: number | null;
  readonly removed_at: number | null;
}): Portal {
  return {
    id: row.id,
    revision: row.revision,
    gateId: row.gate_id,
    name: row.name,
    unlockMs: row.unlock_ms,
    heldOpenLimitMs: row.held_open_limit_ms,
    ...optional("buildingId", row.building_id),
    ...optional("unlockScheduleId", row.unlock_schedule_id),
    ...(row.plan_x === null || row.plan_y === null ? {} : { position: { x: row.plan_x, y: row.plan_y } }),
    ...optional("removedAt", row.removed_at),
  };
}

function portalColumns(portal: PortalCreate) {
  return {
    gate_id: portal.gateId,
    name: portal.name,
    building_id: portal.buildingId ?? null,
    unlock_ms: portal.unlockMs,
    held_open_limit_ms: portal.heldOpenLimitMs,
    unlock_schedule_id: portal.unlockScheduleId ?? null,
    plan_x: portal.position?.x ?? null,
    plan_y: portal.position?.y ?? null,
  };
}

export async function selectPortal(db: DatabaseReader, id: string): Promise<Portal | undefined> {
  const row = await db.selectFrom("portal").selectAll().where("id", "=", id).executeTakeFirst();
  return row && portalView(row);
}

export async function selectPortals(db: DatabaseReader, query: QueryOf<typeof portalEndpoints.list>) {
  let records = db.selectFrom("portal").selectAll();
  if (query.gateId !== undefined) records = records.where("gate_id", "=", query.gateId);
  return pageByName(records, "portal", query, portalView);
}

export async function insertPortal(trx: Trx, id: string, portal: PortalCreate): Promise<void> {
  await trx
    .insertInto("portal")
    .values({ id, ...portalColumns(portal) })
    .execute();
}

export async function updatePortal(trx: Trx, id: string, portal: PortalCreate): Promise<void> {
  await trx
    .updateTable("portal")
    .set((eb) => ({ ...portalColumns(portal), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Access points of a portal that are not removed. */
export async function countAccessPointsOf(db: DatabaseReader, portalId: string): Promise<number> {
  const { n } = await db
    .selectFrom("access_point")
    .select(sql<number>`count(*)`.as("n"))
    .where("portal_id", "=", portalId)
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  return n;
}

function accessPointQuery(db: DatabaseReader) {
  return db
    .selectFrom("access_point")
    .innerJoin("portal", "portal.id", "access_point.portal_id")
    .selectAll("access_point")
    .select("portal.name as portal_name")
    .select((eb) => eb.selectFrom("community").select("outside_area_id").as("outside_area_id"));
}

function parseGradeColumn(text: string): Grade {
  const grade = GRADES.find((candidate) => candidate === text);
  if (grade === undefined) throw new CommunityError("internal", "stored grade is unknown");
  return grade;
}

function accessPointView(
  row: Awaited<ReturnType<ReturnType<typeof accessPointQuery>["executeTakeFirstOrThrow"]>>,
): AccessPoint {
  const place = { fromAreaId: row.from_area_id, cardAndPin: row.card_and_pin };
  return {
    id: row.id,
    revision: row.revision,
    portalId: row.portal_id,
    portalName: row.portal_name,
    name: row.name,
    fromAreaId: row.from_area_id,
    toAreaId: row.to_area_id,
    minimumGrade: parseGradeColumn(row.minimum_grade),
    ...(row.card_and_pin ? { cardAndPin: true } : {}),
    pinUse: pinUseOf(place, row.outside_area_id ?? ""),
    ...optional("removedAt", row.removed_at),
  };
}

function accessPointColumns(point: AccessPointCreate) {
  return {
    portal_id: point.portalId,
    name: point.name,
    from_area_id: point.fromAreaId,
    to_area_id: point.toAreaId,
    minimum_grade: point.minimumGrade,
    card_and_pin: point.cardAndPin ?? false,
  };
}

export async function selectAccessPoint(db: DatabaseReader, id: string): Promise<AccessPoint | undefined> {
  const row = await accessPointQuery(db).where("access_point.id", "=", id).executeTakeFirst();
  return row && accessPointView(row);
}

export async function selectAccessPoints(
  db: DatabaseReader,
  query: QueryOf<typeof accessPointEndpoints.list>,
) {
  const limit = query.limit ?? DEFAULT_LIMIT;
  let select = accessPointQuery(db)
    .where("access_point.removed_at", query.removed ? "is not" : "is", null)
    .orderBy("portal.name")
    .orderBy("access_point.name")
    .orderBy("access_point.id")
    .limit(limit + 1);
  if (query.portalId !== undefined) select = select.where("access_point.portal_id", "=", query.portalId);
  if (query.cursor !== undefined) {
    const [portal, name, id] = decodeCursor(query.cursor, ["string", "string", "string"]);
    select = select.where((eb) =>
      eb(eb.refTuple("portal.name", "access_point.name", "access_point.id"), ">", eb.tuple(portal, name, id)),
    );
  }
  const page = cutPage(await select.execute(), limit, (row) => [row.portal_name, row.name, row.id]);
  return { items: page.rows.map(accessPointView), ...optional("nextCursor", page.nextCursor) };
}

export async function insertAccessPoint(trx: Trx, id: string, point: AccessPointCreate): Promise<void> {
  await trx
    .insertInto("access_point")
    .values({ id, ...accessPointColumns(point) })
    .execute();
}

export async function updateAccessPoint(trx: Trx, id: string, point: AccessPointCreate): Promise<void> {
  await trx
    .updateTable("access_point")
    .set((eb) => ({ ...accessPointColumns(point), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Readers at an access point that are not removed. */
export async function countReadersAt(db: DatabaseReader, accessPointId: string): Promise<number> {
  const { n } = await db
    .selectFrom("reader")
    .select(sql<number>`count(*)`.as("n"))
    .where("access_point_id", "=", accessPointId)
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  return n;
}

function readerView(row: {
  readonly id: string;
  readonly revision: number;
  readonly gate_id: string;
  readonly name: string;
  readonly kind: string;
  readonly access_point_id: string | null;
  readonly removed_at: number | null;
}): ReaderRecord {
  const kind = READER_KINDS.find((candidate) => candidate === row.kind);
  if (kind === undefined) throw new CommunityError("internal", "stored reader kind is unknown");
  return {
    id: row.id,
    revision: row.revision,
    gateId: row.gate_id,
    name: row.name,
    kind,
    ...optional("accessPointId", row.access_point_id),
    ...optional("removedAt", row.removed_at),
  };
}

function readerColumns(reader: ReaderCreate) {
  return {
    gate_id: reader.gateId,
    name: reader.name,
    kind: reader.kind,
    access_point_id: reader.accessPointId ?? null,
  };
}

export async function selectReader(db: DatabaseReader, id: string): Promise<ReaderRecord | undefined> {
  const row = await db.selectFrom("reader").selectAll().where("id", "=", id).executeTakeFirst();
  return row && readerView(row);
}

export async function selectReaders(db: DatabaseReader, query: QueryOf<typeof readerEndpoints.list>) {
  let records = db.selectFrom("reader").selectAll();
  if (query.gateId !== undefined) records = records.where("gate_id", "=", query.gateId);
  return pageByName(records, "reader", query, readerView);
}

export async function insertReader(trx: Trx, id: string, reader: ReaderCreate): Promise<void> {
  await trx
    .insertInto("reader")
    .values({ id, ...readerColumns(reader) })
    .execute();
}

export async function updateReader(trx: Trx, id: string, reader: ReaderCreate): Promise<void> {
  await trx
    .updateTable("reader")
    .set((eb) => ({ ...readerColumns(reader), revision: eb("revision", "+", 1) }))
    .where("id", "=", id)
    .execute();
}

/** Whether a record is there and not removed. */
export async function isPresent(db: DatabaseReader, table: RecordTable, id: string): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)} where id = ${id} and removed_at is null`.execute(db);
  return rows.length > 0;
}
