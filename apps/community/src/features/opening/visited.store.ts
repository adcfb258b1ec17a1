import type { StatedHolder } from "@menshen/custody";
import { sql } from "kysely";
import type { Reader } from "../../database/database.ts";

/** As whom a visitor is told of in what is handed over: in the languages of those who read it. */
const VISITOR = "访客通行码 / visitor pass";

/** A visitor pass of the desk is nobody's: it leads to the dwelling that it was made for, where they know of it. */
export async function selectVisited(
  db: Reader,
  credentialKey: Uint8Array,
): Promise<StatedHolder | undefined> {
  const { rows } = await sql<{ dwelling: string }>`
    select b.name || ' ' || d.name as dwelling from visitor_pass v
    join home h on h.id = v.home_id
    join dwelling d on d.id = h.dwelling_id
    join building b on b.id = d.building_id
    where v.credential_key = ${credentialKey}`.execute(db);
  const [row] = rows;
  return row === undefined ? undefined : { name: VISITOR, dwelling: row.dwelling };
}
