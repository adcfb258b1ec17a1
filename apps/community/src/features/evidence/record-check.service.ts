import { primitives, sha256 } from "@menshen/crypto/node";
import {
  opensLeaf,
  parseLeaf,
  readEntries,
  TILE_WIDTH,
  TWO_PERSON_TOPICS,
  tilePath,
} from "@menshen/evidence";
import type { EvidenceLog } from "@menshen/evidence/node";
import {
  LEAST_RECORD_RETENTION_DAYS,
  parseCanonicalJson,
  RECORD_TABLES,
  type RecordCheck,
  type RecordProblem,
} from "@menshen/wire";
import Type from "typebox";
import { Value } from "typebox/value";
import { type Actor, authorise } from "../../authority/authorise.ts";
import type { Database } from "../../database/database.ts";
import { optional } from "../../database/records.ts";
import {
  type LineTable,
  type OpenedStatement,
  openStatements,
  readLines,
} from "../../evidence-record/index.ts";
import type { StorageKey } from "../../keys/storage-key.ts";
import {
  type StoredView,
  selectDeletions,
  selectErasedCounts,
  selectLeafIds,
  selectUnrecordedLines,
  selectUnrecordedViews,
  selectViewsOf,
} from "./record-check.store.ts";

/** Bundles that one step checks: some thousand leaves, about a second. */
const STEP_BUNDLES = 8;
const MOST_PROBLEMS = 100;
const LEAST_RECORD_MS = LEAST_RECORD_RETENTION_DAYS * 86_400_000;
/** Topics of leaves about persons: their statements go with the person. */
const OF_PERSONS: ReadonlySet<string> = new Set([
  "personal-data-viewed",
  "resident-key-registered",
  "credential-of-dwelling",
  "credential-handed-over",
  "credential-denied",
  "consent-given",
  "consent-withdrawn",
  "data-shared",
  ...TWO_PERSON_TOPICS,
]);

const Lines = Type.Object({
  table: Type.Enum(RECORD_TABLES.filter((table) => table !== "personal-view")),
  rows: Type.Array(Type.Object({ id: Type.String(), sha256: Type.String() })),
});
const Deletion = Type.Object({
  at: Type.Integer(),
  before: Type.Integer(),
  leaves: Type.Array(Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 1 })])),
});
const View = Type.Object({
  at: Type.Integer(),
  staffId: Type.String(),
  personId: Type.String(),
  body: Type.String(),
  role: Type.String(),
  purpose: Type.String(),
  text: Type.Optional(Type.String()),
  what: Type.String(),
});

export type RecordCheckService = ReturnType<typeof makeRecordCheckService>;

/**
 * For auditors: compares what the database says was done and looked at with what the signed log holds. A line that was
 * edited, deleted or put in by whoever owns the database contradicts the log, and the log cannot be changed unnoticed.
 */
export function makeRecordCheckService(dependencies: {
  readonly db: Database;
  readonly storageKey: StorageKey;
  readonly log: Pick<EvidenceLog, "published" | "readTile">;
}) {
  const { db, storageKey, log } = dependencies;

  return {
    /** One step, from a leaf on; the last one also looks for lines that no leaf holds. */
    async check(actor: Actor, from: number): Promise<RecordCheck> {
      authorise(actor, "changes.read");
      const head = (await log.published())?.signed.checkpoint;
      const size = head?.size ?? 0;
      const tally = makeTally();
      const isDeleted = deletedIn(await selectDeletions(db));
      const firstBundle = Math.floor(from / TILE_WIDTH);
      const endBundle = Math.min(firstBundle + STEP_BUNDLES, Math.ceil(size / TILE_WIDTH));
      for (let bundle = firstBundle; head !== undefined && bundle < endBundle; bundle += 1) {
        const first = bundle * TILE_WIDTH;
        const read = await readEntries(sha256, (tile) => log.readTile(tilePath(tile)), head, bundle);
        if (read.read) await checkLeaves(first, read.entries, isDeleted, tally);
        else tally.add({ kind: "log-damaged", index: first });
      }
      const next = endBundle * TILE_WIDTH;
      const isLast = next >= size;
      if (isLast) {
        await checkUnrecorded(tally);
        await checkErasures(isDeleted, tally);
      }
      return { size, ...optional("next", isLast ? undefined : next), ...tally.result() };
    },
  };

  async function checkLeaves(
    first: number,
    entries: readonly Uint8Array[],
    isDeleted: Deleted,
    tally: Tally,
  ): Promise<void> {
    const leafIds = await selectLeafIds(db, first, entries.length);
    const opened = await openStatements(db, storageKey, [...leafIds.values()]);
    const byLeaf = new Map(opened.map((statement) => [statement.leafId, statement]));
    const views = await selectViewsOf(db, [...leafIds.values()]);
    for (const [place, entry] of entries.entries()) {
      const index = first + place;
      const leafId = leafIds.get(index);
      tally.leaf();
      if (leafId === undefined) tally.add({ kind: "leaf-unknown", index });
      else await checkLeaf(index, entry, byLeaf.get(leafId), views.get(leafId), isDeleted, tally);
    }
  }

  async function checkLeaf(
    index: number,
    entry: Uint8Array,
    opened: OpenedStatement | undefined,
    view: StoredView | undefined,
    isDeleted: Deleted,
    tally: Tally,
  ): Promise<void> {
    const parsed = parseLeaf(entry);
    const topic = parsed.parsed ? parsed.leaf.topic : "";
    if (opened === undefined || opened.salt === undefined) {
      if (isDeleted(index)) tally.delete();
      else if (OF_PERSONS.has(topic)) tally.forget();
      else tally.add({ kind: "statement-missing", index });
      return;
    }
    const said = new TextEncoder().encode(opened.statement);
    if (!parsed.parsed || !opensLeaf(primitives, parsed.leaf, opened.salt, said)) {
      tally.add({ kind: "statement-differs", index });
      return;
    }
    const statement = parseCanonicalJson(opened.statement);
    if (topic === "administration-recorded" && Value.Check(Lines, statement)) {
      await checkLines(index, statement.table, statement.rows, tally);
    }
    if (topic === "records-deleted" && Value.Check(Deletion, statement)) {
      if (statement.at - statement.before < LEAST_RECORD_MS) tally.add({ kind: "deleted-early", index });
    }
    if (topic === "personal-data-viewed" && Value.Check(View, statement)) {
      tally.row();
      const line = { index, table: "personal-view" as const, ...optional("row", view?.id) };
      if (view === undefined) tally.add({ kind: "row-missing", ...line });
      else if (!sameView(statement, view)) tally.add({ kind: "row-differs", ...line });
    }
  }

  async function checkLines(
    index: number,
    table: LineTable,
    rows: readonly { readonly id: string; readonly sha256: string }[],
    tally: Tally,
  ): Promise<void> {
    const stored = await readLines(
      db,
      table,
      rows.map(({ id }) => id),
    );
    for (const { id: row, sha256: hash } of rows) {
      tally.row();
      const line = stored.get(row);
      if (line === undefined) tally.add({ kind: "row-missing", index, table, row });
      else if (line.sha256 !== hash) tally.add({ kind: "row-differs", index, table, row });
    }
  }

  /** Statements about persons may be gone, but no more of them than erasures of persons say. */
  async function checkErasures(isDeleted: Deleted, tally: Tally): Promise<void> {
    const { missing, said } = await selectErasedCounts(db);
    const erased = missing.filter((index) => index === undefined || !isDeleted(index)).length;
    if (erased > said) tally.add({ kind: "erasure-unsaid", row: String(erased - said) });
  }

  async function checkUnrecorded(tally: Tally): Promise<void> {
    for (const table of ["change", "gate-alarm"] as const) {
      for (const row of await selectUnrecordedLines(db, table, MOST_PROBLEMS)) {
        tally.add({ kind: "row-unrecorded", table, row });
      }
    }
    for (const row of await selectUnrecordedViews(db, MOST_PROBLEMS)) {
      tally.add({ kind: "row-unrecorded", table: "personal-view", row });
    }
  }
}

function sameView(said: Type.Static<typeof View>, view: StoredView): boolean {
  return (
    said.at === view.at &&
    said.staffId === view.staff_id &&
    said.personId === view.person_id &&
    said.body === view.body &&
    said.role === view.role &&
    said.purpose === view.purpose &&
    (said.text ?? null) === view.purpose_text &&
    said.what === view.what
  );
}

type Deleted = (index: number) => boolean;

/** Which leaves public statements name as deleted when their time was over. */
function deletedIn(statements: readonly string[]): Deleted {
  const indices = new Set<number>();
  for (const text of statements) {
    const statement = parseCanonicalJson(text);
    if (!Value.Check(Deletion, statement)) continue;
    for (const [first, count] of statement.leaves) {
      for (let index = first; index < first + count; index += 1) indices.add(index);
    }
  }
  return (index) => indices.has(index);
}

type Tally = ReturnType<typeof makeTally>;

function makeTally() {
  let leaves = 0;
  let rows = 0;
  let forgotten = 0;
  let deleted = 0;
  let problemCount = 0;
  const problems: RecordProblem[] = [];
  return {
    leaf: () => {
      leaves += 1;
    },
    row: () => {
      rows += 1;
    },
    forget: () => {
      forgotten += 1;
    },
    delete: () => {
      deleted += 1;
    },
    add(problem: RecordProblem) {
      problemCount += 1;
      if (problems.length < MOST_PROBLEMS) problems.push(problem);
    },
    result: () => ({ leaves, rows, forgotten, deleted, problems, problemCount }),
  };
}
