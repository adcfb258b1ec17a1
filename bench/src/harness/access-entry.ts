import { sha256 } from "@menshen/crypto/node";
import { type AccessPointId, Instant } from "@menshen/domain";
import { encodeJournalEntry } from "@menshen/wire";

/** Cards that the entries name. */
const CARDS = 10_000;
const EPOCH = 1;
const PSEUDONYM_KEY_ID = sha256(Buffer.from("the epoch's key")).slice(0, 8);

/** A journal entry as a gate writes it for a card that opened, at `at` or now. */
export function accessEntry(
  sequence: number,
  accessPointId: AccessPointId,
  at = Instant(Date.now()),
): Uint8Array {
  return entry(sequence, accessPointId, at, `${(sequence * 7_919) % CARDS}`, true);
}

/** As a gate writes it when a card has a number that it knows, and not the key. */
export function wrongKeyEntry(sequence: number, accessPointId: AccessPointId, card: string): Uint8Array {
  return entry(sequence, accessPointId, Instant(Date.now()), card, false);
}

/** By which name the server knows the card of an entry: name of the pseudonym key (8 bytes), pseudonym (16). */
export function nameOfCard(card: string): Uint8Array {
  return Buffer.concat([PSEUDONYM_KEY_ID, pseudonymOf(card)]);
}

function pseudonymOf(card: string): Uint8Array {
  return sha256(Buffer.from(card)).slice(0, 16);
}

function entry(
  sequence: number,
  accessPointId: AccessPointId,
  at: Instant,
  card: string,
  granted: boolean,
): Uint8Array {
  return encodeJournalEntry({
    version: 1,
    sequence,
    earliest: at,
    latest: at,
    kind: "access",
    body: {
      accessPointId,
      granted,
      reasons: granted
        ? [{ code: "rule-allows", rule: 1 }]
        : [{ code: "credential-not-authentic", detail: "wrong-key" }],
      pseudonym: pseudonymOf(card),
      pseudonymKeyId: PSEUDONYM_KEY_ID,
      epoch: EPOCH,
      kind: "desfire",
      grade: "B",
      snapshotVersion: 1,
      evidence: { keyVersion: 1, dialogueMs: 60 },
      lockDriven: granted,
    },
  });
}
