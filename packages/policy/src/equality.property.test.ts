import { CREDENTIAL_KINDS, CredentialKey, type Instant, RESIDENT_ROLES, TimeInterval } from "@menshen/domain";
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
import { type CommunityModel, compileSnapshot, decide, loadSnapshot } from "./index.ts";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 15);
const OPEN_STATE = { mode: "normal", lockdown: 0, fireRelease: false } as const;
const scene = fc.record({
  model: arbitraryCommunity,
  times: fc.array(arbitraryInstant, { minLength: 3, maxLength: 3 }),
});

/** What every credential is answered at every door and each of these times, in one order. */
function answers(model: CommunityModel, times: readonly Instant[]) {
  const verdict = { accepted: true, violations: [], alarms: [], model, waivers: [] };
  const options = { gateId: ARBITRARY_GATE, version: 1, at: ARBITRARY_AT, until: ARBITRARY_UNTIL, verdict };
  const loaded = loadSnapshot(compileSnapshot(model, options).document);
  if (!loaded.ok) throw new Error(loaded.error.code);
  return model.credentials.map(({ key, kind, grade }) =>
    ARBITRARY_ACCESS_POINTS.flatMap((accessPointId) =>
      times.map((time) =>
        decide(
          loaded.snapshot,
          { credentialKey: key, kind, grade, evidence: {} },
          accessPointId,
          OPEN_STATE,
          TimeInterval(time, time),
        ),
      ),
    ),
  );
}

test("E3 (Hangzhou 50; SPC 10): every door answers owner, tenant, family and live-in helper alike, whatever they show", () => {
  fc.assert(
    fc.property(scene, ({ model, times }) => {
      for (const kind of CREDENTIAL_KINDS) {
        const credentials = model.credentials.map((credential) => ({ ...credential, kind }));
        const [asOwners, ...asOthers] = RESIDENT_ROLES.map((role) =>
          answers(
            {
              ...model,
              credentials,
              residencies: model.residencies.map((residency) =>
                residency.role === "staff" ? residency : { ...residency, role },
              ),
            },
            times,
          ),
        );
        for (const each of asOthers) expect(each).toEqual(asOwners);
      }
    }),
    { numRuns },
  );
});

test("C4 (PIPL 16; FR 10, 12): without a face, all else opens the same doors at the same hours", () => {
  fc.assert(
    fc.property(scene, ({ model, times }) => {
      const others = model.credentials.filter(({ kind }) => kind !== "face");
      const faces = others.map((credential, index) => ({
        ...credential,
        key: CredentialKey(new Uint8Array(16).fill(0xf0 + index)),
        kind: "face" as const,
      }));
      const refused = answers({ ...model, credentials: others }, times);
      const enrolled = answers({ ...model, credentials: [...others, ...faces] }, times);
      expect(refused).toEqual(enrolled.slice(0, others.length));
    }),
    { numRuns },
  );
});
