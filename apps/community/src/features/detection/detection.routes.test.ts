import { createHash } from "node:crypto";
import { Duration, Instant } from "@menshen/domain";
import {
  caseEndpoints,
  caseMarkText,
  detectionEndpoints,
  type OwnTap,
  residentCaseEndpoints,
} from "@menshen/wire";
import { beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { joinResident } from "../../testing/test-resident.ts";
import { CARD_UID } from "../../testing/test-site.ts";
import { readCardSteps } from "./index.ts";
import { MINUTE, Scene } from "./testing/scene.ts";

const REASON = "the copy was seen at two doors at once";

describe("a card whose counter went back", () => {
  let scene: Scene;
  let own: OwnTap;
  let caseId = "";
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.tap(-300, 100);
    await scene.tap(-200, 101);
    own = await scene.tap(-190, 140);
    await scene.tap(-100, 102);
  });

  test("becomes one case, with the sign and both halves", async () => {
    await scene.settle();
    const [found, ...others] = await scene.cases();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: "desfire", step: "replace", measures: [] });
    expect(found?.rules).toContain("R2");
    caseId = found?.id ?? "";
    const detail = await scene.site.operate.call(caseEndpoints.get, { params: { id: caseId } });
    expect(detail.taps.map(({ counter, half }) => [counter, half])).toEqual([
      [102, "first"],
      [140, "second"],
      [101, "first"],
      [100, "first"],
    ]);
    expect(detail.history.map(({ what, step }) => [what, step])).toEqual([
      ["step", "replace"],
      ["raised", "ask"],
    ]);
  });

  test("is not told again when everything is judged anew", async () => {
    const before = await scene.cases();
    await scene.server.detection.settle();
    await scene.server.pool.query("update detection_setting set tuned = '{\"caseDays\": 8}'");
    await scene.server.detection.settle();
    expect(await scene.cases()).toEqual(before);
  });

  test("D8: locks nobody out: what gates are told is what a person decided", async () => {
    expect(await readCardSteps(scene.server.db)).toEqual([]);
    const { site } = scene;
    const params = { id: caseId };
    const short = { measure: "block", reason: "because" } as const;
    expect(await site.operate.refused(caseEndpoints.decide, { params, body: short })).toMatchObject({
      status: 400,
    });
    const body = { measure: "second-factor", reason: REASON } as const;
    const decided = await site.operate.call(caseEndpoints.decide, { params, body });
    expect(decided.measures).toEqual(["second-factor"]);
    expect(await site.operate.refused(caseEndpoints.decide, { params, body })).toMatchObject({
      code: "conflict",
    });
    expect((await readCardSteps(scene.server.db)).map(({ step, epoch }) => [step, epoch])).toEqual([
      ["second-factor", 1],
    ]);
    expect((await site.operate.call(caseEndpoints.counts)).automaticBlocks).toBe(0);
  });

  test("D7: is recognised by its holder's program and by no other", async () => {
    const { site, server } = scene;
    const holder = await joinResident(server, site.operate, site.resident.personId);
    const { items } = await holder.client.call(residentCaseEndpoints.list);
    const [published] = items;
    const mark = (tap: OwnTap) =>
      createHash("sha256").update(caseMarkText(caseId, tap)).digest().subarray(0, 16).toString("hex");
    expect(published?.marks).toContain(mark(own));
    expect(published?.marks).not.toContain(mark({ ...own, at: own.at + 1 }));
    expect(published?.measures).toMatchObject([{ measure: "second-factor", reason: REASON }]);
    expect(JSON.stringify(items)).not.toContain(site.resident.personId);

    const params = { id: caseId };
    const guess = { tap: { ...own, at: own.at + 1 }, answer: "me", callMe: false } as const;
    expect(await holder.client.refused(residentCaseEndpoints.answer, { params, body: guess })).toMatchObject({
      code: "not-found",
    });
    const body = { tap: own, answer: "not-me", callMe: false } as const;
    await holder.client.call(residentCaseEndpoints.answer, { params, body });
    expect(await holder.client.refused(residentCaseEndpoints.answer, { params, body })).toMatchObject({
      code: "conflict",
    });
    const seen = await site.operate.call(caseEndpoints.get, { params });
    expect(seen.answer).toBe("not-me");
    expect(JSON.stringify(seen)).not.toContain(site.resident.personId);
    await holder.client.call(residentCaseEndpoints.appeal, {
      params,
      body: { tap: own, words: "my card is the genuine one" },
    });
  });

  test("D8: an appeal that is upheld ends the steps", async () => {
    const { site } = scene;
    const params = { id: caseId };
    const [appeal] = (await site.operate.call(caseEndpoints.get, { params })).appeals;
    expect(appeal).toMatchObject({ words: "my card is the genuine one" });
    const answered = await site.operate.call(caseEndpoints.answerAppeal, {
      params: { id: caseId, appealId: appeal?.id ?? "" },
      body: { outcome: "upheld", reason: "the card was shown at the desk" },
    });
    expect(answered.measures).toEqual([]);
    expect(answered.openAppeals).toBe(0);
    expect(await readCardSteps(scene.server.db)).toEqual([]);
  });

  test("a family's own copy is counted apart and its new card stays offered", async () => {
    const { site } = scene;
    const params = { id: caseId };
    await site.operate.call(caseEndpoints.decide, {
      params,
      body: { measure: "replacement", reason: "offered free of charge at the desk" },
    });
    const closed = await site.operate.call(caseEndpoints.close, {
      params,
      body: { finding: "own-copy", reason: "the household had a second card made" },
    });
    expect(closed).toMatchObject({ finding: "own-copy", measures: ["replacement"] });
    expect(await site.operate.call(caseEndpoints.counts)).toMatchObject({
      open: 0,
      copies: 0,
      ownCopies: 1,
      exchanged: 1,
    });
    await scene.server.detection.settle();
    expect(await scene.cases()).toEqual([]);
  });
});

describe("two doors that nobody reaches from one another so soon", () => {
  const open = async (watchScore: number) => {
    const scene = await Scene.open();
    const { site } = scene;
    const { revision } = await site.secure.call(detectionEndpoints.settings);
    const walks = [{ a: site.points.northIn, b: site.points.houseIn, seconds: 150 }];
    await site.secure.call(detectionEndpoints.change, {
      body: { tuned: { watchScore }, walks, reason: REASON, revision },
    });
    const tapAt = (accessPointId: string, at: number) =>
      scene.gate.access({
        at: Instant(at),
        accessPointId,
        granted: true,
        reasons: [{ code: "rule-allows" }],
        card: { kind: "uid", identifier: CARD_UID },
      });
    const now = scene.server.clock.now();
    await tapAt(site.points.northIn, now - 2_500);
    await tapAt(site.points.houseIn, now);
    return { scene, site };
  };

  test("D7: two live copies become a case when the second record arrives, by pseudonyms alone", async () => {
    const { scene, site } = await open(2);
    // The gate has not said that nothing waits: what is judged in order is judged tomorrow.
    await scene.server.detection.settle();
    const [found, ...others] = await scene.cases();
    expect(others).toEqual([]);
    expect(found).toMatchObject({ kind: "uid", step: "watch", rules: ["R5"], measures: [] });
    const detail = await site.operate.call(caseEndpoints.get, { params: { id: found?.id ?? "" } });
    expect(detail.taps.map(({ half }) => half)).toEqual(["second", "first"]);
    expect(JSON.stringify([found, detail])).not.toContain(site.resident.personId);
    expect(JSON.stringify([found, detail])).not.toContain(CARD_UID);

    // In order, a minute later: the same case, once.
    await scene.settle();
    scene.server.clock.advance(Duration.minutes(1));
    await scene.settle();
    const detailAfter = await site.operate.call(caseEndpoints.get, { params: { id: found?.id ?? "" } });
    expect(detailAfter.history.map(({ what }) => what)).toEqual(["raised"]);
    expect(detailAfter.explainedAt).toBeUndefined();
    expect(await scene.cases()).toHaveLength(1);
    // D8: nothing happens to the card unless a person decides it.
    expect(await readCardSteps(scene.server.db)).toEqual([]);
  });

  test("are no case where the community asks for more than one such sign", async () => {
    const { scene } = await open(5);
    await scene.server.detection.settle();
    expect(await scene.cases()).toEqual([]);
  });
});

test("a late record that explains a case marks it, and judges everything as if it had come in time", async () => {
  const scene = await Scene.open();
  const { site, server } = scene;
  await scene.tap(-300, 10, 1);
  await scene.tap(-200, 11, 1);
  await scene.tap(-100, 11);
  await scene.settle();
  const [raised] = await scene.cases();
  expect(raised?.rules).toContain("R1");
  expect(raised?.explainedAt).toBeUndefined();
  // The gate had been silent about this one: the card was written anew in between, so its count began again.
  await scene.gate.access({
    at: Instant(server.clock.now() - 160 * MINUTE),
    accessPointId: site.points.northIn,
    granted: true,
    reasons: [{ code: "rule-allows" }],
    card: { kind: "desfire", identifier: CARD_UID },
    evidence: { counter: 1, keyVersion: 2 },
  });
  server.clock.advance(Duration.minutes(2));
  await scene.settle();
  expect(server.detection.state().tooLate).toBe(0);
  const [found] = await scene.cases();
  expect(found?.explainedAt).toBeTypeOf("number");
});

test("R13: a use behind the loss that its holder reported by an own tap is told at once, and nobody is named", async () => {
  const scene = await Scene.open();
  const { server, site } = scene;
  const holder = await joinResident(server, site.operate, site.resident.personId);
  const own = await scene.tap(-30, 10);
  const guess = { tap: { ...own, at: own.at + 1 } };
  expect((await holder.client.refused(residentCaseEndpoints.lost, { body: guess })).code).toBe("not-found");
  await holder.client.call(residentCaseEndpoints.lost, { body: { tap: own } });
  await holder.client.call(residentCaseEndpoints.lost, { body: { tap: own } });
  await server.detection.settle();
  expect(await scene.cases()).toEqual([]);
  // A gate that had not heard of it lets the finder in.
  server.clock.advance(Duration.minutes(40));
  await scene.tap(0, 11);
  await server.detection.settle();
  const [found, ...others] = await scene.cases();
  expect(others).toEqual([]);
  expect(found).toMatchObject({ step: "refuse-by-person", rules: ["R13"], measures: [] });
  await scene.settle();
  expect(await scene.cases()).toHaveLength(1);
  const { rows } = await server.pool.query("select * from detection_end");
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(site.resident.personId);
});

test("numbers outside their limits are refused, and a trial changes nothing", async () => {
  const scene = await Scene.open();
  const { site } = scene;
  await scene.tap(-300, 10);
  await scene.tap(-200, 9);
  await scene.settle();
  const settings = await site.secure.call(detectionEndpoints.settings);
  expect(settings.delivered.watchScore).toBe(5);
  const { tuned, walks, revision } = settings;
  const body = { tuned: { ...tuned, watchScore: 11 }, walks, reason: REASON, revision };
  expect(await site.secure.refused(detectionEndpoints.change, { body })).toMatchObject({ status: 400 });
  expect((await site.secure.refused(detectionEndpoints.trial)).code).toBe("not-found");
  expect((await site.secure.refused(detectionEndpoints.stopTrial)).code).toBe("not-found");
  const begun = await site.secure.call(detectionEndpoints.attempt, {
    body: { tuned: { counterSlackMinutes: 1_440 } },
  });
  expect(begun).toMatchObject({ state: "running", tuned: { counterSlackMinutes: 1_440 } });
  const tried = await eventually("a trial", async () => {
    const trial = await site.secure.call(detectionEndpoints.trial);
    return trial.state === "running" ? undefined : trial;
  });
  expect(tried).toMatchObject({
    ...{ id: begun.id, state: "over", progress: 1, events: 2, present: { replace: 1 }, tried: {}, more: [] },
    fewer: [{ kind: "desfire", step: "replace", rules: expect.arrayContaining(["R2"]) }],
  });
  // Nothing runs: what it found stays.
  expect(await site.secure.call(detectionEndpoints.stopTrial)).toEqual(tried);
  const [found] = await scene.cases();
  expect(JSON.stringify(tried)).not.toContain(found?.id);
  expect((await site.secure.call(detectionEndpoints.settings)).tuned).toEqual({});
});

test("a change of numbers says who made it and why, and is taken back by one press, and again", async () => {
  const scene = await Scene.open();
  const { site } = scene;
  const first = await site.secure.call(detectionEndpoints.settings);
  expect(first.changes).toEqual([]);
  const revisionOf = ({ revision }: { revision: number }) => ({ body: { revision } });
  expect((await site.secure.refused(detectionEndpoints.undo, revisionOf(first))).code).toBe("conflict");
  const walks = [{ a: site.points.northIn, b: site.points.houseIn, seconds: 90 }];
  const body = { tuned: { caseDays: 9 }, walks, reason: REASON, revision: first.revision };
  const short = { ...body, reason: "because" };
  expect(await site.secure.refused(detectionEndpoints.change, { body: short })).toMatchObject({
    status: 400,
  });
  const changed = await site.secure.call(detectionEndpoints.change, { body });
  expect(changed.changes).toMatchObject([
    { reason: REASON, isUndo: false, before: {}, after: { caseDays: 9 }, walks: 1 },
  ]);
  expect((await site.secure.refused(detectionEndpoints.undo, revisionOf(first))).code).toBe("stale-revision");
  const undone = await site.secure.call(detectionEndpoints.undo, revisionOf(changed));
  expect(undone).toMatchObject({ tuned: {}, walks: [] });
  expect(undone.changes.map(({ isUndo }) => isUndo)).toEqual([true, false]);
  const again = await site.secure.call(detectionEndpoints.undo, revisionOf(undone));
  expect(again).toMatchObject({ tuned: { caseDays: 9 }, walks: [{ seconds: 90 }] });
});
