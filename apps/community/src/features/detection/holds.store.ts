import type { Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

/** What a case asks of a request before it relies on it to keep its evidence. */
export async function selectHold(
  db: Reader,
  id: string,
): Promise<{ readonly holdUntil?: number; readonly endedAt?: number } | undefined> {
  const row = await db
    .selectFrom("opening")
    .select(["hold_until", "hold_ended_at"])
    .where("id", "=", id)
    .executeTakeFirst();
  return row && { ...optional("holdUntil", row.hold_until), ...optional("endedAt", row.hold_ended_at) };
}
