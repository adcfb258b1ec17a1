import {
  type AreaId,
  CREDENTIAL_KINDS,
  CredentialKey,
  type DoorState,
  GRADES,
  Instant,
  type PersonId,
  type PortalMode,
  RESIDENT_ROLES,
  type WayIn,
  wayInOf,
} from "@menshen/domain";
import {
  ARBITRARY_AT,
  ARBITRARY_UNTIL,
  arbitraryCommunity,
  arbitraryInstant,
} from "@menshen/testkit/arbitrary-community";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CommunityModel, decideFromModel, type GradeWaiver } from "./index.ts";
import { reportPaths } from "./path-report.ts";

const numRuns = Number(process.env.PROPERTY_RUNS ?? 40);
const WAYS: readonly WayIn[] = ["card", "pin", "phone", "pass", "face"];

/** Communities with offers and modes, and rules that are not all absurd. */
const community: fc.Arbitrary<CommunityModel> = fc
  .record({
    model: arbitraryCommunity,
    offers: fc.uniqueArray(
      fc.record({ kind: fc.constantFrom(...CREDENTIAL_KINDS), grade: fc.constantFrom(...GRADES) }),
      {
        selector: ({ kind }) => kind,
        maxLength: 4,
      },
    ),
    modes: fc.array(
      fc.record({
        portal: fc.nat({ max: 5 }),
        mode: fc.constantFrom("normal" as const, "locked" as const, "held-open" as const),
        lockdown: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
        until: fc.option(arbitraryInstant, { nil: undefined }),
      }),
      { maxLength: 2 },
    ),
    generous: fc.boolean(),
  })
  .map(({ model, offers, modes, generous }) => ({
    ...model,
    offers,
    rules: generous
      ? model.rules.map(({ scheduleId, ...rule }, index) => ({
          ...rule,
          ...(index % 3 === 0 && scheduleId !== undefined ? { scheduleId } : {}),
          who: { roles: ["owner" as const] },
          where: { areaIds: model.areas.map(({ id }) => id) },
          minimumGrade: "E" as const,
        }))
      : model.rules,
    modes: modes.flatMap(({ portal, mode, lockdown, until }, index) => {
      const portalId = model.portals[portal]?.id;
      const isFirst = modes.findIndex((each) => each.portal === portal) === index;
      return portalId === undefined || !isFirst
        ? []
        : [{ portalId, mode, lockdown, generation: 1, ...(until === undefined ? {} : { until }) }];
    }),
  }));

/** A key for a credential that somebody could have, and that nobody has. */
function offeredKey(personId: PersonId, index: number): CredentialKey {
  const bytes = new Uint8Array(16).fill(index + 1);
  bytes.set(Buffer.from(personId.replaceAll("-", ""), "hex").subarray(0, 15), 1);
  return CredentialKey(bytes);
}

/** Everybody with everything that is offered. */
function withOffersFetched(model: CommunityModel): CommunityModel {
  const people = [...new Set(model.residencies.map(({ personId }) => personId))];
  return {
    ...model,
    credentials: [
      ...model.credentials,
      ...people.flatMap((personId) =>
        model.offers.map(({ kind, grade }, index) => ({
          key: offeredKey(personId, index),
          kind,
          grade,
          personId,
          status: "active" as const,
          validity: {},
        })),
      ),
    ],
  };
}

function doorStateOf(modes: readonly PortalMode[], portalId: PortalMode["portalId"], at: number): DoorState {
  const mode = modes.find(
    (each) => each.portalId === portalId && (each.until === undefined || at < each.until),
  );
  return { mode: mode?.mode ?? "normal", lockdown: mode?.lockdown ?? 0, fireRelease: false };
}

/** What is missing for a person at an instant, found by trying every credential at every door and walking. */
function missingByTrying(
  model: CommunityModel,
  waivers: readonly GradeWaiver[],
  personId: PersonId,
  entrance: AreaId,
  at: Instant,
): string[] {
  const fetched = withOffersFetched(model);
  const context = { from: ARBITRARY_AT, until: ARBITRARY_UNTIL, waivers };
  const opensBy = (accessPoint: CommunityModel["accessPoints"][number]): WayIn[] => {
    const tryOut = (
      key: CredentialKey,
      kind: (typeof CREDENTIAL_KINDS)[number],
      grade: (typeof GRADES)[number],
      companion?: CommunityModel["credentials"][number],
    ) =>
      decideFromModel(
        fetched,
        context,
        { credentialKey: key, kind, grade, evidence: {} },
        accessPoint.id,
        doorStateOf(model.modes, accessPoint.portalId, at),
        { earliest: at, latest: at },
        companion && {
          credentialKey: companion.key,
          kind: companion.kind,
          grade: companion.grade,
          evidence: {},
        },
      ).granted;
    if (tryOut(CredentialKey(new Uint8Array(16)), "desfire", "A")) return [...WAYS];
    const theirs = fetched.credentials.filter(
      (each) => each.personId === personId && each.status === "active",
    );
    const pins = theirs.filter(({ kind }) => kind === "pin");
    return WAYS.filter((way) =>
      theirs.some(
        (each) =>
          wayInOf(each.kind) === way &&
          (tryOut(each.key, each.kind, each.grade) ||
            // With a PIN they are still the way that comes with it; a PIN that opens alone is its own.
            (each.kind !== "pin" &&
              pins.some(
                (pin) =>
                  !tryOut(pin.key, pin.kind, pin.grade) &&
                  (tryOut(each.key, each.kind, each.grade, pin) ||
                    tryOut(pin.key, pin.kind, pin.grade, each)),
              ))),
      ),
    );
  };

  const isStaff = (id: AreaId) => model.areas.some((each) => each.id === id && each.staffOnly);
  const shared = model.accessPoints.filter(
    ({ fromAreaId, toAreaId }) => !isStaff(fromAreaId) && !isStaff(toAreaId),
  );
  const steps = shared.flatMap((each) => {
    const isTwoSided = model.accessPoints.some(
      (other) =>
        other.portalId === each.portalId &&
        other.fromAreaId === each.toAreaId &&
        other.toAreaId === each.fromAreaId,
    );
    const step = { from: each.fromAreaId, to: each.toAreaId, id: each.id as string, ways: opensBy(each) };
    const back = { from: each.toAreaId, to: each.fromAreaId, id: "", ways: [...WAYS] };
    return isTwoSided ? [step] : [step, back];
  });
  const walk = (start: AreaId, end: AreaId, usable: (step: (typeof steps)[number]) => boolean): boolean => {
    const reached = [start];
    for (const area of reached) {
      for (const step of steps) {
        if (step.from === area && usable(step) && !reached.includes(step.to)) reached.push(step.to);
      }
    }
    return reached.includes(end);
  };

  return (["in", "out"] as const).flatMap((direction) => {
    const [start, end] =
      direction === "in" ? [model.outsideAreaId, entrance] : [entrance, model.outsideAreaId];
    const onPath = steps.filter(
      (step) =>
        step.id !== "" &&
        start !== step.to &&
        end !== step.from &&
        walk(start, step.from, (each) => each.to !== step.to) &&
        walk(step.to, end, (each) => each.to !== step.from),
    );
    const ways = WAYS.filter((way) => walk(start, end, (step) => step.ways.includes(way)));
    const others = ways.filter((way) => way !== "face" && way !== "phone");
    const problem =
      ways.length === 0
        ? ["no-way"]
        : ways.length === 1
          ? ["one-way"]
          : others.length === 0
            ? ["only-face-or-phone"]
            : [];
    const forced = onPath.filter(
      ({ ways: here }) => here.length > 0 && here.every((way) => way === "face" || way === "phone"),
    );
    return [
      ...problem.map((name) => `${direction} ${name}`),
      ...forced.map(({ id }) => `${direction} forced-at-access-point ${id}`),
    ];
  });
}

test("what the report says is missing at an instant, is what trying every door at that instant finds", () => {
  const scene = fc.record({
    model: community,
    instants: fc.array(arbitraryInstant, { minLength: 3, maxLength: 3 }),
  });
  fc.assert(
    fc.property(scene, ({ model, instants }) => {
      const { findings, waivers } = reportPaths(model, ARBITRARY_AT, ARBITRARY_UNTIL);
      const edges = findings.flatMap(({ stretches }) =>
        stretches.flatMap(({ from, until }) => [from, until - 1, until]),
      );
      const chosen = [...instants, ...edges.slice(0, 6).map((edge) => Instant(edge))];
      for (const { personId, role, dwellingId, validity } of model.residencies) {
        if (dwellingId === undefined || !RESIDENT_ROLES.includes(role)) continue;
        const buildingId = model.dwellings.find(({ id }) => id === dwellingId)?.buildingId;
        const entrance = model.buildings.find(({ id }) => id === buildingId)?.areaId;
        if (buildingId === undefined || entrance === undefined) continue;
        for (const at of chosen) {
          const isLivingThere =
            (validity.from === undefined || at >= validity.from) &&
            (validity.until === undefined || at < validity.until);
          if (!isLivingThere || at < ARBITRARY_AT || at >= ARBITRARY_UNTIL) continue;
          const reported = findings
            .filter(({ need }) => need.personId === personId && need.alike.buildingId === buildingId)
            .flatMap(({ stretches }) => stretches)
            .filter(({ from, until }) => from <= at && at < until)
            .map(({ direction, problem, accessPointIds }) =>
              problem === "forced-at-access-point"
                ? `${direction} ${problem} ${accessPointIds[0]}`
                : `${direction} ${problem}`,
            );
          expect([...new Set(reported)].sort()).toEqual(
            missingByTrying(model, waivers, personId, entrance, at).sort(),
          );
        }
      }
    }),
    { numRuns },
  );
});
