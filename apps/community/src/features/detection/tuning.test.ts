import { Duration } from "@menshen/domain";
import {
  type BodyOf,
  changeEndpoints,
  type DetectionNumbers,
  detectionEndpoints,
  residentCaseEndpoints,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { joinResident } from "../../testing/test-resident.ts";
import { Scene } from "./testing/scene.ts";

const REASON = "one case too many in a month";
/** By which no card here has gone back. */
const PATIENT: DetectionNumbers = { counterSlackMinutes: 1_440 };

const scene = await Scene.open();
const { server, site } = scene;
type Change = BodyOf<typeof detectionEndpoints.change>;
const settings = () => site.secure.call(detectionEndpoints.settings);

/** What is saved, over what is in force. */
async function wish(of: Partial<Change>): Promise<{ readonly body: Change }> {
  const { amnestyUntil, revision, tuned, walks } = await settings();
  const before = amnestyUntil === undefined ? {} : { amnestyUntil };
  return { body: { tuned, walks, ...before, reason: REASON, revision, ...of } };
}

const change = async (of: Partial<Change>) => site.secure.call(detectionEndpoints.change, await wish(of));
const undo = async () =>
  site.secure.call(detectionEndpoints.undo, { body: { revision: (await settings()).revision } });

async function tried(tuned: DetectionNumbers) {
  await site.secure.call(detectionEndpoints.attempt, { body: { tuned } });
  return eventually("a trial", async () => {
    const trial = await site.secure.call(detectionEndpoints.trial);
    return trial.state === "running" ? undefined : trial;
  });
}

/** A card whose count goes back within an hour and a half. */
async function goBack(minutes: number, identifier?: string): Promise<void> {
  await scene.tap(minutes, 10, undefined, identifier);
  await scene.tap(minutes + 90, 9, undefined, identifier);
  await scene.settle();
}

test("a change is judged by at once, with nothing else happening, and so is what takes it back", async () => {
  const areThere = (count: number) => async () => (await scene.cases()).length === count;
  await change({ tuned: PATIENT });
  await goBack(-300);
  expect(await scene.cases()).toEqual([]);
  await change({ tuned: {} });
  await eventually("the case is raised", areThere(1));
  await change({ tuned: PATIENT });
  await goBack(-150, "04a1b2c3d4e5aa");
  expect(await scene.cases()).toHaveLength(1);
  await undo();
  await eventually("the other is raised", areThere(2));
});

test("a trial compares with the numbers in force, not with those that were delivered", async () => {
  await change({ tuned: PATIENT });
  const one = { kind: "desfire", step: "replace", rules: expect.arrayContaining(["R2"]) };
  expect(await tried({})).toMatchObject({ present: {}, tried: { replace: 2 }, more: [one, one], fewer: [] });
  expect(await tried(PATIENT)).toMatchObject({ present: {}, tried: {}, more: [], fewer: [] });
  await undo();
  expect(await tried(PATIENT)).toMatchObject({
    present: { replace: 2 },
    tried: {},
    more: [],
    fewer: [one, one],
  });
});

test("numbers that the engine cannot work with are refused before they are tried or saved", async () => {
  const tuned = { watchScore: 11 };
  expect((await site.secure.refused(detectionEndpoints.attempt, { body: { tuned } })).status).toBe(400);
  // Each within its limits.
  for (const crossed of [{ watchScore: 10.5 }, { secondFactorScore: 9 }]) {
    const refused = await site.secure.refused(detectionEndpoints.change, await wish({ tuned: crossed }));
    expect(refused.status).toBe(400);
  }
});

test("a walk is kept one way round, whichever way it was measured, and none leads to where it began", async () => {
  const [a = "", b = ""] = [site.points.northIn, site.points.houseIn].toSorted();
  const itself = await wish({ walks: [{ a, b: a, seconds: 30 }] });
  expect((await site.secure.refused(detectionEndpoints.change, itself)).code).toBe("invalid-request");
  const { walks } = await change({ walks: [{ a: b, b: a, seconds: 90 }] });
  expect(walks).toEqual([{ a, b, seconds: 90 }]);
  expect((await undo()).walks).toEqual([]);
});

test("nobody saves over what somebody else saved meanwhile", async () => {
  const mine = await wish({ tuned: { caseDays: 9 } });
  await change({ tuned: { caseDays: 8 } });
  expect((await site.secure.refused(detectionEndpoints.change, mine)).code).toBe("stale-revision");
  expect((await settings()).tuned).toEqual({ caseDays: 8 });
  await undo();
});

test("until when families exchange their own copies is kept, told to residents while it lasts, and taken back", async () => {
  const amnestyUntil = server.clock.now() + Duration.minutes(30);
  const holder = await joinResident(server, site.operate, site.resident.personId);
  const told = async () => (await holder.client.call(residentCaseEndpoints.list)).amnestyUntil;
  const set = await change({ amnestyUntil });
  expect(set.amnestyUntil).toBe(amnestyUntil);
  expect(set.changes[0]?.amnesty).toEqual({ until: amnestyUntil });
  expect(set.changes[1]).not.toHaveProperty("amnesty");
  expect(await told()).toBe(amnestyUntil);
  const taken = await undo();
  expect(taken.amnestyUntil).toBeUndefined();
  expect(taken.changes[0]?.amnesty).toEqual({});
  expect(await told()).toBeUndefined();
  await undo();
  expect(await told()).toBe(amnestyUntil);
  server.clock.advance(Duration.minutes(31));
  expect(await told()).toBeUndefined();
});

test("the record of changes says who changed the numbers, to what and why, and who took it back", async () => {
  await change({ tuned: { caseDays: 10 } });
  await undo();
  const auditor = await server.member("auditor");
  const { items } = await auditor.call(changeEndpoints.list, { query: {} });
  const [undone, changed] = items.filter(({ action }) => action.startsWith("detection."));
  expect(changed).toMatchObject({ action: "detection.changed", duty: "secure" });
  expect(JSON.stringify(changed)).toContain(REASON);
  expect(JSON.stringify(changed)).toContain('"caseDays"');
  expect(undone).toMatchObject({ action: "detection.undone", duty: "secure" });
});
