import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { eventually, ROOT } from "@menshen/testkit/system";
import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { chooseReason } from "./harness/desks.ts";
import { expectFit, LOOKS, lookAt, seriousFindings, wear } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const PAGES = [
  "/",
  "/people",
  "/credentials",
  "/credentials/confirm",
  "/credentials/import",
  "/credentials/keys",
  "/credentials/keys/stolen-gate",
  "/credentials/keys/waiting",
  "/credentials/migration",
  "/credentials/phones",
  "/credentials/phones/residents",
  "/credentials/receipts",
  "/credentials/to-visit",
  "/doors",
  "/doors/alarms",
  "/doors/lockdown",
  "/doors/rules",
  "/guard",
  "/schedules",
  "/rules",
  "/events",
  "/changes",
  "/settings",
];
/** Longer than a page takes from one answer to the next question. */
const QUIET_MS = 300;
const LONGEST_READ_MS = 3_000;

/** The demonstration in a real browser: what a stranger sees after `npm start`. */
describe("the console", () => {
  const { runId, stateDir } = makeRun("browser");
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  const watch: Watch = { troubles: [], foreign: [] };
  const underWay = new Set<Request>();

  beforeAll(async () => {
    demo = await startDemo({ runId, stateDir, pace: 30 });
    browser = await launchBrowser();
    page = await openPage(browser, watch, demo.console);
    // The stream of what happens never ends.
    page.on("request", (request) => {
      if (request.resourceType() !== "eventsource") underWay.add(request);
    });
    page.on("requestfinished", (request) => void underWay.delete(request));
    page.on("requestfailed", (request) => void underWay.delete(request));
  });

  /** Until a page has what it asked for; one that asks on and on is looked at as it is. */
  async function quiet(): Promise<void> {
    const untilMs = performance.now() + LONGEST_READ_MS;
    let sinceMs = performance.now();
    while (performance.now() - sinceMs < QUIET_MS && performance.now() < untilMs) {
      await delay(20);
      if (underWay.size > 0) sinceMs = performance.now();
    }
  }

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("signs in by the one-time link and shows doors opening, live", async () => {
    await page.goto(demo.signInLink);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    expect(new URL(page.url()).hash).toBe("");
    await expect.poll(() => page.locator(".door-tile").count(), { timeout: 30_000 }).toBe(8);
    await page.locator(".event-row .ms-state--granted").first().waitFor({ timeout: 30_000 });
  });

  it("refuses a card that nobody enrolled, and says why and what to do", async () => {
    await page.getByRole("combobox", { name: "用什么卡" }).click();
    await page.getByTitle("没登记的卡").click();
    await page.getByRole("button", { name: "刷卡" }).click();
    const refused = page.locator(".event-row", { hasText: "拒绝" }).first();
    await refused.waitFor({ timeout: 15_000 });
    await refused.getByRole("button", { name: "为什么？" }).click();
    await page.getByText("怎样才能通过").waitFor();
    await page.keyboard.press("Escape");
  });

  it("raises an alarm for a forced door, in either language", async () => {
    await page.getByRole("button", { name: "强行打开" }).click();
    const alarm = (words: string) => page.locator(".needs__item", { hasText: words }).first();
    // People come and go: it takes a while until the door is shut, locked and forgotten by the exit.
    await alarm("门被强行打开").waitFor({ timeout: 90_000 });
    await page.locator(".door-tile--alarm", { hasText: "门被强行打开" }).first().waitFor();
    await page.evaluate(`localStorage.setItem("menshen.language", "en")`);
    await page.reload();
    await alarm("Forced open").waitFor();
    await page.evaluate(`localStorage.setItem("menshen.language", "zh-CN")`);
    await page.reload();
    await alarm("门被强行打开").waitFor();
  }, 120_000);

  it("takes the picture of the readme", async () => {
    mkdirSync(join(ROOT, "docs/images"), { recursive: true });
    await page.evaluate("scrollTo(0, 0)");
    await page.screenshot({ path: join(ROOT, "docs/images/console-live.png") });
  });

  it("finds people by the command palette, with the keyboard alone", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "搜索" }).fill("北门");
    await page.getByRole("option").first().waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/(doors|people|rules)\?/);
  });

  it("asks once why residents' data are looked at, and each of them is told", async () => {
    await page.goto(`${demo.console}/people`);
    await page.getByText("您要查看住户信息，请说明为什么。").first().waitFor();
    expect(await page.getByRole("table").count()).toBe(0);
    // By keyboard alone: the first reason is a Tab away from the page's beginning.
    await page.getByRole("button", { name: "住户来问" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("table").first().waitFor();
    await page.getByText("正在查看住户信息，原因：").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole("link", { name: "凭证", exact: true }).click();
    await page.getByRole("table").first().waitFor();
    await page.getByText("正在查看住户信息，原因：").waitFor();
    // Anything else ends the task.
    await page.getByRole("link", { name: "门", exact: true }).click();
    await page.getByRole("heading", { name: "门", exact: true }).first().waitFor();
    await page.getByRole("link", { name: "住户", exact: true }).click();
    await page.getByText("您要查看住户信息，请说明为什么。").first().waitFor();
  });

  /** Picks a duty in the menu under the own name; a menu that a page's own news closed is opened again. */
  async function takeDuty(duty: string): Promise<void> {
    const person = page.getByRole("button", { name: /管理员/ });
    await eventually(`the duty ${duty}`, 60_000, async () => {
      if ((await person.textContent())?.includes(duty) === true) return true;
      await person.click();
      const item = page.getByRole("menuitem", { name: duty });
      await item.click({ timeout: 5_000 }).catch(() => undefined);
      const taken = person.filter({ hasText: duty });
      await taken.waitFor({ timeout: 5_000 }).catch(() => undefined);
      return false;
    });
  }

  it("sets a door's mode with a reason, which the audit finds in words", async () => {
    await page.goto(demo.console);
    const tile = page.locator(".door-tile", { hasText: "车库入口" });
    const setMode = async (mode: string) => {
      await page.getByRole("button", { name: mode, exact: true }).click();
      await chooseReason(page, "维护");
      await page.getByRole("button", { name: mode, exact: true }).click();
    };
    await tile.click();
    await setMode("锁闭");
    await tile.getByText("设为锁闭").waitFor({ timeout: 15_000 });
    await setMode("恢复正常");
    await tile.getByText("设为锁闭").waitFor({ state: "detached", timeout: 15_000 });
    await page.keyboard.press("Escape");

    await page.goto(`${demo.console}/changes`);
    await page.getByText("这一页属于“审计”职责").waitFor();
    await page.getByRole("button", { name: "切换到“审计”" }).click();
    const change = page.getByRole("row", { name: /门模式：设定/ }).first();
    await change.getByText("维护").waitFor();
    await page.getByText("查看个人信息", { exact: true }).click();
    await page
      .getByRole("row", { name: /物业、经理.*名单.*住户来问/ })
      .first()
      .waitFor();
    await page.getByText("证据日志", { exact: true }).click();
    await page.getByRole("button", { name: "开始核对" }).click();
    await page.getByText("记录完好：与日志完全一致。").waitFor({ timeout: 30_000 });

    // Somebody with the machine rewrites why the mode was set: the check names the row.
    const changed = await changeBehind(
      join(stateDir, "community"),
      "update change set reason_code = 'emergency' where reason_code = 'maintenance'",
    );
    expect(changed).toBe(2);
    await page.getByRole("button", { name: "开始核对" }).click();
    await page.getByText("记录被动过：发现 2 处不符。").waitFor({ timeout: 30_000 });
    const named = page.getByText(/^变更记录第 \d+ 行被改过（日志第 \d+ 条）。$/);
    await expect.poll(() => named.count(), { timeout: 30_000 }).toBe(2);
    await lookAt(page, "auditor planted change", {
      prepare: async () => {
        const state = page.getByText(/^(证据日志|Evidence log)$/).last();
        if ((await page.locator(".check-result").count()) === 0) await state.click();
        await page.getByRole("button", { name: /^(开始核对|Verify now)$/ }).click();
        await page.locator(".check-result.ant-alert-error").waitFor();
      },
    });
    await changeBehind(
      join(stateDir, "community"),
      "update change set reason_code = 'maintenance' where reason_code = 'emergency'",
    );
    await takeDuty("运营");
    await page.getByText("这一页属于“审计”职责").waitFor();
  });

  it("says that owners vote on how long records are kept, in both languages", async () => {
    await page.goto(`${demo.console}/settings`);
    await takeDuty("安全");
    const section = page.getByRole("region", { name: "管理、查看与设备记录" });
    await section.getByText("400 天", { exact: true }).waitFor();
    await section.getByRole("button", { name: "更改" }).click();
    await section.getByRole("spinbutton").fill("184");
    await chooseReason(section, "维护");
    await section.getByRole("button", { name: "按此保存" }).click();
    await page.getByText("这件事由业主表决").first().waitFor();
    await section.getByRole("button", { name: "取消" }).click();
    await section.getByText("400 天", { exact: true }).waitFor();
    await lookAt(page, "settings, secure", {
      prepare: () => page.getByRole("heading", { name: /^(保存期限|How long anything is kept)$/ }).waitFor(),
    });
    await takeDuty("运营");
  });

  it("removes somebody, and deletes them for good; the receipt says until when sealed entries last", async () => {
    await page.goto(`${demo.console}/people`);
    await page.getByRole("button", { name: "住户来问" }).click();
    // The people, not their homes below: those may be there first.
    const people = page.getByRole("table").filter({ has: page.getByRole("columnheader", { name: "名称" }) });
    const first = people.getByRole("row").nth(1).getByRole("button");
    const name = await first.innerText();
    await first.click();
    await page.getByRole("button", { name: "移除此人" }).click();
    await page.getByText("已移除：").waitFor();
    await lookAt(page, "person removed", {
      prepare: async () => {
        await page.getByRole("button", { name: /^(住户来问|A resident asked)$/ }).click();
        await page.getByRole("heading", { name: /^(移除与删除|Removing and deleting)$/ }).waitFor();
      },
    });
    await page.getByRole("button", { name: "住户来问" }).click();
    await page.getByRole("button", { name: "立即彻底删除" }).click();
    await chooseReason(page, "住户要求");
    await page.getByRole("button", { name: "立即彻底删除" }).click();
    const receipt = page.getByRole("status").filter({ hasText: "删除回执" });
    await receipt.getByText("此前的通行记录封存至").waitFor();
    await expectFit(page, "erasure receipt");
    await page.keyboard.press("Escape");
    await page.getByRole("checkbox", { name: "已移除的住户" }).check();
    await page.getByText("没有符合条件的住户").waitFor();
    expect(await page.getByText(name, { exact: true }).count()).toBe(0);
  });

  it.each(LOOKS)(
    "has no serious accessibility finding on any page in $language, $colorScheme, $widthPx px",
    async (look) => {
      await wear(page, look);
      for (const path of PAGES) {
        await page.goto(demo.console + path);
        await page.locator("h1").first().waitFor();
        await quiet();
        await expectFit(page, `console ${path}`);
      }
    },
    240_000,
  );

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
