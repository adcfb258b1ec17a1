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
import { connectGate, type JournalGate } from "../../testing/test-journal.ts";
import { joinResident } from "../../testing/test-resident.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID, type TestSite } from "../../testing/test-site.ts";
import { readCardSteps } from "./index.ts";

const MINUTE = 60_000;
const REASON = "the copy was seen at two doors at once";

/** A community whose gate has just told what a test says. */
class Scene {
  readonly server: TestServer;
  readonly site: TestSite;
  readonly gate: JournalGate;

  private constructor(server: TestServer, site: TestSite, gate: JournalGate) {
    this.server = server;
    this.site = site;
    this.gate = gate;
  }

  static async open(): Promise<Scene> {
    const server = await startTestServer();
    const site = await buildSite(server);
    return new Scene(server, site, await connectGate(server, site));
  }

  /** A tap `minutes` from now by the gate's clock; answers how the holder's own trail names it. */
  async tap(minutes: number, counter: number, keyVersion?: number): Promise<OwnTap> {
    const at = Instant(this.server.clock.now() + minutes * MINUTE);
    const accessPointId = this.site.points.northIn;
    const sequence = await this.gate.access({
      at,
      accessPointId,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      card: { kind: "desfire", identifier: CARD_UID },
      evidence: { counter, ...(keyVersion === undefined ? {} : { keyVersion }) },
    });
    return { accessPointId, sequence, at };
  }

  /** The gate says that nothing waits, and all that is stored is judged. */
  async settle(): Promise<void> {
    const { clock, gateLink } = this.server;
    clock.advance(Duration.minutes(1));
    const earliest = clock.now();
    await this.gate.gate.sayStatus(0, [], { earliest, latest: earliest });
    await eventually("status", async () =>
      (await gateLink.readGates()).some(({ status }) => status?.earliest === earliest),
    );
    await this.server.detection.settle();
  }

  async cases() {
    return (await this.site.operate.call(caseEndpoints.list, { query: {} })).items;
  }
}

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

  test("locks nobody out: what gates are told is what a person decided", async () => {
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

  test("is recognised by its holder's program and by no other", async () => {
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

  test("an appeal that is upheld ends the steps", async () => {
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
    await site.secure.call(detectionEndpoints.change, { body: { tuned: { watchScore }, walks, revision } });
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
    expect(JSON.stringify([found, detail])).not.toContain(Buffer.from(CARD_UID).toString("hex"));

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

test("numbers outside their limits are refused, and a trial changes nothing", async () => {
  const scene = await Scene.open();
  const { site } = scene;
  await scene.tap(-300, 10);
  await scene.tap(-200, 9);
  await scene.settle();
  const settings = await site.secure.call(detectionEndpoints.settings);
  expect(settings.delivered.watchScore).toBe(5);
  const wrong = { ...settings, tuned: { watchScore: 11 } };
  const { delivered: _delivered, ...body } = wrong;
  expect(await site.secure.refused(detectionEndpoints.change, { body })).toMatchObject({ status: 400 });
  const tried = await site.secure.call(detectionEndpoints.attempt, {
    body: { tuned: { counterSlackMinutes: 1_440 } },
  });
  expect(tried).toEqual({ events: 2, present: { replace: 1 }, tried: {} });
  expect((await site.secure.call(detectionEndpoints.settings)).tuned).toEqual({});
});
