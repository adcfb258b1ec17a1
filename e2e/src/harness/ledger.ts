import { sha256, toHex } from "@menshen/crypto/node";
import { decodeJournalEntry, journalGenesisHash, nextJournalHash } from "@menshen/wire";

/** One tap as seen from outside: at which access point, by which card, and whether the gate answered at the reader. */
export interface TapRecord {
  readonly accessPointId: string;
  readonly credentialId: string;
  acknowledged: boolean;
}

/** A gate's journal as it stands on its disk. */
export interface JournalCopy {
  readonly gateId: string;
  readonly entries: readonly {
    readonly sequence: number;
    readonly entry: Uint8Array;
    readonly hash: Uint8Array;
  }[];
}

/** A row of the server's event table. */
export interface StoredEvent {
  readonly gateId: string;
  readonly sequence: number;
  readonly entry: Uint8Array;
}

/**
 * Compares a log kept outside of the system with every gate's journal and with the server's table. Returns each
 * finding as a sentence; an empty list means: nothing acknowledged is lost, nothing is there twice, chains are intact.
 *
 * @param pseudonyms of each credential id, in hexadecimal
 */
export function findLosses(
  taps: readonly TapRecord[],
  journals: readonly JournalCopy[],
  stored: readonly StoredEvent[],
  pseudonyms: ReadonlyMap<string, string>,
): string[] {
  const findings: string[] = [];
  const counts = new Map<string, { journaled: number; presented: number; acknowledged: number }>();
  const countOf = (accessPointId: string, pseudonym: string) => {
    const key = `${accessPointId}/${pseudonym}`;
    let count = counts.get(key);
    if (count === undefined) {
      count = { journaled: 0, presented: 0, acknowledged: 0 };
      counts.set(key, count);
    }
    return count;
  };

  const storedOf = new Map<string, StoredEvent[]>();
  for (const event of stored) {
    const list = storedOf.get(event.gateId);
    if (list === undefined) storedOf.set(event.gateId, [event]);
    else list.push(event);
  }

  for (const { gateId, entries } of journals) {
    let hash = journalGenesisHash();
    for (const [index, row] of entries.entries()) {
      if (row.sequence !== index + 1) {
        findings.push(
          `journal ${gateId}: entry ${index + 1} is missing, ${row.sequence} stands in its place`,
        );
        break;
      }
      hash = nextJournalHash(sha256, hash, row.entry);
      if (toHex(hash) !== toHex(row.hash)) {
        findings.push(`journal ${gateId}: the chain breaks at ${row.sequence}`);
        break;
      }
      const entry = decodeJournalEntry(row.entry);
      if (entry.kind !== "access" || entry.body.pseudonym === undefined) continue;
      countOf(entry.body.accessPointId, toHex(entry.body.pseudonym)).journaled++;
    }
    const rows = (storedOf.get(gateId) ?? []).sort((a, b) => a.sequence - b.sequence);
    for (const [index, row] of rows.entries()) {
      if (row.sequence !== index + 1) {
        const what = rows[index - 1]?.sequence === row.sequence ? "is there twice" : `follows ${index}`;
        findings.push(`server: event ${row.sequence} of ${gateId} ${what}`);
        break;
      }
      const own = entries[index];
      if (own === undefined) findings.push(`server: event ${row.sequence} of ${gateId} is in no journal`);
      else if (toHex(own.entry) !== toHex(row.entry))
        findings.push(`server: event ${row.sequence} of ${gateId} differs`);
    }
    if (rows.length < entries.length) {
      findings.push(`server: ${entries.length - rows.length} events of ${gateId} did not arrive`);
    }
  }

  for (const tap of taps) {
    const pseudonym = pseudonyms.get(tap.credentialId);
    if (pseudonym === undefined) throw new Error("a tap by a credential that the server does not know");
    const count = countOf(tap.accessPointId, pseudonym);
    count.presented++;
    if (tap.acknowledged) count.acknowledged++;
  }
  for (const [key, { journaled, presented, acknowledged }] of counts) {
    if (journaled < acknowledged)
      findings.push(`${key}: ${acknowledged} acknowledged, ${journaled} journaled`);
    if (journaled > presented) findings.push(`${key}: ${presented} presented, ${journaled} journaled`);
  }
  return findings;
}
