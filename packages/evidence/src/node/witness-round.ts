import { sha256 } from "@menshen/crypto/node";
import { EvidenceError } from "../evidence-error.ts";
import type { KnownWitness } from "../log/witness-policy.ts";
import { formatVerifierKey } from "../note/note-key.ts";
import { proveConsistency } from "../tiles/prove.ts";
import type { LogKeys } from "./log-keys.ts";
import { type LogConnection, numberIn } from "./log-pool.ts";
import { newestCheckpoint, type StoredCheckpoint, tilesIn } from "./stored-log.ts";
import { askWitness, type Fetching, type WitnessAnswer } from "./witness-client.ts";

/** A witness as the log is configured for it. */
export interface LogWitness extends KnownWitness {
  readonly url: string;
}

/**
 * What stands between a log and a witness.
 *
 * - `log-behind-witness`: the witness cosigned a larger tree than is stored: the database is an old copy;
 * - `log-forked`: what the witness cosigned is not the beginning of what is stored;
 * - `witness-lost-state`: the witness remembers less than it cosigned; its word counts no more under this key;
 * - `witness-refuses`: it does not know this log or its key;
 * - `witness-silent`: it did not answer, or not as it should.
 */
export type WitnessTrouble =
  | "log-behind-witness"
  | "log-forked"
  | "witness-lost-state"
  | "witness-refuses"
  | "witness-silent";

/** What came of asking one witness. */
export interface WitnessResult {
  readonly witness: LogWitness;
  readonly answer: WitnessAnswer;
  readonly trouble?: WitnessTrouble;
  /** Size that the witness says it cosigned, where that is the trouble. */
  readonly witnessSize?: number;
}

/** A witness may cosign for another process of ours between our questions; more often than this is no coincidence. */
const MAX_QUESTIONS = 3;

/** Asks one witness for its cosignature of a stored checkpoint, and judges what it says against what is stored. */
export async function cosignatureOf(
  connection: LogConnection,
  keys: LogKeys,
  fetching: Fetching,
  witness: LogWitness,
  { signed }: StoredCheckpoint,
  timeoutMs: number,
): Promise<WitnessResult> {
  const { checkpoint, note } = signed;
  const cosignedBefore = await cosignedSize(connection, witness);
  let oldSize = Math.min(cosignedBefore, checkpoint.size);
  for (let question = 1; question <= MAX_QUESTIONS; question += 1) {
    const proof = await proofFrom(connection, signed.checkpoint, oldSize);
    const ask = { oldSize, proof, checkpoint: note };
    const log = { origin: keys.origin, logKeys: [keys.key] };
    const answer = await askWitness(fetching, witness, log, ask, timeoutMs);
    const trouble = (code: WitnessTrouble, witnessSize?: number): WitnessResult => ({
      witness,
      answer,
      trouble: code,
      ...(witnessSize === undefined ? {} : { witnessSize }),
    });
    switch (answer.answer) {
      case "cosigned":
        return { witness, answer };
      case "refuses-proof":
        return trouble("log-forked");
      case "refuses":
        return trouble("witness-refuses");
      case "silent":
        return trouble("witness-silent");
      case "has-other-size":
        break;
    }
    const { size } = answer;
    if (size < cosignedBefore) return trouble("witness-lost-state", size);
    if (size > checkpoint.size) {
      const newest = await newestCheckpoint(connection, keys);
      const stored = newest?.signed.checkpoint.size ?? 0;
      // Another process of ours had a newer checkpoint cosigned meanwhile: nothing is wrong.
      if (size > stored) return trouble("log-behind-witness", size);
      return { witness, answer };
    }
    // It cosigned and its answer was lost on the way to our database.
    oldSize = size;
  }
  return { witness, answer: { answer: "silent", why: "bad-answer" }, trouble: "witness-silent" };
}

/** Notes the largest size that a witness cosigned. */
export async function noteCosigned(
  connection: LogConnection,
  witness: LogWitness,
  size: number,
): Promise<void> {
  await connection.query(
    `insert into evidence_witness (key, size) values ($1, $2)
       on conflict (key) do update set size = greatest(evidence_witness.size, excluded.size)`,
    [formatVerifierKey(witness.key), size],
  );
}

async function cosignedSize(connection: LogConnection, { key }: LogWitness): Promise<number> {
  const { rows } = await connection.query("select size from evidence_witness where key = $1", [
    formatVerifierKey(key),
  ]);
  return rows[0] === undefined ? 0 : numberIn(rows[0], "size");
}

async function proofFrom(
  connection: LogConnection,
  head: { readonly size: number; readonly root: Uint8Array },
  oldSize: number,
): Promise<readonly Uint8Array[]> {
  const proved = await proveConsistency(sha256, tilesIn(connection), head, oldSize);
  if (proved.read) return proved.proof;
  throw new EvidenceError("log-damaged", `expected tiles of the stored log: ${proved.path} is refused`);
}
