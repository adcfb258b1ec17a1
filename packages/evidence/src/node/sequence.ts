import { equalBytes } from "@menshen/crypto/node";
import { hashLeaf } from "../merkle/hashing.ts";
import { fromUtf8 } from "../note/note-text.ts";
import type { TreeHead } from "../tiles/read-tiles.ts";
import { appendLeaves, EMPTY_EDGE, rootOfEdge } from "../tiles/tree-edge.ts";
import { type LogKeys, signHead } from "./log-keys.ts";
import { bytesIn, inTransaction, type LogConnection, type LogPool, numberIn, textIn } from "./log-pool.ts";
import { appendedBundles, insertTiles, newestCheckpoint, rootSignedFor, storedEdge } from "./stored-log.ts";

/** Any constant of our own: whoever gives indices in this database holds it to the end of the transaction. */
const SEQUENCER_LOCK = 5_267_308;

/** Leaves that one transaction takes; a longer queue takes several. */
export const BATCH_LEAVES = 4_096;

/** What a batch did. `set-back`: the stored log is not the one that `seen` was part of; nothing was written. */
export type BatchOutcome =
  | {
      readonly outcome: "appended";
      readonly head: TreeHead;
      readonly appended: number;
      readonly more: boolean;
    }
  | { readonly outcome: "set-back"; readonly storedSize: number };

/**
 * Gives indices to the leaves that wait, in the order of their positions, and signs the new checkpoint: one
 * transaction, so a process that dies anywhere in it has done nothing.
 *
 * INVARIANT: the signed checkpoint leaves this function only after its commit was confirmed.
 *
 * @param seen a tree that this process knows to be committed; the stored one must contain it
 * @param limit most leaves that are taken; 0 only signs the tree without leaves, where nothing was signed yet
 * @throws {CommitUnknown}, {EvidenceError} `log-damaged`, and faults of the pool
 */
export async function appendBatch(
  pool: LogPool,
  keys: LogKeys,
  nowMs: number,
  seen: TreeHead | undefined,
  limit = BATCH_LEAVES,
): Promise<BatchOutcome> {
  return await inTransaction(pool, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [SEQUENCER_LOCK]);
    // Each statement from here on sees what the last holder of the lock committed.
    const newest = await newestCheckpoint(client, keys);
    const storedSize = newest?.signed.checkpoint.size ?? 0;
    if (seen !== undefined && !(await contains(client, storedSize, seen))) {
      return { outcome: "set-back", storedSize };
    }
    const { positions, leafIds, entries } = await pendingLeaves(client, limit);
    if (newest !== undefined && positions.length === 0) {
      return { outcome: "appended", head: newest.signed.checkpoint, appended: 0, more: false };
    }
    const edge = newest === undefined ? EMPTY_EDGE : await storedEdge(client, newest);
    const bundles = await appendedBundles(client, storedSize, entries);
    const added = appendLeaves(
      keys.crypto.sha256,
      edge,
      entries.map((entry) => hashLeaf(keys.crypto.sha256, entry)),
    );
    const head = { size: added.edge.size, root: rootOfEdge(keys.crypto.sha256, added.edge) };
    const now = new Date(nowMs);
    if (positions.length > 0) {
      await client.query("delete from evidence_pending where position = any($1::bigint[])", [positions]);
    }
    if (entries.length > 0) {
      await client.query(
        `insert into evidence_leaf (index, leaf_id, at)
         select $1::bigint + place - 1, leaf_id, $3 from unnest($2::uuid[]) with ordinality as leaf(leaf_id, place)`,
        [storedSize, leafIds, now],
      );
      await insertTiles(client, [...bundles, ...added.tiles]);
    }
    if (newest === undefined || entries.length > 0) {
      await client.query("insert into evidence_checkpoint (size, root, signed, at) values ($1, $2, $3, $4)", [
        head.size,
        Buffer.from(head.root),
        fromUtf8(signHead(keys, head)),
        now,
      ]);
    }
    const more = positions.length === limit;
    return { outcome: "appended", head, appended: entries.length, more };
  });
}

/** Whether the stored log contains a tree that was committed before. */
async function contains(client: LogConnection, storedSize: number, seen: TreeHead): Promise<boolean> {
  if (storedSize < seen.size) return false;
  const root = await rootSignedFor(client, seen.size);
  return root !== undefined && equalBytes(root, seen.root);
}

/** The leaves that wait, oldest first. One that has its index already was recorded twice: it goes, and counts once. */
async function pendingLeaves(client: LogConnection, limit: number) {
  const { rows } = await client.query(
    `select position, leaf_id::text as leaf_id, entry,
            exists (select 1 from evidence_leaf where evidence_leaf.leaf_id = evidence_pending.leaf_id)::int as known
       from evidence_pending order by position limit $1`,
    [limit],
  );
  const fresh = rows.filter((row) => numberIn(row, "known") === 0);
  return {
    positions: rows.map((row) => numberIn(row, "position")),
    leafIds: fresh.map((row) => textIn(row, "leaf_id")),
    entries: fresh.map((row) => bytesIn(row, "entry")),
  };
}
