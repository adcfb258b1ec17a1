import { CREDENTIAL_KINDS, GRADES } from "@menshen/domain";
import type { CommunitySettings } from "@menshen/wire";
import Type from "typebox";
import { Value } from "typebox/value";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { CommunityError } from "../../errors.ts";

const Kind = Type.Enum([...CREDENTIAL_KINDS]);
const Grade = Type.Enum([...GRADES]);
const Offers = Type.Array(Type.Object({ kind: Kind, grade: Grade }));
const GradeCaps = Type.Array(Type.Object({ kind: Kind, grade: Grade, from: Type.Integer() }));

export async function selectCommunity(db: Reader): Promise<CommunitySettings | undefined> {
  const row = await db.selectFrom("community").selectAll().executeTakeFirst();
  if (row === undefined) return undefined;
  if (!Value.Check(Offers, row.offers) || !Value.Check(GradeCaps, row.grade_caps)) {
    throw new CommunityError("internal", "stored offers or grade caps have another form");
  }
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    timeZone: row.time_zone,
    outsideAreaId: row.outside_area_id,
    groundsAreaId: row.grounds_area_id,
    legacyUntil: row.legacy_until,
    offers: row.offers,
    gradeCaps: row.grade_caps,
  };
}

export async function insertCommunity(trx: Trx, settings: CommunitySettings): Promise<void> {
  await trx
    .insertInto("community")
    .values({
      id: settings.id,
      name: settings.name,
      time_zone: settings.timeZone,
      outside_area_id: settings.outsideAreaId,
      grounds_area_id: settings.groundsAreaId,
      offers: JSON.stringify(settings.offers),
      grade_caps: JSON.stringify(settings.gradeCaps),
      legacy_until: moment(settings.legacyUntil),
    })
    .execute();
}

export async function updateCommunity(
  trx: Trx,
  settings: Pick<CommunitySettings, "name" | "offers" | "gradeCaps" | "legacyUntil">,
): Promise<void> {
  await trx
    .updateTable("community")
    .set((eb) => ({
      name: settings.name,
      offers: JSON.stringify(settings.offers),
      grade_caps: JSON.stringify(settings.gradeCaps),
      legacy_until: moment(settings.legacyUntil),
      revision: eb("revision", "+", 1),
    }))
    .execute();
}

export async function insertFirstArea(
  trx: Trx,
  area: { readonly id: string; readonly name: string },
): Promise<void> {
  await trx.insertInto("area").values({ id: area.id, name: area.name, staff_only: false }).execute();
}
