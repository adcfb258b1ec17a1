import { AccessPointId } from "@menshen/domain";
import {
  ARBITRARY_AT,
  ARBITRARY_GATE,
  ARBITRARY_UNTIL,
  arbitraryCommunity,
} from "@menshen/testkit/arbitrary-community";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compileSnapshot, decide, grantedCredentials, grantedPlaces, loadSnapshot } from "./index.ts";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 80);
const hex = (key: Uint8Array) => Buffer.from(key).toString("hex");

test("what a snapshot grants a credential lies within the places of its holder, and nothing opens elsewhere", () => {
  fc.assert(
    fc.property(arbitraryCommunity, (model) => {
      const verdict = { accepted: true, violations: [], alarms: [], model, waivers: [] };
      const options = {
        gateId: ARBITRARY_GATE,
        version: 1,
        at: ARBITRARY_AT,
        until: ARBITRARY_UNTIL,
        verdict,
      };
      const result = loadSnapshot(compileSnapshot(model, options).document);
      if (!result.ok) throw new Error(result.error.where);
      const { snapshot } = result;
      const placesOf = grantedPlaces(model);
      const granted = new Map(
        [...grantedCredentials(snapshot)].map(({ key, accessPointIds }) => [hex(key), accessPointIds]),
      );
      for (const { key, kind, grade, personId, status } of model.credentials) {
        const here = granted.get(hex(key));
        if (status !== "active") expect(here).toBeUndefined();
        expect([...(here ?? [])].filter((id) => !placesOf(personId).has(AccessPointId(id)))).toEqual([]);
        for (const { id } of snapshot.accessPoints) {
          const now = { earliest: ARBITRARY_AT, latest: ARBITRARY_AT };
          const presentation = { credentialKey: key, kind, grade, evidence: {} };
          const decision = decide(
            snapshot,
            presentation,
            id,
            { mode: "normal", lockdown: 0, fireRelease: false },
            now,
          );
          const byRule = decision.reasons.some(({ code }) => code === "rule-allows");
          if (decision.granted && byRule) expect(here).toContain(id);
        }
      }
    }),
    { numRuns },
  );
});
