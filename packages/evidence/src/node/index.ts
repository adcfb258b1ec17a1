/**
 * The evidence log with its storage in PostgreSQL, its sequencer, and asking witnesses; the witness itself.
 *
 * ```
 * const log = openLog({ pool, origin, secretKey, now: Date.now, witnesses, quorum });
 * // in any transaction of anybody: insert into evidence_pending (leaf_id, entry) values ($1, $2)
 * while ((await log.sequence()).more) {}  // indices, tiles and the log's signature, in one transaction
 * await log.publish();                    // cosignatures, then shown to everybody
 * ```
 */
export type { LogClient, LogConnection, LogPool, LogRow } from "./log-pool.ts";
export {
  type EvidenceLog,
  type Inclusion,
  type LogAlarm,
  type LogOptions,
  openLog,
  type Published,
  type PublishedCheckpoint,
  type Sequenced,
} from "./open-log.ts";
export { makeWitness, type Witness, type WitnessOptions, type WitnessReply } from "./witness.ts";
export { askWitness, type Fetching, type WitnessAddress, type WitnessAnswer } from "./witness-client.ts";
export type { LogWitness, WitnessResult, WitnessTrouble } from "./witness-round.ts";
export { serveWitness, type WitnessServer } from "./witness-server.ts";
export { openWitnessStore, type Witnessed, type WitnessStore } from "./witness-store.ts";
