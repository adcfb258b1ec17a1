import type { Viewed, ViewReason } from "@menshen/wire";
import { sql } from "kysely";
import { moment, type Trx } from "../database/database.ts";

/** Of some persons, in the order of their ids, those whom this account has not looked at for this reason since then. */
export async function selectUnseen(
  trx: Trx,
  look: {
    readonly staffId: string;
    readonly personIds: readonly string[];
    readonly reason: ViewReason;
    readonly covering: readonly Viewed[];
    readonly since: number;
  },
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from unnest(${look.personIds}::uuid[]) as shown (id)
    where not exists (
      select from personal_view
      where person_id = shown.id and at > ${moment(look.since)} and staff_id = ${look.staffId}
        and purpose = ${look.reason.code} and purpose_text is not distinct from ${look.reason.text ?? null}
        and what = any (${look.covering}::text[]))
    order by id`.execute(trx);
  return rows.map(({ id }) => id);
}

export async function insertViews(
  trx: Trx,
  views: readonly {
    readonly id: string;
    readonly at: number;
    readonly staffId: string;
    readonly body: string;
    readonly role: string;
    readonly personId: string;
    readonly reason: ViewReason;
    readonly what: Viewed;
    readonly leafId: string;
  }[],
): Promise<void> {
  await trx
    .insertInto("personal_view")
    .values(
      views.map((view) => ({
        id: view.id,
        at: moment(view.at),
        staff_id: view.staffId,
        body: view.body,
        role: view.role,
        person_id: view.personId,
        purpose: view.reason.code,
        purpose_text: view.reason.text ?? null,
        what: view.what,
        leaf_id: view.leafId,
      })),
    )
    .execute();
}
