import type { CommunityModel, DoorRuleFault } from "@menshen/policy";
import type { Clock } from "../../clock.ts";
import type { Reader } from "../../database/database.ts";
import { faultsOfDoorRules, selectAreaRules, selectPortalRules } from "../door-rules/index.ts";
import { VERDICT_FRESH } from "./current-verdict.ts";

/**
 * Where the door rules in force do not fit the model in force. Changes of doors, areas and rules are refused before that;
 * but somebody moves in where there is one way, and a card that is revoked waits for no rule.
 */
export interface CurrentDoorFaults {
  readonly review: (model: CommunityModel) => Promise<void>;
  readonly last: () => readonly DoorRuleFault[];
}

export function makeCurrentDoorFaults(db: Reader, clock: Clock): CurrentDoorFaults {
  let checked:
    | {
        readonly model: CommunityModel;
        readonly rules: string;
        readonly at: number;
        readonly faults: readonly DoorRuleFault[];
      }
    | undefined;
  return {
    async review(model) {
      const at = clock.now();
      const rules = JSON.stringify([await selectAreaRules(db), await selectPortalRules(db)]);
      const isSame = checked?.model === model && checked.rules === rules && at - checked.at < VERDICT_FRESH;
      if (!isSame) checked = { model, rules, at, faults: await faultsOfDoorRules(db, model, at) };
    },
    last: () => checked?.faults ?? [],
  };
}
