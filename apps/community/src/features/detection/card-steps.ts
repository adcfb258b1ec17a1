import type { Reader } from "../../database/database.ts";
import { selectInForce } from "./cases.store.ts";

/** What a gate is to do when a card comes, by the card's name of an epoch. */
export interface CardStep {
  readonly pseudonymKeyId: Uint8Array;
  readonly pseudonym: Uint8Array;
  readonly epoch: number;
  readonly step: "watch" | "desk-notice" | "second-factor" | "block";
}

/** The gravest first: one card, one step. */
const BY_GRAVITY = ["block", "second-factor", "desk-notice", "watch"] as const;

/** Steps in force that gates carry out, in an order that does not change by itself. */
export async function readCardSteps(db: Reader): Promise<readonly CardStep[]> {
  const gravest = new Map<string, CardStep>();
  const rows = await selectInForce(db);
  for (const step of BY_GRAVITY) {
    for (const { credential, epoch, measure } of rows) {
      if (credential === null || measure !== step) continue;
      const name = Buffer.from(credential).toString("hex");
      if (gravest.has(name)) continue;
      gravest.set(name, {
        pseudonymKeyId: new Uint8Array(credential.subarray(0, 8)),
        pseudonym: new Uint8Array(credential.subarray(8)),
        epoch,
        step,
      });
    }
  }
  return [...gravest].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, step]) => step);
}
