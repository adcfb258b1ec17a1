import type { OwnWay } from "@menshen/wire";
import { moment, type Reader, type Trx } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import { parseKind, parseState } from "../credentials/index.ts";

/** These tell their holder nothing any more. */
const OVER = ["returned", "replaced", "destroyed"];

/** What a person holds, newest first. */
export async function selectWays(
  db: Reader,
  personId: string,
): Promise<readonly (Omit<OwnWay, "mayLose"> & { readonly dwellingId: string | undefined })[]> {
  const rows = await db
    .selectFrom("credential")
    .select(["id", "kind", "label", "state", "enrolled_at", "valid_from", "valid_until", "dwelling_id"])
    .where("person_id", "=", personId)
    .where("state", "not in", OVER)
    .orderBy("enrolled_at", "desc")
    .orderBy("id")
    .limit(500)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    kind: parseKind(row.kind),
    label: row.label,
    state: parseState(row.state),
    enrolledAt: row.enrolled_at,
    dwellingId: row.dwelling_id ?? undefined,
    ...optional("from", row.valid_from),
    ...optional("until", row.valid_until),
  }));
}

/** The one home of a person; undefined for who has none or several. */
export async function selectOnlyHome(trx: Trx, personId: string, at: number): Promise<string | undefined> {
  const rows = await trx
    .selectFrom("residency")
    .select("dwelling_id")
    .where("person_id", "=", personId)
    .where("dwelling_id", "is not", null)
    .where("removed_at", "is", null)
    .where((eb) => eb.or([eb("valid_until", "is", null), eb("valid_until", ">", moment(at))]))
    .execute();
  const homes = [...new Set(rows.map(({ dwelling_id }) => dwelling_id))];
  return homes.length === 1 ? (homes[0] ?? undefined) : undefined;
}
