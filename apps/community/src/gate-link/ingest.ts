import { equalBytes, toHex } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { Pool, PoolClient } from "pg";
import { raiseAlarm } from "./alarms.ts";
import { copyIn } from "./copy-in.ts";
import { withClient } from "./database.ts";
import { EVENT_COLUMNS } from "./event-row.ts";
import { readStoredEntry } from "./event-store.ts";
import { isForgotten, readForgotten } from "./forgotten.ts";
import { giveWay } from "./give-way.ts";
import { agreesAt, type PreparedBatch } from "./journal-batch.ts";
import type { Partitions } from "./partitions.ts";
import type { StoredEntries } from "./types.ts";

/** Rows of one transaction: enough to share its sync between gates, few enough to bound the wait of the last. */
const MAX_ROWS_PER_TRANSACTION = 8_192;

/**
 * - `stored`: committed, now or before; may be acknowledged;
 * - `gap`: begins after `nextSequence`, which the gate must send first;
 * - `fork`: contradicts what the gate signed before;
 * - `unavailable`: not known to be stored, ask again.
 */
export type IngestOutcome =
  | { readonly outcome: "stored" }
  | { readonly outcome: "gap"; readonly nextSequence: number }
  | { readonly outcome: "fork" }
  | { readonly outcome: "unavailable" };

export interface JournalIngest {
  /** Batches of one gate are stored in the order of the calls. Never rejects. */
  readonly submit: (batch: PreparedBatch) => Promise<IngestOutcome>;
  /** Resolves when nothing is under way. */
  readonly idle: () => Promise<void>;
}

interface Waiting {
  readonly batch: PreparedBatch;
  readonly answer: (outcome: IngestOutcome) => void;
}

interface Head {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/**
 * Heads as of a position. Heads move only together with the position, so while it stands where we left it nobody else
 * (another server) wrote, and they need not be read again.
 */
interface KnownHeads {
  position: number;
  readonly heads: Map<GateId, Head>;
}

interface Verdict {
  readonly waiting: Waiting;
  readonly outcome: IngestOutcome;
  /** How many of the batch's entries are there already. */
  readonly skipped: number;
  readonly isNew: boolean;
}

export function makeJournalIngest(dependencies: {
  readonly pool: Pool;
  readonly partitions: Partitions;
  readonly logger: Logger;
  /** Told after each commit, in the order of commits. */
  readonly onStored: (stored: readonly StoredEntries[]) => void;
}): JournalIngest {
  const { pool, partitions, logger, onStored } = dependencies;
  const queue: Waiting[] = [];
  const known: KnownHeads = { position: -1, heads: new Map() };
  let running: Promise<void> | undefined;

  async function drain(): Promise<void> {
    while (queue.length > 0) await storeGroup(takeGroup(queue));
    running = undefined;
  }

  async function storeGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await partitions.ensure(new Set(group.flatMap(({ batch }) => [...batch.months])));
      const { verdicts, firstPosition } = await withClient(pool, (client) => store(client, group, known));
      const stored = verdicts.filter((verdict) => verdict.isNew);
      if (stored.length > 0) onStored(storedEntries(stored, firstPosition));
      for (const { waiting, outcome } of verdicts) waiting.answer(outcome);
    } catch (error) {
      known.heads.clear();
      logger.warn({ error, batches: group.length }, "journal batches could not be stored");
      // One batch that the database refuses must not keep the others of its group out for ever.
      if (group.length > 1 && isRefusalOfData(error)) {
        for (const waiting of group) await storeGroup([waiting]);
      } else {
        for (const { answer } of group) answer({ outcome: "unavailable" });
      }
    }
  }

  return {
    submit(batch) {
      return new Promise((answer) => {
        queue.push({ batch, answer });
        running ??= drain();
      });
    },
    idle: async () => {
      while (running !== undefined) await running;
    },
  };
}

function takeGroup(queue: Waiting[]): readonly Waiting[] {
  let rows = 0;
  let count = 0;
  for (const { batch } of queue) {
    rows += batch.entryBytes.length;
    if (count > 0 && rows > MAX_ROWS_PER_TRANSACTION) break;
    count += 1;
  }
  return queue.splice(0, count);
}

/**
 * One transaction. Round trips are counted: on a busy machine each costs as much as the writing of a hundred rows, and
 * all other gates wait for them.
 */
async function store(client: PoolClient, group: readonly Waiting[], known: KnownHeads) {
  // INVARIANT: the lock of this one row is taken first and held to the commit. It orders all writers, so positions
  // become visible in order and heads do not move under us.
  const last = lastOf(await client.query("begin; select last from event_position for update"));
  if (last !== known.position) known.heads.clear();
  const heads = new Map(known.heads);
  const unknown = [...new Set(group.map(({ batch }) => batch.gateId))].filter((gateId) => !heads.has(gateId));
  if (unknown.length > 0)
    for (const [gateId, head] of await readHeads(client, unknown)) heads.set(gateId, head);
  const verdicts: Verdict[] = [];
  const chunks: Buffer[] = [];
  let position = last;
  for (const waiting of group) {
    const { batch } = waiting;
    const verdict = await judge(client, waiting, heads.get(batch.gateId));
    verdicts.push(verdict);
    if (!verdict.isNew) continue;
    chunks.push(batch.rows.numbered(position + 1, verdict.skipped));
    position += batch.entryBytes.length - verdict.skipped;
    heads.set(batch.gateId, { sequence: batch.lastSequence, hash: batch.lastHash });
  }
  if (chunks.length > 0) await copyIn(client, `event (${EVENT_COLUMNS})`, chunks);
  const fresh = verdicts.filter(({ isNew }) => isNew).map(({ waiting }) => waiting.batch);
  const moved = new Set(fresh.map(({ gateId }) => gateId));
  const writes = moved.size > 0 ? writeHeads(moved, heads, position) + writeSignatures(fresh) : "";
  await client.query(`${writes} commit`);
  for (const [gateId, head] of heads) known.heads.set(gateId, head);
  known.position = position;
  return { verdicts, firstPosition: last + 1 };
}

/** pg answers several statements with a list of results. */
function lastOf(results: unknown): number {
  const result: unknown = Array.isArray(results) ? results.at(-1) : undefined;
  if (typeof result === "object" && result !== null && "rows" in result && Array.isArray(result.rows)) {
    const last = Number(result.rows[0]?.last);
    if (Number.isSafeInteger(last)) return last;
  }
  throw new TypeError("expected the row of event_position");
}

async function readHeads(client: PoolClient, gateIds: readonly GateId[]): Promise<Map<GateId, Head>> {
  const { rows } = await client.query<{ gate_id: GateId; last_sequence: string; last_hash: Buffer }>(
    "select gate_id, last_sequence, last_hash from gate_journal where gate_id = any($1)",
    [gateIds],
  );
  return new Map(
    rows.map((row) => [row.gate_id, { sequence: Number(row.last_sequence), hash: row.last_hash }]),
  );
}

/**
 * Statements with their values inside, because a statement with parameters cannot travel with the commit. The values
 * are parsed IDs, numbers and hexadecimal digits; nothing else gets here.
 */
function writeHeads(moved: ReadonlySet<GateId>, heads: ReadonlyMap<GateId, Head>, position: number): string {
  const values = [...moved].map((gateId) => {
    const head = heads.get(gateId);
    if (head === undefined) throw new TypeError("expected the head of a gate that was stored");
    return `('${gateId}'::uuid, ${head.sequence}::bigint, '\\x${toHex(head.hash)}'::bytea)`;
  });
  return `with fresh (gate_id, sequence, hash) as (values ${values.join(", ")}), closed as (
      update gate_gap set closed_at = now() from fresh
      where gate_gap.gate_id = fresh.gate_id and closed_at is null and gate_gap.last_sequence <= fresh.sequence
    ), moved as (
      update gate_journal set last_sequence = fresh.sequence, last_hash = fresh.hash, reread_since = null
      from fresh where gate_journal.gate_id = fresh.gate_id
    )
    update event_position set last = ${position};`;
}

/** As `writeHeads`: what shows later that a gate signed these entries one behind the other. */
function writeSignatures(batches: readonly PreparedBatch[]): string {
  const values = batches.flatMap(
    ({ gateId, firstSequence, lastSequence, previousHash, signature, receivedAt }) =>
      signature === undefined
        ? []
        : [
            `('${gateId}', ${firstSequence}, ${lastSequence}, '\\x${toHex(previousHash)}', '\\x${toHex(signature)}', '${new Date(receivedAt).toISOString()}')`,
          ],
  );
  if (values.length === 0) return "";
  return `insert into gate_batch (gate_id, first_sequence, last_sequence, previous_hash, signature, received_at)
    values ${values.join(", ")};`;
}

/** Compares a batch with the end of its gate's journal, and records what a person should know. */
async function judge(client: PoolClient, waiting: Waiting, head: Head | undefined): Promise<Verdict> {
  const { batch } = waiting;
  const refuse = (outcome: IngestOutcome): Verdict => ({ waiting, outcome, skipped: 0, isNew: false });
  // Only enrolled gates get here, and enrolment makes the journal's row.
  if (head === undefined) return refuse({ outcome: "unavailable" });
  let next = head.sequence + 1;
  if (batch.firstSequence > next) {
    await recordGap(client, batch, next);
    return refuse({ outcome: "gap", nextSequence: next });
  }
  const agrees = await continues(client, batch, head);
  if (!agrees) {
    const left = await giveWay(client, batch);
    if (left === undefined) {
      await raiseAlarm(client, batch.gateId, "fork", batch.firstSequence, batch.receivedAt);
      return refuse({ outcome: "fork" });
    }
    next = left.sequence + 1;
  }
  const skipped = Math.min(next - batch.firstSequence, batch.entryBytes.length);
  const isNew = skipped < batch.entryBytes.length;
  if (isNew && batch.lastUnreadable >= skipped) {
    await raiseAlarm(client, batch.gateId, "unreadable", batch.firstSequence, batch.receivedAt);
  }
  return { waiting, outcome: { outcome: "stored" }, skipped, isNew };
}

async function continues(client: PoolClient, batch: PreparedBatch, head: Head): Promise<boolean> {
  if (batch.firstSequence === head.sequence + 1) return equalBytes(batch.previousHash, head.hash);
  if (batch.lastSequence >= head.sequence) return agreesAt(batch, head.sequence, head.hash);
  return await isStoredAlready(client, batch);
}

/** A batch from long ago, sent again: what it says must be what is stored, or what was deleted when its time was over. */
async function isStoredAlready(client: PoolClient, batch: PreparedBatch): Promise<boolean> {
  const { rows } = await client.query<{ sequence: string; entry: Buffer }>(
    "select sequence, entry from event where gate_id = $1 and sequence between $2 and $3 order by sequence",
    [batch.gateId, batch.firstSequence, batch.lastSequence],
  );
  const stored = new Map(rows.map(({ sequence, entry }) => [Number(sequence), entry]));
  const isWhole = stored.size === batch.entryBytes.length;
  const forgotten = isWhole ? {} : await readForgotten(client);
  return batch.entryBytes.every((bytes, index) => {
    const entry = stored.get(batch.firstSequence + index);
    return entry === undefined
      ? isForgotten(forgotten, readStoredEntry(bytes), batch.receivedAt)
      : equalBytes(entry, bytes);
  });
}

async function recordGap(client: PoolClient, batch: PreparedBatch, next: number): Promise<void> {
  await client.query(
    `insert into gate_gap (gate_id, first_sequence, last_sequence, noticed_at) values ($1, $2, $3, $4)
     on conflict (gate_id, first_sequence, last_sequence) do update set closed_at = null`,
    [batch.gateId, next, batch.firstSequence - 1, new Date(batch.receivedAt)],
  );
}

function storedEntries(verdicts: readonly Verdict[], firstPosition: number): readonly StoredEntries[] {
  let next = firstPosition;
  return verdicts.map(({ waiting, skipped }) => {
    const { gateId, firstSequence, receivedAt, entryBytes } = waiting.batch;
    const entries = skipped === 0 ? entryBytes : entryBytes.slice(skipped);
    const first = next;
    next += entries.length;
    return { firstPosition: first, firstSequence: firstSequence + skipped, gateId, receivedAt, entries };
  });
}

/** SQLSTATE classes 22 (data), 23 (constraints) and 54 (limits) blame the rows, all others the circumstances. */
function isRefusalOfData(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    /^(22|23|54)/.test(error.code)
  );
}
