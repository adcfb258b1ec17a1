import { randomBytes } from "@menshen/crypto/node";
import type { CommunityModel } from "@menshen/policy";
import { sql } from "kysely";
import { type Database, moment, optionalMoment } from "../database/database.ts";
import { MODEL_PARTS, touchModelPart } from "../database/model-parts.ts";

/** Children before what they refer to. */
const EMPTIED = [
  ...["credential", "access_rule", "portal_mode", "reader", "access_point", "portal"],
  ...["gate", "holiday", "schedule", "residency", "person", "dwelling", "building", "community", "area"],
];

/** Puts a policy model into the database in place of all that was there, so that the server reads it back. */
export async function storeModel(db: Database, model: CommunityModel, at: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const table of EMPTIED) await sql`delete from ${sql.table(table)}`.execute(trx);
    const insert = async (table: string, rows: readonly Record<string, unknown>[], overriding = "") => {
      for (let first = 0; first < rows.length; first += 2_000) {
        const chunk = rows.slice(first, first + 2_000);
        const columns = Object.keys(chunk[0] ?? {});
        const values = chunk.map((row) => sql`(${sql.join(columns.map((column) => sql`${row[column]}`))})`);
        await sql`insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
          ${sql.raw(overriding)} values ${sql.join(values)}`.execute(trx);
      }
    };
    await insert(
      "area",
      model.areas.map(({ id, staffOnly }) => ({ id, name: id, staff_only: staffOnly })),
    );
    await insert("community", [
      {
        id: model.communityId,
        name: "scenario",
        time_zone: model.timeZone,
        outside_area_id: model.outsideAreaId,
        grounds_area_id: model.outsideAreaId,
        offers: JSON.stringify(model.offers),
        grade_caps: JSON.stringify(model.gradeCaps),
      },
    ]);
    await insert(
      "building",
      model.buildings.map(({ id, areaId }) => ({ id, name: id, area_id: areaId })),
    );
    await insert(
      "dwelling",
      model.dwellings.map(({ id, buildingId }) => ({ id, building_id: buildingId, name: id })),
    );
    const persons = new Set([...model.residencies, ...model.credentials].map(({ personId }) => personId));
    await insert(
      "person",
      [...persons].map((id) => ({ id, display_name: id })),
    );
    await insert(
      "residency",
      model.residencies.map(({ id, personId, role, dwellingId, validity }) => ({
        id,
        person_id: personId,
        role,
        dwelling_id: dwellingId ?? null,
        valid_from: optionalMoment(validity.from),
        valid_until: optionalMoment(validity.until),
      })),
    );
    await insert(
      "schedule",
      model.schedules.map(({ id, weekly, holidays, exceptions }) => ({
        id,
        name: id,
        weekly: JSON.stringify(weekly),
        holidays: JSON.stringify(holidays),
        exceptions: JSON.stringify(exceptions),
      })),
    );
    await insert(
      "holiday",
      model.holidays.map(({ date, kind }) => ({ date, kind, name: date })),
    );
    const gates = [...new Set(model.portals.map(({ gateId }) => gateId))];
    await insert(
      "gate",
      gates.map((id, index) => ({ id, name: id, door_group: (index % 13) + 1 })),
    );
    await insert(
      "portal",
      model.portals.map((portal) => ({
        id: portal.id,
        gate_id: portal.gateId,
        name: portal.id,
        unlock_ms: portal.unlockMs,
        held_open_limit_ms: portal.heldOpenLimitMs,
        unlock_schedule_id: portal.unlockScheduleId ?? null,
      })),
    );
    await insert(
      "access_point",
      model.accessPoints.map((point) => ({
        id: point.id,
        portal_id: point.portalId,
        name: point.id,
        from_area_id: point.fromAreaId,
        to_area_id: point.toAreaId,
        minimum_grade: point.minimumGrade,
        card_and_pin: point.cardAndPin ?? false,
      })),
    );
    await insert(
      "access_rule",
      model.rules.map(({ id, number, who, where, scheduleId, means, ...rule }) => ({
        id,
        number,
        name: id,
        who_roles: who.roles ?? null,
        who_person_ids: who.personIds ?? null,
        who_dwelling_ids: who.dwellingIds ?? null,
        who_building_ids: who.buildingIds ?? null,
        where_access_point_ids: where.accessPointIds ?? null,
        where_area_ids: where.areaIds ?? null,
        schedule_id: scheduleId ?? null,
        means: means ?? null,
        minimum_grade: rule.minimumGrade,
        valid_from: optionalMoment(rule.validity.from),
        valid_until: optionalMoment(rule.validity.until),
        overrides_lockdown: rule.overridesLockdown ?? false,
      })),
      "overriding system value",
    );
    const versions = new Map<string, number>();
    for (const part of MODEL_PARTS) versions.set(part, await touchModelPart(trx, part));
    await insert(
      "credential",
      model.credentials.map((credential) => ({
        id: crypto.randomUUID(),
        key: credential.key,
        kind: credential.kind,
        grade: credential.grade,
        label: "0000",
        sealed_identifier: randomBytes(8),
        door_groups: [],
        person_id: credential.personId,
        state: credential.status,
        valid_from: optionalMoment(credential.validity.from),
        valid_until: optionalMoment(credential.validity.until),
        enrolled_at: moment(at),
        state_changed_at: moment(at),
        model_version: versions.get("credentials"),
      })),
    );
  });
}
