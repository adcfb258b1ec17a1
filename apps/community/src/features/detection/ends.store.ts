import type { EndReport } from "@menshen/detection";
import { type Database, moment, type Reader, type Trx } from "../../database/database.ts";
import { EVENT_KIND_NUMBERS, readStoredEntry } from "../../gate-link/index.ts";

/** More than these are not judged: a community does not lose so many cards in two epochs. */
const MOST = 10_000;

/** A card by its name of an epoch. */
export interface NamedCard {
  readonly credential: Uint8Array;
  readonly epoch: number;
}

/** The card of one stored tap; undefined for a tap that is none, or whose card has no name any more. */
export async function selectCardOfTap(
  db: Reader,
  tap: { readonly accessPointId: string; readonly sequence: number; readonly at: number },
): Promise<NamedCard | undefined> {
  const rows = await db
    .selectFrom("event")
    .select("entry")
    .where("at", "=", moment(tap.at))
    .where("sequence", "=", tap.sequence)
    .where("kind", "=", EVENT_KIND_NUMBERS.access)
    .where("pseudonym", "is not", null)
    .execute();
  for (const row of rows) {
    const entry = readStoredEntry(row.entry);
    if (entry?.kind !== "access" || entry.body.accessPointId !== tap.accessPointId) continue;
    const { epoch, pseudonym, pseudonymKeyId } = entry.body;
    if (pseudonym === undefined || pseudonymKeyId === undefined || epoch === undefined) continue;
    return { credential: Buffer.concat([pseudonymKeyId, pseudonym]), epoch };
  }
  return undefined;
}

/** The first word about a card counts. */
export async function insertEnd(trx: Trx, { credential, epoch }: NamedCard, at: number): Promise<void> {
  await trx
    .insertInto("detection_end")
    .values({ credential, epoch, at: moment(at) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** In the order of their times. */
export async function selectEnds(db: Database): Promise<readonly EndReport[]> {
  const rows = await db
    .selectFrom("detection_end")
    .select(["credential", "at"])
    .orderBy("at")
    .orderBy("credential")
    .limit(MOST)
    .execute();
  return rows.map(({ at, credential }) => ({
    report: "lost",
    credential: Buffer.from(credential).toString("hex"),
    at,
  }));
}

export async function forgetEndsBefore(trx: Trx, epoch: number): Promise<void> {
  await trx.deleteFrom("detection_end").where("epoch", "<", epoch).execute();
}
