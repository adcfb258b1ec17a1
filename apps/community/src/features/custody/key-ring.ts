import {
  type CustodianSet,
  type EpochKey,
  keysOfCertificate,
  parseCertificate,
  parseCustodianSet,
} from "@menshen/custody";
import type { Reader } from "../../database/database.ts";
import { type CeremonyRow, selectFinished, selectVouches } from "./ceremonies.store.ts";

/** An epoch's public key and what proves it. */
export interface KeyOfEpoch {
  readonly key: EpochKey;
  /** The ceremony's id in this server. */
  readonly ceremony: string;
  readonly set: CustodianSet;
  readonly certificate: Uint8Array;
  /** One for each member of the set, in order. */
  readonly vouches: readonly Uint8Array[];
}

export type KeyRing = ReturnType<typeof makeKeyRing>;

/** The public keys that ceremonies made. Certificates never change: their keys are computed once. */
export function makeKeyRing() {
  const byCeremony = new Map<string, readonly EpochKey[]>();

  /** Of a finished ceremony; empty for one that is not. */
  function keysOf(ceremony: Pick<CeremonyRow, "id" | "state" | "certificate">): readonly EpochKey[] {
    if (ceremony.state !== "finished" || ceremony.certificate === null) return [];
    const known = byCeremony.get(ceremony.id);
    if (known !== undefined) return known;
    const keys = keysOfCertificate(parseCertificate(ceremony.certificate));
    byCeremony.set(ceremony.id, keys);
    return keys;
  }

  return {
    keysOf,

    /**
     * Every key of an epoch, the latest ceremony's first: there are two after the custodians changed. Which one an entry
     * was sealed to shows by its proof.
     */
    async keysOfEpoch(db: Reader, epoch: number): Promise<readonly KeyOfEpoch[]> {
      const found: KeyOfEpoch[] = [];
      for (const row of (await selectFinished(db)).toReversed()) {
        const key = keysOf(row).find((one) => one.epoch === epoch);
        if (key === undefined || row.certificate === null) continue;
        const { encoded } = await db
          .selectFrom("custodian_set")
          .select("encoded")
          .where("version", "=", row.set_version)
          .executeTakeFirstOrThrow();
        found.push({
          key,
          ceremony: row.id,
          set: parseCustodianSet(encoded),
          certificate: row.certificate,
          vouches: await selectVouches(db, row.id),
        });
      }
      return found;
    },
  };
}
