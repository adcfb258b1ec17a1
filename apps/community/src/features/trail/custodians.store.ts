import { sql } from "kysely";
import type { Reader } from "../../database/database.ts";

/** The custodian set in force, as stored. */
export interface StoredCustodians {
  /** As docs/protocol/custody.md encodes it. */
  readonly encoded: Uint8Array;
  /** By members of the set before; `index` from 1. */
  readonly endorsements: readonly { readonly index: number; readonly signature: Uint8Array }[];
  readonly previous: Uint8Array | undefined;
}

/** `undefined` until the first set is in force. */
export async function selectCustodians(db: Reader): Promise<StoredCustodians | undefined> {
  const [present, previous] = await db
    .selectFrom("custodian_set")
    .select(["version", "encoded"])
    .where("in_force_since", "is not", null)
    .orderBy("version", "desc")
    .limit(2)
    .execute();
  if (present === undefined) return undefined;
  const endorsements = await db
    .selectFrom("custodian_endorsement")
    .select(["custodian as index", "signature"])
    .where("version", "=", present.version)
    .orderBy("custodian")
    .execute();
  return {
    encoded: new Uint8Array(present.encoded),
    endorsements,
    previous: previous && new Uint8Array(previous.encoded),
  };
}

export interface FinishedCeremony {
  readonly firstEpoch: number;
  readonly epochCount: number;
  readonly certificate: Uint8Array;
  /** By custodian, from the first. */
  readonly vouches: readonly Uint8Array[];
}

/** In the order in which they ended; those only that every custodian vouched for. */
export async function selectFinishedCeremonies(db: Reader): Promise<readonly FinishedCeremony[]> {
  const { rows } = await sql<{
    first_epoch: number;
    epoch_count: number;
    certificate: Uint8Array;
    vouches: (Uint8Array | null)[];
  }>`
    select c.first_epoch, c.epoch_count, c.certificate,
      (select array_agg(s.vouch order by s.custodian) from custody_seat s where s.ceremony = c.id) as vouches
    from custody_ceremony c where c.state = 'finished' and c.certificate is not null
    order by c.ended_at, c.id`.execute(db);
  return rows.flatMap((row) => {
    const vouches = (row.vouches ?? []).filter((vouch) => vouch !== null);
    return vouches.length === 0 || vouches.length < row.vouches.length
      ? []
      : [
          {
            firstEpoch: row.first_epoch,
            epochCount: row.epoch_count,
            certificate: row.certificate,
            vouches,
          },
        ];
  });
}
