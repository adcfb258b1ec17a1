import type { PassSettings } from "@menshen/wire";
import type { Reader, Trx } from "../../database/database.ts";

export async function selectPassSettings(db: Reader): Promise<PassSettings> {
  const row = await db.selectFrom("pass_setting").selectAll().executeTakeFirstOrThrow();
  return {
    visitsOn: row.visits_on,
    longestVisitS: row.longest_visit_s,
    tokensPerDay: row.tokens_per_day,
    tokenKeyQuota: row.token_key_quota,
    revision: row.revision,
  };
}

/** As {@link selectPassSettings}; two changes follow each other. */
export async function lockPassSettings(trx: Trx): Promise<PassSettings> {
  await trx.selectFrom("pass_setting").select("revision").forUpdate().execute();
  return selectPassSettings(trx);
}

export async function updatePassSettings(trx: Trx, settings: Omit<PassSettings, "revision">): Promise<void> {
  await trx
    .updateTable("pass_setting")
    .set((eb) => ({
      visits_on: settings.visitsOn,
      longest_visit_s: settings.longestVisitS,
      tokens_per_day: settings.tokensPerDay,
      token_key_quota: settings.tokenKeyQuota,
      revision: eb("revision", "+", 1),
    }))
    .execute();
}
