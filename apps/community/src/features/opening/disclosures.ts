import type { OpeningPurpose } from "@menshen/domain";
import { sql } from "kysely";
import type { Reader } from "../../database/database.ts";
import { statementOf } from "./opening-view.ts";

/** A lawful opening that concerned a person, told after its seal ended. Times in Unix milliseconds. */
export interface Disclosure {
  readonly requestId: string;
  readonly requestedAt: number;
  readonly disclosedAt: number;
  readonly authority: string;
  readonly documentNumber?: string;
  readonly purpose: OpeningPurpose;
  readonly accessPointIds: readonly string[];
  readonly from: number;
  readonly until: number;
  /** This person's own entries among those opened. */
  readonly entryCount: number;
  /** Of the leaf `opening-requested`. */
  readonly leafId: string;
}

/** What a person is told about openings, newest first. Only this person's own; the caller knows who asks. */
export async function selectDisclosuresFor(db: Reader, personId: string): Promise<readonly Disclosure[]> {
  const rows = await db
    .selectFrom("opening_disclosure")
    .innerJoin("opening", "opening.id", "opening_disclosure.opening_id")
    .select(["opening.id", "opening.statement", "opening.leaf_id", "opening.requested_at"])
    .select(["opening_disclosure.entry_count", sql<number>`opening.disclosed_at`.as("disclosed_at")])
    .where("opening_disclosure.person_id", "=", personId)
    .orderBy("opening.disclosed_at", "desc")
    .execute();
  return rows.map((row) => {
    const { authority, documentNumber, purpose, accessPointIds, from, until } = statementOf(row);
    return {
      requestId: row.id,
      requestedAt: row.requested_at,
      disclosedAt: row.disclosed_at,
      authority,
      ...(documentNumber === undefined ? {} : { documentNumber }),
      purpose,
      accessPointIds,
      from,
      until,
      entryCount: row.entry_count,
      leafId: row.leaf_id,
    };
  });
}
