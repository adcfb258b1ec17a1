import { createHash } from "node:crypto";
import type { DoorMap, EndReport } from "@menshen/detection";
import { type EpochGrid, epochAt } from "@menshen/domain";
import { sql } from "kysely";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { readDoorMap } from "./doors-document.ts";
import { selectEnds } from "./ends.store.ts";
import { selectSettings, type Tuned } from "./settings.store.ts";

/** Clocks change at a full quarter of an hour, and so do epochs: the only things here that change by themselves. */
const QUARTER_MS = 900_000;

/** What cases follow from, beside the events. */
export interface EngineInputs {
  /** Changes whenever anything of the others does, but `replaced`. */
  readonly key: string;
  /**
   * Changes when stored entries gave way to what their gate holds. The engine took them, and cannot take them back: what is
   * stored now is judged anew, and a case that stood on them alone is explained, as it would be after the next start.
   */
  readonly replaced: string;
  readonly grid: EpochGrid;
  readonly tuned: Tuned;
  readonly doors: DoorMap;
  /** Ends of cards, by their times. */
  readonly reports: readonly EndReport[];
}

/**
 * Reads epochs, settings, doors and ends; the same object again as long as nothing changed, which one statement tells.
 */
export function makeEngineInputs(db: Database, clock: Clock): () => Promise<EngineInputs> {
  let kept: { readonly version: string; readonly inputs: EngineInputs } | undefined;

  return async () => {
    const now = clock.now();
    // Read before the rest: a change in between is seen the next time.
    const version = `${Math.floor(now / QUARTER_MS)} ${await selectVersion(db)}`;
    if (kept?.version === version) return kept.inputs;
    const inputs = await readInputs(db, now);
    const before = kept?.inputs;
    const isSame = before?.key === inputs.key && before.replaced === inputs.replaced;
    kept = { version, inputs: isSame ? before : inputs };
    return kept.inputs;
  };
}

async function readInputs(db: Database, now: number): Promise<EngineInputs> {
  const grid = await selectEpochGrid(db);
  const { tuned } = await selectSettings(db);
  const { doors, text } = await readDoorMap(db, grid, now);
  const reports = await selectEnds(db);
  const key = createHash("sha256")
    .update(`${text}\n${JSON.stringify(tuned)}\n${epochAt(grid, now) ?? 0}`)
    .update(JSON.stringify(reports))
    .digest("hex");
  return { key, replaced: await selectReplaced(db), grid, tuned, doors, reports };
}

/** How often entries gave way: each time leaves an alarm or counts one up, in the transaction that took them away. */
async function selectReplaced(db: Database): Promise<string> {
  const { rows } = await sql<{ replaced: string }>`
    select concat_ws(' ', count(*), sum(times)) as replaced from gate_alarm where kind = 'replaced'`.execute(
    db,
  );
  return rows[0]?.replaced ?? "";
}

/**
 * Changes with each row that is added, changed or deleted in the tables that inputs are read from, whoever did it: a row's
 * `xmin` is the transaction that wrote it. Far cheaper than reading what the rows say.
 */
async function selectVersion(db: Database): Promise<string> {
  const { rows } = await sql<{ version: string }>`
    select concat_ws(' ',
      (select (count(*), sum(hashtext(xmin::text)))::text from community),
      (select (count(*), sum(hashtext(xmin::text)))::text from epoch_grid),
      (select (count(*), sum(hashtext(xmin::text)))::text from portal),
      (select (count(*), sum(hashtext(xmin::text)))::text from access_point),
      (select (count(*), sum(hashtext(xmin::text)))::text from detection_setting),
      (select (count(*), sum(hashtext(xmin::text)))::text from detection_walk),
      (select (count(*), sum(hashtext(xmin::text)))::text from detection_end),
      (select (count(*), sum(times))::text from gate_alarm where kind = 'replaced')) as version`.execute(db);
  return rows[0]?.version ?? "";
}
