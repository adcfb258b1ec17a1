import type { Pool } from "pg";
import { lastPosition } from "./event-store.ts";
import { readGateStates } from "./gate-store.ts";
import type { GateLink } from "./types.ts";

/** What of the gate link is read from the database alone: for threads beside the one that keeps the link. */
export function makeJournalReader(pool: Pool): Pick<GateLink, "readGates" | "lastPosition"> {
  return { readGates: () => readGateStates(pool), lastPosition: () => lastPosition(pool) };
}
