import {
  AccessPointId,
  CREDENTIAL_KINDS,
  type DoorState,
  GRADES,
  type Presentation,
  RESIDENT_ROLES,
  TimeInterval,
} from "@menshen/domain";
import {
  ARBITRARY_ACCESS_POINTS,
  ARBITRARY_AT,
  ARBITRARY_GATE,
  ARBITRARY_UNTIL,
  arbitraryCommunity,
  arbitraryInstant,
  arbitraryRule,
} from "@menshen/testkit/arbitrary-community";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyDelta,
  type CommunityModel,
  type CredentialRecord,
  compileSnapshot,
  decide,
  decideFromModel,
  diffSnapshots,
  type GradeWaiver,
  loadSnapshot,
  type Snapshot,
  type SnapshotDocument,
  snapshotLife,
} from "./index.ts";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 150);
const LIFE = snapshotLife(ARBITRARY_AT, ARBITRARY_UNTIL);
const UNKNOWN_ACCESS_POINT = AccessPointId("00000000-0000-4000-8000-000000000000");

/** The rule of paths has tests of its own; here every model is compiled as it is. */
function compiled(
  model: CommunityModel,
  version = 1,
  waivers: readonly GradeWaiver[] = [],
): SnapshotDocument {
  const verdict = { accepted: true, violations: [], alarms: [], model, waivers };
  const options = { gateId: ARBITRARY_GATE, version, at: ARBITRARY_AT, until: ARBITRARY_UNTIL, verdict };
  return compileSnapshot(model, options).document;
}

function loaded(document: unknown): Snapshot {
  const result = loadSnapshot(document);
  if (!result.ok) throw new Error(`${result.error.code} at ${result.error.where}`);
  return result.snapshot;
}

const doorState: fc.Arbitrary<DoorState> = fc.record({
  mode: fc.constantFrom(
    "normal" as const,
    "normal" as const,
    "normal" as const,
    "locked" as const,
    "held-open" as const,
  ),
  lockdown: fc.constantFrom(0 as const, 0 as const, 0 as const, 1 as const, 2 as const, 3 as const),
  fireRelease: fc.integer({ min: 0, max: 15 }).map((chance) => chance === 0),
});

const now: fc.Arbitrary<TimeInterval> = fc
  .tuple(arbitraryInstant, fc.constantFrom(0, 0, 0, 1, 20_000, 3_600_000, 90_000_000))
  .map(([earliest, spreadMs]) => TimeInterval(earliest, (earliest + spreadMs) as typeof earliest));

interface Tap {
  readonly pick: number;
  readonly changes: Partial<Pick<Presentation, "kind" | "grade">>;
  readonly downgraded: boolean;
  readonly accessPointId: AccessPointId;
  readonly doorState: DoorState;
  readonly now: TimeInterval;
  readonly withAnother: number | undefined;
}

const tap: fc.Arbitrary<Tap> = fc.record({
  pick: fc.nat(),
  changes: fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom(...CREDENTIAL_KINDS) }) },
    { weight: 1, arbitrary: fc.record({ grade: fc.constantFrom(...GRADES) }) },
  ),
  downgraded: fc.integer({ min: 0, max: 15 }).map((chance) => chance === 0),
  accessPointId: fc.constantFrom(
    ...ARBITRARY_ACCESS_POINTS,
    ...ARBITRARY_ACCESS_POINTS,
    UNKNOWN_ACCESS_POINT,
  ),
  doorState,
  now,
  withAnother: fc.option(fc.nat(), { nil: undefined }),
});

const STRANGER = new Uint8Array(16).fill(0xee);

function presentationOf(
  { pick, changes, downgraded }: Tap,
  credentials: readonly CredentialRecord[],
): Presentation {
  const credential = credentials[pick % (credentials.length + 1)];
  return {
    credentialKey: credential?.key ?? (STRANGER as Presentation["credentialKey"]),
    kind: credential?.kind ?? "desfire",
    grade: credential?.grade ?? "A",
    evidence: downgraded ? { downgraded: true } : {},
    ...changes,
  };
}

const waivers = (model: CommunityModel): fc.Arbitrary<readonly GradeWaiver[]> =>
  fc.array(
    fc.record({
      personIds: fc.subarray(model.credentials.map(({ personId }) => personId)),
      accessPointIds: fc.subarray([...ARBITRARY_ACCESS_POINTS]),
      kinds: fc.constant([]),
    }),
    { maxLength: 2 },
  );

test("the fast path and the reading of the rules give the same answer, reason by reason", () => {
  const scene = arbitraryCommunity.chain((model) =>
    fc.record({
      model: fc.constant(model),
      waivers: waivers(model),
      taps: fc.array(tap, { minLength: 25, maxLength: 25 }),
    }),
  );
  fc.assert(
    fc.property(scene, ({ model, waivers, taps }) => {
      const snapshot = loaded(compiled(model, 1, waivers));
      for (const each of taps) {
        const presentation = presentationOf(each, model.credentials);
        const companion =
          each.withAnother === undefined
            ? undefined
            : presentationOf({ ...each, pick: each.withAnother, changes: {} }, model.credentials);
        const ours = decide(snapshot, presentation, each.accessPointId, each.doorState, each.now, companion);
        const theirs = decideFromModel(
          model,
          { ...LIFE, waivers },
          presentation,
          each.accessPointId,
          each.doorState,
          each.now,
          companion,
        );
        expect(ours).toEqual(theirs);
        expect(ours.reasons.length).toBeGreaterThan(0);
      }
    }),
    { numRuns },
  );
});

test("owner, tenant, family and helper are the same to every door", () => {
  const scene = fc.record({
    model: arbitraryCommunity,
    roles: fc.array(fc.constantFrom(...RESIDENT_ROLES), { minLength: 10, maxLength: 10 }),
    taps: fc.array(tap, { minLength: 20, maxLength: 20 }),
  });
  fc.assert(
    fc.property(scene, ({ model, roles, taps }) => {
      const changed = {
        ...model,
        residencies: model.residencies.map((residency, index) =>
          residency.role === "staff" ? residency : { ...residency, role: roles[index] ?? residency.role },
        ),
      };
      const [before, after] = [loaded(compiled(model)), loaded(compiled(changed))];
      for (const each of taps) {
        const presentation = presentationOf(each, model.credentials);
        expect(decide(after, presentation, each.accessPointId, each.doorState, each.now)).toEqual(
          decide(before, presentation, each.accessPointId, each.doorState, each.now),
        );
      }
    }),
    { numRuns },
  );
});

test("two people of one home get the same answer at every door that residents share", () => {
  const scene = fc.record({
    model: arbitraryCommunity,
    taps: fc.array(tap, { minLength: 20, maxLength: 20 }),
  });
  const office = ARBITRARY_ACCESS_POINTS.at(-1);
  fc.assert(
    fc.property(scene, ({ model, taps }) => {
      const [home] = model.dwellings;
      const [mine, theirs] = [
        model.credentials[0],
        model.credentials.find(({ personId }) => personId !== model.credentials[0]?.personId),
      ];
      if (home === undefined || mine === undefined || theirs === undefined) return;
      const couple = [mine.personId, theirs.personId];
      const together: CommunityModel = {
        ...model,
        residencies: [
          ...model.residencies.filter(({ personId }) => !couple.includes(personId)),
          ...couple.map((personId, index) => ({
            // Two ids that the generator does not use.
            id: `00000000-0000-4000-8000-00000000000${index + 1}` as CommunityModel["residencies"][number]["id"],
            personId,
            role: index === 0 ? ("owner" as const) : ("tenant" as const),
            dwellingId: home.id,
            validity: {},
          })),
        ],
        credentials: model.credentials.map((credential) =>
          credential.key === theirs.key
            ? { ...mine, key: theirs.key, personId: theirs.personId }
            : credential,
        ),
      };
      const snapshot = loaded(compiled(together));
      for (const each of taps) {
        if (each.accessPointId === office) continue;
        const presentation = { ...presentationOf({ ...each, pick: 0 }, [mine]), credentialKey: mine.key };
        const theirPresentation = { ...presentation, credentialKey: theirs.key };
        expect(decide(snapshot, theirPresentation, each.accessPointId, each.doorState, each.now)).toEqual(
          decide(snapshot, presentation, each.accessPointId, each.doorState, each.now),
        );
      }
    }),
    { numRuns },
  );
});

test("adding a rule changes nothing for a person whom it does not select", () => {
  const scene = fc.record({
    model: arbitraryCommunity,
    rule: arbitraryRule(100),
    taps: fc.array(tap, { minLength: 20, maxLength: 20 }),
  });
  fc.assert(
    fc.property(scene, ({ model, rule, taps }) => {
      // By name, and none of the household: everybody else is untouched whatever else the rule says.
      const [chosen] = model.credentials;
      if (chosen === undefined) return;
      const homes = model.residencies.flatMap(({ personId, dwellingId }) =>
        personId === chosen.personId && dwellingId !== undefined ? [dwellingId] : [],
      );
      const household = new Set(
        model.residencies.flatMap(({ personId, dwellingId }) =>
          dwellingId !== undefined && homes.includes(dwellingId) ? [personId] : [],
        ),
      );
      const named = { ...rule, who: { ...rule.who, personIds: [chosen.personId] } };
      const before = loaded(compiled(model));
      const after = loaded(compiled({ ...model, rules: [...model.rules, named] }));
      for (const each of taps) {
        const credential = model.credentials[each.pick % (model.credentials.length + 1)];
        if (
          credential !== undefined &&
          (credential.personId === chosen.personId || household.has(credential.personId))
        ) {
          continue;
        }
        const presentation = presentationOf(each, model.credentials);
        expect(decide(after, presentation, each.accessPointId, each.doorState, each.now)).toEqual(
          decide(before, presentation, each.accessPointId, each.doorState, each.now),
        );
      }
    }),
    { numRuns },
  );
});

test("adding a rule closes no door to anybody", () => {
  const scene = fc.record({
    model: arbitraryCommunity,
    rule: arbitraryRule(100),
    taps: fc.array(tap, { minLength: 20, maxLength: 20 }),
  });
  fc.assert(
    fc.property(scene, ({ model, rule, taps }) => {
      const before = loaded(compiled(model));
      const after = loaded(compiled({ ...model, rules: [...model.rules, rule] }));
      for (const each of taps) {
        const presentation = presentationOf(each, model.credentials);
        if (!decide(before, presentation, each.accessPointId, each.doorState, each.now).granted) continue;
        expect(decide(after, presentation, each.accessPointId, each.doorState, each.now).granted).toBe(true);
      }
    }),
    { numRuns },
  );
});

test("a revoked credential never opens, by the next snapshot and by the delta to it", () => {
  const scene = fc.record({
    model: arbitraryCommunity,
    status: fc.constantFrom("blocked" as const, "lost" as const, "gone" as const),
    taps: fc.array(tap, { minLength: 20, maxLength: 20 }),
  });
  fc.assert(
    fc.property(scene, ({ model, status, taps }) => {
      const [revoked] = model.credentials;
      if (revoked === undefined) return;
      const credentials =
        status === "gone"
          ? model.credentials.slice(1)
          : model.credentials.map((each) => (each === revoked ? { ...each, status } : each));
      const base = compiled(model);
      const next = compiled({ ...model, credentials }, 2);
      const applied = applyDelta(base, diffSnapshots(base, next));
      if (!applied.ok) throw new Error(`${applied.error.code} at ${applied.error.where}`);
      for (const snapshot of [loaded(next), loaded(applied.document)]) {
        for (const each of taps) {
          const presentation = presentationOf({ ...each, pick: 0 }, [revoked]);
          const { granted, reasons } = decide(
            snapshot,
            presentation,
            each.accessPointId,
            each.doorState,
            each.now,
          );
          // A door that stands open to everybody asks for no credential.
          if (granted) expect(reasons[0]?.code).toBe("portal-unlocked");
        }
      }
    }),
    { numRuns },
  );
});

test("a delta gives the next document bit for bit", () => {
  const scene = fc.record({ first: arbitraryCommunity, second: arbitraryCommunity });
  fc.assert(
    fc.property(scene, ({ first, second }) => {
      const mixed = {
        ...first,
        credentials: [...first.credentials.slice(0, 4), ...second.credentials.slice(4)],
      };
      for (const later of [first, second, mixed]) {
        const [base, next] = [compiled(first), compiled(later, 7)];
        expect(applyDelta(base, diffSnapshots(base, next))).toStrictEqual({ ok: true, document: next });
      }
    }),
    { numRuns },
  );
});

test("the order of a model's lists does not show in the document", () => {
  fc.assert(
    fc.property(arbitraryCommunity, (model) => {
      const reversed: CommunityModel = {
        ...model,
        areas: model.areas.toReversed(),
        buildings: model.buildings.toReversed(),
        dwellings: model.dwellings.toReversed(),
        portals: model.portals.toReversed(),
        accessPoints: model.accessPoints.toReversed(),
        residencies: model.residencies.toReversed(),
        credentials: model.credentials.toReversed(),
        schedules: model.schedules.toReversed(),
        holidays: model.holidays.toReversed(),
        rules: model.rules.toReversed(),
        gradeCaps: model.gradeCaps.toReversed(),
      };
      expect(compiled(reversed)).toStrictEqual(compiled(model));
    }),
    { numRuns },
  );
});
