import type { Reader } from "../../database/database.ts";
import { optional } from "../../database/records.ts";

/** An entry that a request took a copy of. */
export interface HeldEntry {
  readonly gateId: string;
  readonly sequence: number;
  readonly entry: Uint8Array;
  readonly receivedAt: number;
}

/** What a hold keeps of entries, while it is in force and its custodians gave it their answers. */
export async function selectHeldEntries(db: Reader, holdId: string | null): Promise<readonly HeldEntry[]> {
  if (holdId === null) return [];
  return db
    .selectFrom("opening_entry")
    .innerJoin("opening", "opening.id", "opening_id")
    .select(["gate_id as gateId", "sequence", "entry", "received_at as receivedAt"])
    .where("opening.id", "=", holdId)
    .where("opening.state", "=", "answered")
    .where("hold_until", "is not", null)
    .where("hold_ended_at", "is", null)
    .orderBy("position")
    .execute();
}

/** What a case asks of a request before it relies on it to keep its evidence. */
export async function selectHold(
  db: Reader,
  id: string,
): Promise<
  { readonly holdUntil?: number; readonly endedAt?: number; readonly isRefused: boolean } | undefined
> {
  const row = await db
    .selectFrom("opening")
    .select(["hold_until", "hold_ended_at", "state"])
    .where("id", "=", id)
    .executeTakeFirst();
  return (
    row && {
      ...optional("holdUntil", row.hold_until),
      ...optional("endedAt", row.hold_ended_at),
      isRefused: row.state !== "requested" && row.state !== "answered",
    }
  );
}
