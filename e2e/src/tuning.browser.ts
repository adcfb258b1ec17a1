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
  detectionEndpoints,
  gateEndpoints,
  portalEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { pick } from "./harness/desks.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const TRIED_MS = 30_000;
const WALK = /北门 · 进 ↔ 南门 · 进|南门 · 进 ↔ 北门 · 进/;

/** The pages of cases as duties see them, and the one where somebody of the security duty sets what the detection engine goes by. */
describe("how copies are judged", () => {
  const { runId, stateDir } = makeRun("tuning");
  const watch: Watch = { troubles: [], foreign: [] };
  let community: CommunityServer;
  let api: Api;
  let browser: Browser;
  let security: Page;

  beforeAll(async () => {
    [community, browser] = await Promise.all([startCommunity({ runId, stateDir }), launchBrowser()]);
    api = await signIn(community.signInLink);
    const site = await makeSmallSite(api);
    const gate = await api.call(gateEndpoints.create, { body: { name: "一号控制器", doorGroup: 1 } });
    for (const name of ["北门", "南门"]) {
      const portal = await api.call(portalEndpoints.create, {
        body: { gateId: gate.id, name, unlockMs: 1_000, heldOpenLimitMs: 10_000 },
      });
      await api.call(accessPointEndpoints.create, {
        body: {
          portalId: portal.id,
          name: "进",
          fromAreaId: site.outsideId,
          toAreaId: site.insideId,
          minimumGrade: "E",
        },
      });
    }
    security = await staffPage("security");
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(community);
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });

  async function openAs(link: string, path: string): Promise<Page> {
    const page = await openPage(browser, watch, community.http);
    await page.goto(link);
    await page.getByRole("navigation").first().waitFor();
    await page.goto(community.http + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    return page;
  }

  const staffPage = async (role: "manager" | "security") =>
    openAs(await inviteStaff(api, role), "/cases/settings");

  const settings = () => api.call(detectionEndpoints.settings, {});
  const lines = (page: Page) => page.getByRole("region", { name: "修改记录" }).getByRole("listitem");

  async function save(page: Page, reason: string): Promise<void> {
    await page.getByLabel("修改的理由").fill(reason);
    await page.getByRole("button", { name: "保存" }).click();
    await lines(page).filter({ hasText: reason }).first().waitFor();
  }

  it("who may not change it reads all of it, and is told what it takes", async () => {
    const manager = await staffPage("manager");
    await manager.getByText("修改需要“安全”职责。").waitFor();
    await manager.getByText("还没有改过。").waitFor();
    for (const name of ["多少分列为留意", "家庭自配卡可以免问换卡"]) {
      expect(await manager.getByLabel(name).isEditable()).toBe(false);
    }
    for (const name of ["用过去的记录试一试", "添加", "保存"]) {
      expect(await manager.getByRole("button", { name }).count()).toBe(0);
    }
    await lookAt(manager, "tuning, read only", {
      prepare: () => manager.locator(".tuning-numbers").waitFor(),
    });
    await manager.context().close();
  });

  it("a walk is added, corrected in its place and taken away, and nothing holds before it is saved", async () => {
    await security.getByText("还没有填写。").waitFor();
    const add = async (seconds: string) => {
      await pick(security, "从", "北门 · 进");
      await pick(security, "到", "南门 · 进");
      await security.getByLabel("步行秒数").fill(seconds);
      await security.getByRole("button", { name: "添加" }).click();
      await security.getByText(`${seconds} 秒`, { exact: false }).last().waitFor();
    };
    await add("90");
    await add("75");
    const walks = security.locator(".tuning-walks").getByRole("listitem");
    expect(await walks.allTextContents()).toEqual([expect.stringMatching(WALK)]);
    expect((await settings()).walks).toEqual([]);
    await save(security, "两扇门之间走了两遍量出来的");
    expect((await settings()).walks).toMatchObject([{ seconds: 75 }]);
    await lines(security).filter({ hasText: "步行时间 1 处" }).waitFor();
    await security.locator(".tuning-walks").getByRole("button", { name: "删除" }).click();
    await save(security, "南门改了位置，以前量的不算了");
    expect((await settings()).walks).toEqual([]);
  });

  it("an end of the amnesty is a day in the community's zone, stands in the record, and is taken back", async () => {
    await security.getByLabel("家庭自配卡可以免问换卡").fill("2099-03-31");
    await save(security, "给大家三个月时间把自配卡换掉");
    expect((await settings()).amnestyUntil).toBe(Date.parse("2099-03-31T23:59:59+08:00"));
    await lines(security).filter({ hasText: "免问换卡到" }).first().waitFor();
    await security.getByRole("button", { name: "撤销最近一次修改" }).click();
    await lines(security).filter({ hasText: "不再免问换卡" }).waitFor();
    expect(await security.getByLabel("家庭自配卡可以免问换卡").inputValue()).toBe("");
    expect((await settings()).amnestyUntil).toBeUndefined();
  });

  it("what was tried says so once the numbers are others", async () => {
    await security.getByLabel("多少分列为留意").fill("6");
    await security.getByRole("button", { name: "用过去的记录试一试" }).click();
    await security.getByText("比较了 0 次刷卡").waitFor({ timeout: TRIED_MS });
    await security.getByText("列出的案件完全相同。").waitFor();
    expect(await security.getByText("下面是改动之前的比较结果。").count()).toBe(0);
    await security.getByLabel("多少分列为留意").fill("7");
    await security.getByText("下面是改动之前的比较结果。").waitFor();
    await lookAt(security, "tuning", {
      prepare: () => security.getByText(/比较了 \d+ 次刷卡|taps were compared/).waitFor(),
    });
  });

  it("whoever saves over what somebody else saved meanwhile is told, and saves nothing", async () => {
    const { revision, walks } = await settings();
    await security.getByLabel("多少分列为留意").fill("8");
    const other = await signIn(await inviteStaff(api, "security"));
    await other.call(detectionEndpoints.change, {
      body: { tuned: { caseDays: 9 }, walks, reason: "别人在这之前已经先改了一次", revision },
    });
    await security.getByLabel("修改的理由").fill("我也想改一下留意的分数");
    await security.getByRole("button", { name: "保存" }).click();
    await security.getByText("别人刚改过这一条").waitFor();
    expect((await settings()).tuned).toEqual({ caseDays: 9 });
    await security.reload();
    await lines(security).filter({ hasText: "别人在这之前已经先改了一次" }).waitFor();
  });

  it("evidence is put under a hold by its number, or from a list by whoever may read lawful openings", async () => {
    const caseId = randomUUID();
    const opened = await changeBehind(
      join(stateDir, "community"),
      `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs)
       values ('${caseId}', decode(repeat('ab', 24), 'hex'), 1, 'uid', now(), now(), 'ask', 12, 0.97, '[]')`,
    );
    expect(opened).toBe(1);
    await security.goto(`${community.http}/cases/${caseId}`);
    await security.getByText("您的职责不能查看“依法开启”").waitFor();
    const keep = security.getByRole("button", { name: "保全证据" });
    expect(await keep.isDisabled()).toBe(true);
    await security.getByLabel("保全请求编号").fill(randomUUID());
    await keep.click();
    await security.locator(".ant-message-error").waitFor();
    await lookAt(security, "case, hold by number", {
      prepare: () => security.locator(".case-actions").waitFor(),
    });

    const { signIn: code } = await api.call(staffEndpoints.create, {
      body: { displayName: "安全兼档案", roles: ["security", "records"] },
    });
    const both = await openAs(code.link, `/cases/${caseId}`);
    await both.getByText("目前没有有效的保全").waitFor();
    expect(await both.getByLabel("保全请求编号").count()).toBe(0);
    await both.locator(".case-actions").getByRole("link", { name: "依法开启" }).click();
    await both.waitForURL(/\/openings/);
    await both.context().close();
  });
});
