import { coseVerify1 } from "@menshen/crypto/node";
import type { GateId } from "@menshen/domain";
import { externalAad, type HandoverResponse, handoverRequest } from "@menshen/wire";
import { dateOf } from "./database.ts";
import { type Answer, readKeyId, refusing } from "./enrolment.ts";
import { readJournalHead } from "./gate-store.ts";
import type { JournalIngest } from "./ingest.ts";
import { prepareSignedBatch } from "./journal-batch.ts";
import type { GateLinkDependencies } from "./types.ts";

/** How long behind its replacement the disk of a gate is listened to. */
export const HANDOVER_MS = 30 * 86_400_000;

/** Takes what the disk of a gate whose place another took still holds of its journal. */
export interface Handover {
  /** `message` is the body of `POST /gate/v1/handover`. */
  readonly receive: (message: Uint8Array) => Promise<Answer<HandoverResponse>>;
}

export function makeHandover(
  dependencies: Pick<GateLinkDependencies, "pool" | "clock" | "logger"> & {
    readonly ingest: Pick<JournalIngest, "submit">;
  },
): Handover {
  return { receive: (message) => refusing(() => receive(dependencies, message)) };
}

async function receive(
  { pool, clock, logger, ingest }: Parameters<typeof makeHandover>[0],
  message: Uint8Array,
): Promise<Answer<HandoverResponse>> {
  const now = clock.now();
  const keyId = readKeyId(message);
  const { rows } = await pool.query<{ gate_id: GateId; device_key: Buffer; replaced_by: string }>(
    `select d.gate_id, d.device_key, r.replaced_by from gate_device d join gate_replacement r using (gate_id)
     where d.key_id = $1 and d.enrolment = 'revoked' and r.at > $2`,
    [keyId ?? null, new Date(now - HANDOVER_MS)],
  );
  const [old] = rows;
  if (old === undefined) return { refused: "not-enrolled" };
  const verified = coseVerify1({
    message,
    key: { alg: "ES256", publicKey: old.device_key },
    externalAad: externalAad("handover"),
  });
  if (!verified.verified) return { refused: "invalid" };
  const request = handoverRequest.decode(verified.payload);
  if (request.gateId !== old.gate_id || request.successor !== old.replaced_by) return { refused: "invalid" };
  if (request.batch !== undefined) {
    const batch = prepareSignedBatch({ payload: request.batch, gateId: old.gate_id, receivedAt: now });
    if (batch === "bad-batch") return { refused: "invalid" };
    const { outcome } = await ingest.submit(batch);
    if (outcome === "fork") return { refused: "invalid" };
    if (outcome === "unavailable") return { refused: "unavailable" };
    if (outcome === "stored") {
      // The old box cannot send any other way, so whatever is behind its shutting out came from its disk.
      await pool.query(
        `update gate_replacement set handed_over = last_sequence - stored_up_to, handed_over_at = $2
         from gate_journal where gate_replacement.gate_id = $1 and gate_journal.gate_id = $1
           and last_sequence - stored_up_to > handed_over`,
        [old.gate_id, dateOf(now)],
      );
      logger.info({ gateId: old.gate_id, count: batch.entryBytes.length }, "entries came from an old disk");
    }
  }
  const head = await readJournalHead(pool, old.gate_id);
  if (head === undefined) return { refused: "not-enrolled" };
  return { response: { version: 1, nextSequence: head.sequence + 1, previousHash: head.hash } };
}
