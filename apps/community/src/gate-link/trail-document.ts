import { sha256 } from "@menshen/crypto/node";
import { GateId, Instant } from "@menshen/domain";
import { type TrailPeer, trailMessage } from "@menshen/wire";
import type { Pool } from "pg";
import type { DocumentRow } from "./document-store.ts";
import type { TrailContent, TrailSource } from "./types.ts";

interface PeerRow {
  readonly gate_id: string;
  readonly device_key: Buffer;
  readonly sealing_key: Buffer;
  readonly statement: string | null;
  readonly salt: Buffer;
  readonly leaf_index: string;
  readonly tree_size: string;
  readonly proof: Buffer;
  readonly checkpoint: string;
}

const HASH_BYTES = 32;

/**
 * Proves in the open that gates' keys were certified, for those gates that no proof is stored of yet, or one that does
 * not convince the others any more because more witnesses are asked for. Else a proof stays: one that changed with every
 * checkpoint would change every gate's document with it.
 *
 * @returns whether any was added or renewed, so that every gate needs a new trail document
 */
export async function proveIssues(
  pool: Pool,
  source: Pick<TrailSource, "proveIssue" | "fallingShort">,
): Promise<boolean> {
  const { rows } = await pool.query<{ gate_id: string; leaf_id: string; checkpoint: string | null }>(
    // A leaf tells of the keys of its own certificate, which are the gate's own for the life of its enrolment.
    `select distinct on (d.gate_id) d.gate_id, c.leaf_id, e.checkpoint from gate_device d
     join gate_certificate c on c.gate_id = d.gate_id and c.leaf_id is not null
     left join gate_evidence e on e.gate_id = d.gate_id
     where d.enrolment = 'enrolled' order by d.gate_id, c.issued_at desc`,
  );
  const short = await source.fallingShort(rows.flatMap(({ checkpoint }) => checkpoint ?? []));
  let changed = false;
  for (const { gate_id: gateId, leaf_id: leafId, checkpoint: stored } of rows) {
    if (stored !== null && !short.has(stored)) continue;
    const evidence = await source.proveIssue(leafId);
    if (evidence === undefined) continue;
    if (stored !== null && (await source.fallingShort([evidence.checkpoint])).size > 0) continue;
    const { rowCount } = await pool.query(
      // A gate that enrolled anew meanwhile has another leaf.
      `insert into gate_evidence (gate_id, statement, salt, leaf_index, tree_size, proof, checkpoint)
       select $1, $2, $3, $4, $5, $6, $7 where ($8::text is null) = not exists (select from gate_evidence where gate_id = $1)
       on conflict (gate_id) do update set statement = excluded.statement, salt = excluded.salt,
       leaf_index = excluded.leaf_index, tree_size = excluded.tree_size, proof = excluded.proof,
       checkpoint = excluded.checkpoint where gate_evidence.checkpoint = $8`,
      [
        gateId,
        evidence.statement,
        evidence.salt,
        evidence.leafIndex,
        evidence.treeSize,
        Buffer.concat(evidence.proof),
        evidence.checkpoint,
        stored,
      ],
    );
    if (rowCount === 1) changed = true;
  }
  return changed;
}

/** All enrolled gates, as each of them is told of the others. */
async function readPeers(pool: Pool): Promise<readonly TrailPeer[]> {
  const { rows } = await pool.query<PeerRow>(
    `select d.gate_id, d.device_key, d.sealing_key, e.statement, e.salt, e.leaf_index, e.tree_size, e.proof, e.checkpoint
     from gate_device d left join gate_evidence e using (gate_id) where d.enrolment = 'enrolled' order by d.gate_id`,
  );
  return rows.map((row) => ({
    gateId: GateId(row.gate_id),
    deviceKey: row.device_key,
    sealingKey: row.sealing_key,
    ...(row.statement === null
      ? {}
      : {
          evidence: {
            statement: row.statement,
            salt: row.salt,
            leafIndex: Number(row.leaf_index),
            treeSize: Number(row.tree_size),
            proof: hashesIn(row.proof),
            checkpoint: row.checkpoint,
          },
        }),
  }));
}

function hashesIn(proof: Uint8Array): Uint8Array[] {
  return Array.from({ length: proof.length / HASH_BYTES }, (_, index) =>
    proof.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}

/** A gate that was revoked knows the key of the pseudonyms: the others begin a new chain with each. */
async function readGeneration(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ revoked: string }>(
    "select count(*) as revoked from gate_device where enrolment = 'revoked'",
  );
  return Number(rows[0]?.revoked ?? 0);
}

/** The trail document of a gate; `sign` is by the policy key. */
export async function makeTrailRow(options: {
  readonly pool: Pool;
  readonly content: TrailContent;
  readonly gateId: GateId;
  readonly version: number;
  readonly issuedAt: Instant;
  readonly sign: (payload: Uint8Array) => Uint8Array;
}): Promise<DocumentRow> {
  const { pool, gateId, version, issuedAt } = options;
  const content = {
    ...options.content,
    version: 1,
    gateId,
    generation: await readGeneration(pool),
    peers: await readPeers(pool),
  } as const;
  // The digest is over all but number and time, so that an unchanged document is seen as one.
  const unchanging = trailMessage.encode({ ...content, trailVersion: 1, issuedAt: Instant(0) });
  return {
    what: "trail",
    version,
    message: options.sign(trailMessage.encode({ ...content, trailVersion: version, issuedAt })),
    content: sha256(unchanging),
    madeAt: issuedAt,
  };
}
