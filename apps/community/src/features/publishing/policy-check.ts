import { Instant } from "@menshen/domain";
import { type CommunityModel, checkPolicy, type GradeWaiver } from "@menshen/policy";
import type { WayInViolation } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { Database } from "../../database/database.ts";
import { describeViolations } from "../directory/index.ts";
import { makeCurrentVerdict } from "./current-verdict.ts";
import type { ModelCache } from "./model-cache.ts";
import { CHECK_AHEAD } from "./policy-watch.ts";

/** What a change of rules would do to residents. */
export interface Judgement {
  readonly allowed: boolean;
  readonly violations: WayInViolation[];
  readonly violationCount: number;
}

/** The model in force, and whom a fall of grade spares under it. */
export interface ModelInForce {
  readonly model: CommunityModel;
  readonly waivers: readonly GradeWaiver[];
}

/** Answers "what if", without changing anything. */
export interface PolicyCheck {
  readonly current: () => Promise<CommunityModel>;
  readonly inForce: () => Promise<ModelInForce>;
  /** @param showNames whether the asker may read names of residents */
  readonly judge: (next: CommunityModel, previous: CommunityModel, showNames: boolean) => Promise<Judgement>;
}

export function makePolicyCheck(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly cache: ModelCache;
}): PolicyCheck {
  const { db, clock, cache } = dependencies;
  const verdict = makeCurrentVerdict(clock);
  return {
    current: async () => (await cache.current()).model,
    async inForce() {
      const { model } = await cache.current();
      // Only a cap can be waived, and the check takes its time for a large community.
      const waivers = model.gradeCaps.length === 0 ? [] : verdict.of(model).waivers;
      return { model, waivers };
    },
    async judge(next, previous, showNames) {
      const at = clock.now();
      const verdict = checkPolicy(next, { at, until: Instant(at + CHECK_AHEAD), previous });
      return { allowed: verdict.accepted, ...(await describeViolations(db, verdict.violations, showNames)) };
    },
  };
}
