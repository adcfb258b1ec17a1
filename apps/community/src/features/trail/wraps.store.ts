import type { Reader } from "../../database/database.ts";
import { EVENT_KIND_NUMBERS, readStoredEntry } from "../../gate-link/index.ts";

/** The wraps of all events at positions [first, until), in no order that means anything. */
export async function selectWraps(db: Reader, first: number, until: number): Promise<readonly Uint8Array[]> {
  const rows = await db
    .selectFrom("event")
    .select("entry")
    .where("position", ">=", first)
    .where("position", "<", until)
    .where("kind", "=", EVENT_KIND_NUMBERS.access)
    .execute();
  return rows.flatMap(({ entry: bytes }) => {
    const entry = readStoredEntry(bytes);
    return entry?.kind === "access" && entry.body.wrap !== undefined ? [entry.body.wrap] : [];
  });
}
