import { sql } from "kysely";
import type { Reader } from "../../database/database.ts";

/** A custodian set that was in force, as stored. */
export interface StoredCustodians {
  /** As docs/protocol/custody.md encodes it. */
  readonly encoded: Uint8Array;
  /** By members of the set before; `index` from 1. */
  readonly endorsements: readonly { readonly index: number; readonly signature: Uint8Array }[];
}

/** The last `most` sets that were in force, the oldest first; the last one is in force. */
export async function selectCustodians(db: Reader, most: number): Promise<readonly StoredCustodians[]> {
  const sets = await db
    .selectFrom("custodian_set")
    .select(["version", "encoded"])
    .where("in_force_since", "is not", null)
    .orderBy("version", "desc")
    .limit(most)
    .execute();
  const endorsements = await db
    .selectFrom("custodian_endorsement")
    .select(["version", "custodian", "signature"])
    .orderBy("custodian")
    .execute();
  return sets.toReversed().map(({ version, encoded }) => ({
    encoded: new Uint8Array(encoded),
    endorsements: endorsements
      .filter((one) => one.version === version)
      .map(({ custodian: index, signature }) => ({ index, signature })),
  }));
}

export interface FinishedCeremony {
  /** Of the custodians that held it. */
  readonly setVersion: number;
  readonly firstEpoch: number;
  readonly epochCount: number;
  readonly certificate: Uint8Array;
  /** By custodian, from the first. */
  readonly vouches: readonly Uint8Array[];
}

/** In the order in which they ended; those only that every custodian vouched for. */
export async function selectFinishedCeremonies(db: Reader): Promise<readonly FinishedCeremony[]> {
  const { rows } = await sql<{
    set_version: number;
    first_epoch: number;
    epoch_count: number;
    certificate: Uint8Array;
    vouches: (Uint8Array | null)[];
  }>`
    select c.set_version, c.first_epoch, c.epoch_count, c.certificate,
      (select array_agg(s.vouch order by s.custodian) from custody_seat s where s.ceremony = c.id) as vouches
    from custody_ceremony c where c.state = 'finished' and c.certificate is not null and c.motion_id is null
    order by c.ended_at, c.id`.execute(db);
  return rows.flatMap((row) => {
    const vouches = (row.vouches ?? []).filter((vouch) => vouch !== null);
    return vouches.length === 0 || vouches.length < row.vouches.length
      ? []
      : [
          {
            setVersion: row.set_version,
            firstEpoch: row.first_epoch,
            epochCount: row.epoch_count,
            certificate: row.certificate,
            vouches,
          },
        ];
  });
}
