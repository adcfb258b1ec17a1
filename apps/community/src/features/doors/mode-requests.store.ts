import { moment, type Trx } from "../../database/database.ts";
import type { DesiredMode } from "./modes.store.ts";

/** So long the end of a lockdown waits for a second person. */
const REQUEST_MS = 600_000;

/** Whether a change takes a lockdown that somebody set by hand back, or ends it sooner. */
export function endsLockdown(
  { own }: Pick<DesiredMode, "own">,
  after: { readonly lockdown: number; readonly until: number | undefined },
  now: number,
): boolean {
  if (own.lockdown === 0 || (own.until !== undefined && own.until <= now)) return false;
  if (after.lockdown !== own.lockdown) return after.lockdown < own.lockdown;
  return after.until !== undefined && (own.until === undefined || after.until < own.until);
}

/**
 * Two persons end a lockdown: true for the second one, within ten minutes, whose call does it; otherwise this person's
 * wish is noted.
 *
 * @param subject what they would do, the same for both
 */
export async function takeSecondWord(
  trx: Trx,
  subject: string,
  staffId: string,
  at: number,
): Promise<boolean> {
  await trx
    .deleteFrom("mode_request")
    .where("requested_at", "<=", moment(at - REQUEST_MS))
    .execute();
  const { numDeletedRows } = await trx
    .deleteFrom("mode_request")
    .where("subject", "=", subject)
    .where("requested_by", "!=", staffId)
    .executeTakeFirst();
  if (numDeletedRows > 0n) return true;
  await trx
    .insertInto("mode_request")
    .values({ subject, requested_by: staffId, requested_at: moment(at) })
    .onConflict((conflict) => conflict.column("subject").doNothing())
    .execute();
  return false;
}
