import { randomUUID } from "node:crypto";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  inviteStaff,
  makeSmallSite,
  signIn,
  startCommunity,
} from "@menshen/testkit/system";
import {
  accessPointEndpoints,
  caseEndpoints,
  detectionEndpoints,
  gateEndpoints,
  openingEndpoints,
  portalEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { expectFit, lookAt, speak } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const JUDGED = "已核对到";

/** Cases that stand in the database, as somebody of the security duty who also keeps the records works on them. */
describe("the desk of cases", () => {
  const { runId, stateDir } = makeRun("cases");
  const watch: Watch = { troubles: [], foreign: [] };
  const [first, second] = [randomUUID(), randomUUID()];
  let community: CommunityServer;
  let api: Api;
  let security: Api;
  let browser: Browser;
  let page: Page;
  let door: string;

  const behind = (statement: string) => changeBehind(join(stateDir, "community"), statement);

  beforeAll(async () => {
    [community, browser] = await Promise.all([startCommunity({ runId, stateDir }), launchBrowser()]);
    api = await signIn(community.signInLink);
    const site = await makeSmallSite(api);
    const gate = await api.call(gateEndpoints.create, { body: { name: "一号控制器", doorGroup: 1 } });
    const portal = await api.call(portalEndpoints.create, {
      body: { gateId: gate.id, name: "北门", unlockMs: 1_000, heldOpenLimitMs: 10_000 },
    });
    const body = {
      ...{ portalId: portal.id, name: "进", minimumGrade: "E" as const },
      ...{ fromAreaId: site.outsideId, toAreaId: site.insideId },
    };
    door = (await api.call(accessPointEndpoints.create, { body })).id;
    const sign = {
      rule: "R5",
      weight: 12,
      at: Date.now() - HOUR_MS,
      gate: gate.id,
      accessPoint: door,
      inputs: {},
    };
    const signs = JSON.stringify([sign]);
    for (const [place, id] of [first, second].entries()) {
      const inserted = await behind(
        `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs)
         values ('${id}', decode(repeat('a${place}', 24), 'hex'), 1, 'uid', now(), now(), 'ask', 12, 0.97, '${signs}')`,
      );
      expect(inserted).toBe(1);
    }
    security = await signIn(await inviteStaff(api, "security"));
    const { signIn: code } = await api.call(staffEndpoints.create, {
      body: { displayName: "安全兼档案", roles: ["security", "records"] },
    });
    page = await openPage(browser, watch, community.http);
    await page.goto(code.link);
    await page.getByRole("navigation").first().waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(community);
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });

  /** What the server says of its engine, with something else said. */
  async function engineSays(more: object): Promise<void> {
    await page.unrouteAll({ behavior: "wait" });
    await page.route(`**${detectionEndpoints.state.path}`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({
        response: answer,
        json: { ...(await answer.json()), judgedUntil: Date.now(), ...more },
      });
    });
    await page.goto(`${community.http}/cases`);
    await page
      .getByRole("link", { name: /只有卡号的卡/ })
      .first()
      .waitFor();
    // The engine's state is asked for by itself.
    await page.getByText(JUDGED).waitFor();
  }

  it("the list says nothing of an engine that is well, and in words what is the matter with one that is not", async () => {
    const health = [/重新启动过/, /没有核对/, /刚启动/];
    const seen = async () =>
      Promise.all(health.map(async (words) => (await page.getByText(words).count()) > 0));
    await engineSays({ waiting: 999 });
    expect(await seen()).toEqual([false, false, false]);
    await engineSays({ waiting: 1_000 });
    expect(await seen()).toEqual([false, true, false]);
    await engineSays({ waiting: undefined, restarts: 1, restartedAt: Date.now() - 60_000 });
    expect(await seen()).toEqual([true, false, true]);
    await engineSays({ waiting: 123_456, restarts: 12, restartedAt: Date.now() - 26 * HOUR_MS });
    expect(await seen()).toEqual([true, true, false]);
    await page.getByText("还有 123456 条记录没有核对").waitFor();
    await page.getByText("出错后重新启动过 12 次").waitFor();
    await lookAt(page, "cases, engine started again", {
      isCrowded: true,
      prepare: () => page.getByText(/12 次|: 12/).waitFor(),
    });
    await page.unrouteAll({ behavior: "wait" });
  });

  it("two cases that were put together by others meanwhile are not put together again, and the page says why", async () => {
    for (const [language, button, words, heading] of [
      ["zh-CN", "并入此案", /没有并入/, "已并入此案的案件"],
      ["en", "Put to this one", /Not put there/, "Cases put to this one"],
    ] as const) {
      await page.goto(`${community.http}/cases/${first}`);
      await speak(page, language);
      const merge = page.getByRole("button", { name: button });
      await merge.waitFor();
      // Somebody else puts the other into this one: it cannot go into the other any more.
      await security.call(caseEndpoints.merge, { params: { id: second }, body: { into: first } });
      await merge.click();
      await page.locator(".ant-message-error").getByText(words).waitFor();
      for (const width of [1_440, 390]) {
        await page.setViewportSize({ width, height: 900 });
        await expectFit(page, "case, merge refused");
      }
      await page.setViewportSize({ width: 1_440, height: 900 });
      // What the other did is shown without being asked for, and what cannot be is not offered any more.
      await page.getByRole("heading", { name: heading }).waitFor();
      expect(await merge.count()).toBe(0);
      expect(await security.call(caseEndpoints.get, { params: { id: first } })).not.toHaveProperty(
        "mergedInto",
      );
      await security.call(caseEndpoints.merge, { params: { id: second }, body: { into: second } });
    }
    await speak(page, "zh-CN");
  });

  /** A request as the records desk enters it. */
  async function enter(hold: {
    readonly state: "requested" | "answered" | "refused" | "expired";
    readonly number?: string;
    readonly untilMs?: number;
    readonly endedMs?: number;
  }): Promise<string> {
    const id = randomUUID();
    // Each was filed when its end lay ahead.
    const now = Math.min(Date.now(), (hold.untilMs ?? Number.POSITIVE_INFINITY) - 2 * DAY_MS);
    const times = { deadline: now + DAY_MS, sealUntil: now + 10 * DAY_MS };
    const statement = {
      ...{ topic: "opening-requested", at: now, requestId: id, path: "ordinary" },
      ...{ authority: "某市公安局某分局", documentNumber: hold.number, documentSha256: "ab".repeat(32) },
      ...{ accessPointIds: [door], from: now - 2 * HOUR_MS, until: now - HOUR_MS },
      ...{ purpose: "crime-investigation", ...times, entryCap: 50 },
      ...(hold.untilMs === undefined ? {} : { holdUntil: hold.untilMs }),
    };
    const moment = (epochMs: number | undefined) =>
      epochMs === undefined ? "null" : `to_timestamp(${epochMs / 1_000})`;
    const inserted = await behind(
      `insert into opening (id, state, path, requested_at, deadline, seal_until, statement, leaf_id, staff_id, hold_until, hold_ended_at)
       select '${id}', '${hold.state}', 'ordinary', now(), ${moment(times.deadline)}, ${moment(times.sealUntil)},
         '${JSON.stringify(statement)}', '${randomUUID()}', id, ${moment(hold.untilMs)}, ${moment(hold.endedMs)}
       from staff limit 1`,
    );
    expect(inserted).toBe(1);
    return id;
  }

  it("evidence is put under one of the holds that are in force, and of no others", async () => {
    const untilMs = Date.now() + 80 * DAY_MS;
    await enter({ state: "answered", number: "不是保全" });
    await enter({ state: "refused", number: "被拒绝的", untilMs });
    await enter({ state: "expired", number: "无人答复的", untilMs });
    await enter({ state: "answered", number: "已结束的", untilMs, endedMs: Date.now() - HOUR_MS });
    await enter({ state: "answered", number: "已到期的", untilMs: Date.now() - HOUR_MS });
    const waiting = await enter({ state: "requested", number: "公调字〔2026〕118 号", untilMs });
    const inForce = await enter({ state: "answered", number: "公调字〔2026〕102 号", untilMs });
    const { items } = await openings();
    expect(items).toHaveLength(7);

    await page.goto(`${community.http}/cases/${first}`);
    const choice = page.getByRole("combobox", { name: "保全请求" });
    const keep = page.getByRole("button", { name: "保全证据" });
    await keep.waitFor();
    expect(await keep.isDisabled()).toBe(true);
    await choice.click();
    const offered = page.locator(".ant-select-item-option");
    await offered.first().waitFor();
    expect((await offered.allTextContents()).toSorted()).toEqual([
      expect.stringContaining("公调字〔2026〕102 号"),
      expect.stringContaining("公调字〔2026〕118 号"),
    ]);
    await offered.filter({ hasText: "102 号" }).click();
    await keep.click();
    const link = page.locator(".case-actions").getByRole("link", { name: "证据已保全" });
    await link.waitFor();
    expect(await security.call(caseEndpoints.get, { params: { id: first } })).toMatchObject({
      holdId: inForce,
    });
    await lookAt(page, "case, hold from the list", {
      isCrowded: true,
      prepare: async () => {
        await page.locator(".case-actions").getByRole("combobox").last().waitFor();
        await page.locator(".case-hold").click();
        await offered.first().waitFor();
      },
    });
    await page.keyboard.press("Escape");

    // One that ended since the list was read is refused, in words, and nothing changes.
    await page.goto(`${community.http}/cases/${first}`);
    await choice.click();
    await offered.filter({ hasText: "118 号" }).click();
    await behind(`update opening set hold_ended_at = now() where id = '${waiting}'`);
    await keep.click();
    await page.locator(".ant-message-error").waitFor();
    expect(await security.call(caseEndpoints.get, { params: { id: first } })).toMatchObject({
      holdId: inForce,
    });
    await link.click();
    await page.waitForURL(new RegExp(`/openings/${inForce}$`));
  });

  async function openings() {
    const response = await page.request.get(community.http + openingEndpoints.list.path);
    expect(response.ok(), `${response.status()} ${await response.text()}`).toBe(true);
    const read: { readonly items: readonly unknown[] } = await response.json();
    return read;
  }

  it("a trial that runs shows how far it is, and is stopped by one press", async () => {
    const trial = { id: randomUUID(), tuned: {}, startedAt: Date.now(), progress: 0.37 };
    let state = "running";
    // On an empty database a trial is over before anybody could stop it: the server's words are given here.
    await page.route(`**${detectionEndpoints.trial.path}**`, async (route) => {
      if (route.request().method() !== "GET") state = "stopped";
      await route.fulfill({ json: { ...trial, state } });
    });
    await page.goto(`${community.http}/cases/settings`);
    const stop = page.getByRole("button", { name: "停止" });
    await stop.waitFor();
    await page.getByText("37%").waitFor();
    await lookAt(page, "tuning, trial runs", {
      isCrowded: true,
      prepare: () => page.getByText("37%").waitFor(),
    });
    await stop.click();
    await page.getByText("已停止，没有任何改动。").waitFor();
    expect(await stop.count()).toBe(0);
    expect(state).toBe("stopped");
  });
});
