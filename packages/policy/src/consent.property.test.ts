import { Instant, TimeInterval } from "@menshen/domain";
import {
  ARBITRARY_ACCESS_POINTS,
  ARBITRARY_AT,
  ARBITRARY_GATE,
  ARBITRARY_UNTIL,
  arbitraryCommunity,
  arbitraryInstant,
} from "@menshen/testkit/arbitrary-community";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CommunityModel, compileSnapshot, decide, loadSnapshot, waysOfPersons } from "./index.ts";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 80);
const normal = { mode: "normal", lockdown: 0, fireRelease: false } as const;

function compiled(model: CommunityModel) {
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
  return result.snapshot;
}

test("C4 (PIPL 16; FR 10, 12): without a face, the same doors open at the same hours by everything else", () => {
  fc.assert(
    fc.property(
      arbitraryCommunity,
      fc.array(arbitraryInstant, { minLength: 1, maxLength: 4 }),
      (model, times) => {
        const [someone] = model.credentials.filter(({ kind }) => kind === "face");
        const personId = someone?.personId ?? model.credentials[0]?.personId;
        // Refused or withdrawn: nobody's face is stored, and nothing else of the model knows of it.
        const others = model.credentials.filter((one) => one.kind !== "face" || one.personId !== personId);
        const [given, withdrawn] = [compiled(model), compiled({ ...model, credentials: others })];
        for (const { key, kind, grade } of others.filter((one) => one.personId === personId)) {
          const presentation = { credentialKey: key, kind, grade, evidence: {} };
          for (const point of ARBITRARY_ACCESS_POINTS) {
            for (const at of times) {
              const now = TimeInterval(at, at);
              expect(decide(withdrawn, presentation, point, normal, now)).toEqual(
                decide(given, presentation, point, normal, now),
              );
            }
          }
        }
      },
    ),
    { numRuns },
  );
});

test("C5 (SPC 6): ways without a face stay when the face goes", () => {
  fc.assert(
    fc.property(arbitraryCommunity, (model) => {
      const until = Instant(ARBITRARY_AT + 7 * 86_400_000);
      const before = waysOfPersons(model, ARBITRARY_AT, until);
      const faceless = model.credentials.filter(({ kind }) => kind !== "face");
      const after = waysOfPersons(
        { ...model, credentials: faceless, offers: model.offers.filter(({ kind }) => kind !== "face") },
        ARBITRARY_AT,
        until,
      );
      for (const { personId } of model.residencies) {
        const rest = before(personId).flatMap(({ accessPointId, ways }) => {
          const others = ways.filter((way) => way !== "face");
          return others.length === 0 ? [] : [{ accessPointId, ways: others }];
        });
        const found = after(personId).flatMap(({ accessPointId, ways }) => {
          const others = ways.filter((way) => way !== "face");
          return others.length === 0 ? [] : [{ accessPointId, ways: others }];
        });
        expect(found).toEqual(rest);
      }
    }),
    { numRuns },
  );
});
