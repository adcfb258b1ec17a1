import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as crypto from "@menshen/crypto/node";
import { AccessPointId, AreaId, Instant } from "@menshen/domain";
import type { CommunityModel } from "@menshen/policy";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LiftFloor } from "../door/lift.ts";
import { openFileSeal } from "../keys/seal.ts";
import { makeStateKeeper, type StateKeeper } from "../store/state-keeper.ts";
import { TEST_COMMUNITY_ID } from "../testing/test-community.ts";
import { makePassGate, type PassGateOptions, phoneKeyOf, visitorText } from "../testing/test-pass-gate.ts";
import { makeTestPublicLog } from "../testing/test-public-log.ts";
import { GATE } from "../testing/test-site.ts";

const START = Date.parse("2026-11-22T21:00:00+08:00");
const HOUR = 3_600_000;
const resident = crypto.p256FromSecret(crypto.fromHex("11".repeat(32)));
const communityKey = crypto.ed25519FromSecret(crypto.fromHex("22".repeat(32)));
const pointOf = (floor: number) => AccessPointId(`80000000-0000-4000-8000-00000000000${floor}`);
const areaOf = (floor: number) => AreaId(`70000000-0000-4000-8000-00000000000${floor}`);
const FLOORS: readonly LiftFloor[] = [1, 2, 3].map((floor) => ({
  accessPointId: pointOf(floor),
  output: floor,
}));
const twice = { notBefore: Instant(START - HOUR), notAfter: Instant(START + HOUR), uses: 2 };

let folder: string;
let keeper: StateKeeper;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "menshen-lift-"));
  keeper = makeStateKeeper(join(folder, "state.db"));
});
afterEach(() => {
  keeper.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A lift with three floors; residents may go to the first and the third. */
function withFloors(model: CommunityModel): CommunityModel {
  const [point] = model.accessPoints;
  const [rule] = model.rules;
  if (point === undefined || rule === undefined) throw new Error("expected an access point and a rule");
  return {
    ...model,
    areas: [...model.areas, ...[1, 2, 3].map((floor) => ({ id: areaOf(floor), staffOnly: false }))],
    accessPoints: [
      point,
      ...[1, 2, 3].map((floor) => ({
        ...point,
        id: pointOf(floor),
        fromAreaId: point.toAreaId,
        toAreaId: areaOf(floor),
      })),
    ],
    rules: [{ ...rule, where: { accessPointIds: [pointOf(1), pointOf(3)] } }],
  };
}

async function lift(changes: Partial<PassGateOptions> = {}) {
  const log = await makeTestPublicLog();
  const made = await makePassGate({
    startMs: START,
    log,
    seal: openFileSeal(folder),
    keeper,
    phones: [resident],
    credentials: [{ key: phoneKeyOf(resident), kind: "phone-pass", grade: "C" }],
    passes: {
      version: 1,
      gateId: GATE,
      passesVersion: 1,
      issuedAt: Instant(START),
      communityId: TEST_COMMUNITY_ID,
      communityKey: communityKey.publicKey,
      visits: { on: true, longestS: 7 * 86_400 },
      revoked: [],
      deskPasses: [],
      tokenKeys: [],
    },
    changes: withFloors,
    floors: FLOORS,
    ...changes,
  });
  const home = log.register(undefined, [pointOf(1), pointOf(3)]);
  const leaves = [home.index, log.issue(home, 0, phoneKeyOf(resident))];
  await made.publicLog.receive(await log.prove(leaves, [home]));
  return made;
}

test("a visitor goes to the floors of whoever invited them, and the entry names none of these", async () => {
  const { show, order, entries } = await lift();
  expect(await show(visitorText(resident, twice))).toBe("opens");
  expect(order).toEqual(["journal", "floor 1", "floor 3"]);
  expect(entries[0]?.body).toMatchObject({ granted: true, kind: "pass", lockDriven: true, otherFloors: 2 });
  expect(entries[0]?.body).not.toHaveProperty("floors");
});

test("a pass for two rides frees floors twice: once a ride, however many floors there are", async () => {
  const { show } = await lift();
  const pass = visitorText(resident, twice);
  expect([await show(pass), await show(pass), await show(pass)]).toEqual(["opens", "opens", "pass-used"]);
});

test("a floor that admits no visitor is left out, and where none is left the pass is not used up", async () => {
  const refusing = (refused: readonly AccessPointId[]): PassGateOptions["presence"] => ({
    refusals: () => [],
    refusesVisitor: (point) => (refused.includes(point) ? [{ code: "escort-missing" }] : []),
    answer: () => ({
      admitted: true,
      reasons: [],
      isAwaitingSecond: false,
      hold: undefined,
      persons: 1,
      done: () => undefined,
    }),
  });
  const some = await lift({ presence: refusing([pointOf(1)]) });
  const pass = visitorText(resident, twice);
  expect(await some.show(pass)).toBe("opens");
  expect(some.order).toEqual(["journal", "floor 3"]);
  const none = await lift({ presence: refusing(FLOORS.map(({ accessPointId }) => accessPointId)) });
  expect([await none.show(pass), await none.show(pass)]).toEqual(["escort-missing", "escort-missing"]);
  expect(await some.show(pass)).toBe("opens");
});

test("a desk's pass names nobody whose floors would be the visitor's", async () => {
  const { show, order } = await lift();
  expect(await show(visitorText(communityKey, twice))).toBe("pass-not-here");
  expect(order).toEqual(["journal"]);
});

test("no floor is freed in a lockdown, in a fire, or of a grade that a pass does not have", async () => {
  const pass = visitorText(resident, twice);
  const locked = await lift({ door: { lockdown: 3 } });
  expect(await locked.show(pass)).toBe("lockdown");
  const fire = await lift({ door: { fireRelease: true }, isStanding: true });
  expect(await fire.show(pass)).toBe("opens");
  expect(fire.order.filter((step) => step.startsWith("floor"))).toEqual([]);
  const high = await lift({
    changes: (model) => ({
      ...withFloors(model),
      accessPoints: withFloors(model).accessPoints.map((point) => ({ ...point, minimumGrade: "B" })),
    }),
  });
  expect(await high.show(pass)).toBe("grade-too-low");
});
