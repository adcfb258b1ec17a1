import type { Trx } from "./database.ts";

/** Parts of the policy model, each with a counter; see `model_part` in the migrations. */
export const MODEL_PARTS = ["site", "persons", "rules", "modes", "credentials"] as const;
export type ModelPart = (typeof MODEL_PARTS)[number];

/**
 * Notes that a part of the model changes in this transaction.
 *
 * The counter's row stays locked until the end of the transaction, so versions become visible in their order: whoever
 * has read version n misses nothing up to n.
 *
 * @returns the part's new version
 */
export async function touchModelPart(trx: Trx, part: ModelPart): Promise<number> {
  const row = await trx
    .updateTable("model_part")
    .set((eb) => ({ version: eb("version", "+", 1) }))
    .where("part", "=", part)
    .returning("version")
    .executeTakeFirstOrThrow();
  return row.version;
}
