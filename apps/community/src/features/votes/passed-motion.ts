import type { BoundMatter } from "@menshen/domain";
import type { Reader, Trx } from "../../database/database.ts";
import { refusal } from "../../errors.ts";
import { selectPublished, updateUsed } from "./motions.store.ts";
import { hasRoll } from "./owners-roll.store.ts";

/** Motions are few; nobody acts on one that is older than all of these. */
const LOOKED_THROUGH = 500;

/**
 * The id of a motion of this matter about `subject` that the owners passed and nobody acted on yet.
 *
 * @param subject what the setting becomes, as the motion names it: days, the id of a vendor
 */
export async function passedMotion(
  db: Reader,
  matter: BoundMatter,
  subject: string,
): Promise<string | undefined> {
  return (await selectPublished(db, LOOKED_THROUGH)).find(
    (motion) =>
      motion.matter === matter &&
      motion.subject === subject &&
      motion.result?.passed === true &&
      motion.usedFor === undefined,
  )?.id;
}

/**
 * Uses a passed motion up for a setting. A community without an owners' roll cannot vote yet and is set up without.
 *
 * @param usedFor what came into force by it
 * @returns the motion's id, for the setting's record; `undefined` where the community cannot vote. Throws `motion-needed` where
 *   the owners did not pass it.
 */
export async function demandMotion(
  trx: Trx,
  matter: BoundMatter,
  subject: string,
  usedFor: string,
): Promise<string | undefined> {
  if (!(await hasRoll(trx))) return undefined;
  const id = await passedMotion(trx, matter, subject);
  if (id === undefined) {
    throw refusal(
      "motion-needed",
      `the owners decide this: it needs a passed motion of \`${matter}\` about \`${subject}\` (Civil Code, article 278)`,
    );
  }
  await updateUsed(trx, id, usedFor);
  return id;
}
