import { Duration, Instant } from "@menshen/domain";
import { checkPolicy } from "@menshen/policy";
import { CompiledQuery, sql } from "kysely";
import type { PolicyWatch } from "../../change-record/change-scope.ts";
import { refusal } from "../../errors.ts";
import type { GateLink } from "../../gate-link/index.ts";
import { describeViolations } from "../directory/index.ts";
import { faultsOfDoorRules, newFaults, refusalOfFaults } from "../door-rules/index.ts";
import type { ModelCache } from "./model-cache.ts";

/** Ways in are counted this far ahead: a schedule's whole year and a little more. */
export const CHECK_AHEAD = Duration.days(400);

/** Held from before a guarded change to its commit, so that two of them cannot break the rule together. */
const GUARD_LOCK = 0x6d_65_6e_02;

/** Checks changes before they are committed and tells gates after they are. */
export function makePolicyWatch(dependencies: {
  readonly cache: ModelCache;
  /** Undefined until the community is made at the first start: no gate exists before it. */
  readonly gateLink: () => Pick<GateLink, "markStale"> | undefined;
  /** Brings the gates that are marked up to date, in the background. */
  readonly push: () => void;
}): PolicyWatch {
  const { cache, gateLink, push } = dependencies;
  return {
    async guard(trx, at, showNames) {
      await sql`select pg_advisory_xact_lock(${GUARD_LOCK})`.execute(trx);
      const before = await cache.before(trx);
      const faultsBefore = await faultsOfDoorRules(trx, before.model, at);
      return async () => {
        const after = await cache.within(trx, before);
        const verdict = checkPolicy(after.model, {
          at,
          until: Instant(at + CHECK_AHEAD),
          previous: before.model,
        });
        if (verdict.accepted) {
          const faults = newFaults(await faultsOfDoorRules(trx, after.model, at), faultsBefore);
          if (faults.length > 0) throw await refusalOfFaults(trx, faults, showNames);
          return;
        }
        const facts = await describeViolations(trx, verdict.violations, showNames);
        throw refusal(
          "way-in-lost",
          "residents would have fewer than two kinds of way in, or none without face and phone",
          facts,
        );
      };
    },

    async changed(trx) {
      const link = gateLink();
      if (link === undefined) return () => {};
      await link.markStale((text, values) => trx.executeQuery(CompiledQuery.raw(text, [...values])));
      // The gates are marked in the database: what fails now is done at the next change or connection.
      return push;
    },
  };
}
