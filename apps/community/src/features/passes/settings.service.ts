import type { PassSettings, PassSettingsChange } from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Database } from "../../database/database.ts";
import { demandFresh } from "../../database/records.ts";
import { lockPassSettings, selectPassSettings, updatePassSettings } from "./settings.store.ts";

/** What each setting is called in the evidence log. */
const SETTINGS = {
  visitsOn: "visitor-passes-of-residents",
  longestVisitS: "longest-visitor-pass-s",
  tokensPerDay: "tokens-per-day",
  tokenKeyQuota: "tokens-per-key",
} as const satisfies Record<keyof Omit<PassSettings, "revision">, string>;
const NAMES = ["visitsOn", "longestVisitS", "tokensPerDay", "tokenKeyQuota"] as const;

/** What residents may give visitors: the same for all of them. */
export function makePassSettingsService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  /** Gates and issuing keys follow the settings. */
  readonly changed: () => void;
}) {
  const { db, change, changed } = dependencies;
  return {
    async read(actor: Actor): Promise<PassSettings> {
      authorise(actor, "rules.read");
      return selectPassSettings(db);
    },

    /** Throws `stale-revision`. Each value that changes stands in the evidence log. */
    async change(author: StaffAuthor, input: PassSettingsChange): Promise<PassSettings> {
      authorise(author.actor, "rules.write");
      const settings = await change(author, async ({ trx, record, leaf }) => {
        const before = await lockPassSettings(trx);
        demandFresh(before, input.revision);
        await updatePassSettings(trx, input);
        for (const name of NAMES) {
          if (before[name] === input[name]) continue;
          await leaf({
            topic: "settings-changed",
            subject: { kind: "community" },
            statement: { setting: SETTINGS[name], before: before[name], after: input[name] },
            public: true,
          });
        }
        const { revision: _before, ...earlier } = before;
        const { revision: _after, ...later } = input;
        await record({
          action: "pass-setting.changed",
          entity: "pass-setting",
          entityId: "passes",
          before: earlier,
          after: later,
        });
        return selectPassSettings(trx);
      });
      changed();
      return settings;
    },
  };
}
