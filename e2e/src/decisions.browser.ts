import {
  accessPointEndpoints,
  type DemoState,
  demoEndpoints,
  receptionEndpoints,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const TABLET = { width: 1024, height: 768 };
const SLOW = { timeout: 60_000 };
const DOOR = "1 号楼单元门";

/** What takes a person who answers for it, or two: keys, somebody shut out by a missed exit, how long visits are kept. */
describe("decisions of staff", () => {
  const run = makeRun("decisions");
  let demo: RunningDemo;
  let browser: Browser;
  let manager: Page;
  const watch: Watch = { troubles: [], foreign: [] };

  async function ask(page: Page, path: string, method: string, data?: unknown): Promise<unknown> {
    const answer = await page.context().request.fetch(demo.console + path, {
      method,
      ...(data === undefined ? {} : { data }),
      headers: { origin: demo.console },
    });
    expect(answer.ok(), path).toBe(true);
    return answer.status() === 204 ? undefined : await answer.json();
  }
  const takeDuty = (page: Page, duty: "operate" | "secure") =>
    ask(page, sessionEndpoints.changeDuty.path, sessionEndpoints.changeDuty.method, { duty });

  /** Somebody else of the staff, signed in in a browser of their own. */
  async function member(displayName: string, role: "guard" | "manager"): Promise<Page> {
    await takeDuty(manager, "secure");
    const made = (await ask(manager, staffEndpoints.create.path, "POST", { displayName, roles: [role] })) as {
      signIn: { link: string };
    };
    await takeDuty(manager, "operate");
    const page = await openPage(browser, watch, demo.console, TABLET);
    await page.goto(made.signIn.link);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    return page;
  }

  /** Whoever lives in the first building holds their card to its door. */
  async function tap(): Promise<void> {
    const { doors, people } = (await ask(manager, demoEndpoints.state.path, "GET")) as DemoState;
    const resident = people.find(
      ({ cards, dwellingName }) => dwellingName?.startsWith("1 号楼") && cards.length > 0,
    );
    await ask(manager, demoEndpoints.present.path, "POST", {
      personId: resident?.personId,
      accessPointId: doors.find(({ name }) => name === DOOR)?.accessPoints[0]?.accessPointId,
    });
  }

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ ...run, pace: 6 }), launchBrowser()]);
    manager = await openPage(browser, watch, demo.console);
    await manager.goto(demo.signInLink);
    await manager.getByRole("heading", { name: "此刻" }).waitFor();
    await ask(manager, demoEndpoints.pace.path, "POST", { perMinute: 0 });
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("keys: one asks for a new version, cannot agree alone, and a second person begins it", async () => {
    await takeDuty(manager, "operate");
    await manager.goto(`${demo.console}/credentials/keys`);
    await manager.getByRole("button", { name: "启用新版本" }).click();
    await manager.getByLabel("原因").click();
    await manager.getByTitle("安全").last().click();
    await manager.getByRole("button", { name: "启用新版本" }).click();
    await manager.getByText("您已提出，须另一人同意").waitFor();
    expect(await manager.getByRole("button", { name: "同意并启用" }).count()).toBe(0);
    await lookAt(manager, "keys that await a second person", {
      prepare: () => manager.locator(".mass-unlock__item").waitFor(),
    });

    const second = await member("第二位经理", "manager");
    await takeDuty(second, "operate");
    await second.goto(`${demo.console}/credentials/keys`);
    await second.getByRole("button", { name: "同意并启用" }).click();
    await second.getByLabel("原因").click();
    await second.getByTitle("安全").last().click();
    await second.getByRole("button", { name: "同意并启用" }).click();
    await second.getByText("新版本已启用").first().waitFor();
    await second.getByText(/提出，第二位经理 同意/).waitFor(SLOW);
    await expectFit(second, "keys that two persons changed");
  });

  it("a guard lets somebody in again who missed the way out, with a reason, and their next tap opens", async () => {
    await takeDuty(manager, "secure");
    // Whoever leaves shows a card there, too: without that nobody could know who is inside.
    const { items } = (await ask(manager, accessPointEndpoints.list.path, "GET")) as {
      items: (Record<"portalId" | "name" | "fromAreaId" | "toAreaId", string> & { minimumGrade: string })[];
    };
    for (const { portalId, name, fromAreaId, toAreaId, minimumGrade } of items) {
      if (name !== `${DOOR}进`) continue;
      const out = { portalId, name: `${DOOR}出`, fromAreaId: toAreaId, toAreaId: fromAreaId, minimumGrade };
      await ask(manager, accessPointEndpoints.create.path, "POST", out);
    }
    await manager.goto(`${demo.console}/doors/rules`);
    await manager.getByRole("button", { name: "修改：1 号楼楼内" }).click();
    await manager.getByText("限时：进入后一段时间内不能再进").click();
    await manager.getByLabel("多少分钟内不能再进").fill("5");
    await expectFit(manager, "an area with a time limit");
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    await manager.getByText("重复进入：5 分钟内拒绝").waitFor();

    const guard = await member("夜班甲", "guard");
    await guard.goto(`${demo.console}/guard`);
    const refused = guard.getByRole("button", { name: "出门漏刷，准予再进" }).first();
    await expect
      .poll(async () => {
        await tap();
        await guard.waitForTimeout(1_500);
        return refused.isVisible();
      }, SLOW)
      .toBe(true);
    await refused.click();
    await guard.getByText("为什么准予再进？").waitFor();
    await expectFit(guard, "forgiving at the door");
    await guard.getByRole("button", { name: "住户要求" }).click();
    await guard.getByText("已执行").first().waitFor(SLOW);
    const opened = guard.locator(".event-row", { hasText: "通过" });
    const before = await opened.count();
    await tap();
    await expect.poll(() => opened.count(), SLOW).toBeGreaterThan(before);
  });

  it("how long visits are kept is changed with a reason that residents see", async () => {
    await takeDuty(manager, "operate");
    await manager.goto(`${demo.console}/settings#reception-settings`);
    const section = manager.getByRole("region", { name: "访客接待" });
    await section.getByRole("button", { name: "修改" }).click();
    await section.getByLabel("保存几天（1 至 30）").fill("7");
    await section.getByLabel("原因").click();
    await manager.getByTitle("更正").last().click();
    await expectFit(manager, "reception settings");
    await section.getByRole("button", { name: "保存" }).click();
    await section.getByText("来访记录离开后保存 7 天，然后删除。").waitFor();
    const settings = await ask(manager, receptionEndpoints.settings.path, "GET");
    expect(settings).toMatchObject({ retentionDays: 7 });
  });

  it("nothing in the pages went wrong, and nothing foreign was asked for", () => {
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
