import { sha256 } from "@menshen/crypto/node";
import { type AccessPointId, Instant } from "@menshen/domain";
import { encodeJournalEntry } from "@menshen/wire";

/** Cards that the entries name. */
const CARDS = 10_000;

/** A journal entry as a gate writes it for a card that opened, at `at` or now. */
export function accessEntry(
  sequence: number,
  accessPointId: AccessPointId,
  at = Instant(Date.now()),
): Uint8Array {
  return encodeJournalEntry({
    version: 1,
    sequence,
    earliest: at,
    latest: at,
    kind: "access",
    body: {
      accessPointId,
      granted: true,
      reasons: [{ code: "rule-allows", rule: 1 }],
      pseudonym: sha256(Buffer.from(String((sequence * 7_919) % CARDS))).slice(0, 16),
      kind: "desfire",
      grade: "B",
      snapshotVersion: 1,
      evidence: { keyVersion: 1, dialogueMs: 60 },
      lockDriven: true,
    },
  });
}
