import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, killRun } from "@menshen/testkit/system";
import { type DemoState, demoEndpoints } from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { lookAt } from "./harness/looks.ts";

/** A guard's night at the demonstration, on a tablet. */
describe("the guard's screen", () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-guard-"));
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  const watch: Watch = { troubles: [], foreign: [] };

  /** Acts on the virtual site beside the page, so that it also works while the page has no network. */
  async function control(path: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    const answer = await page.context().request.post(demo.console + path, {
      data: body,
      headers: { origin: demo.console },
    });
    expect(answer.status(), path).toBe(204);
  }

  async function doorNamed(name: string): Promise<string> {
    const answer = await page.context().request.get(demo.console + demoEndpoints.state.path);
    const state = (await answer.json()) as DemoState;
    const door = state.doors.find((candidate) => candidate.name === name);
    if (door === undefined) throw new Error(`no door named \`${name}\``);
    return door.portalId;
  }

  beforeAll(async () => {
    demo = await startDemo({ runId, stateDir, pace: 6 });
    browser = await launchBrowser();
    page = await openPage(browser, watch, demo.console, { width: 1024, height: 768 });
    await page.goto(demo.signInLink);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    await page.goto(`${demo.console}/guard`);
  });

  afterAll(async () => {
    await browser?.close();
    demo?.process.child.kill("SIGTERM");
    await demo?.process.ended;
    killRun(runId);
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("shows every door on the plan and in a list, live, and says that sound is off", async () => {
    await page.getByRole("heading", { name: "门（8）" }).waitFor();
    await page.locator(".guard__connection").getByText("实时").waitFor();
    expect(await page.locator(".plan-door").count()).toBe(8);
    await page.getByRole("button", { name: "警报声已关" }).click();
    await page.getByRole("button", { name: "警报声已开" }).waitFor();
    await page.getByText("列表", { exact: true }).click();
    expect(await page.locator(".door-tile").count()).toBe(8);
    await page.getByText("平面图", { exact: true }).click();
  });

  it("opens a door for somebody, by keyboard, and says what the gate saw of it", async () => {
    await page.locator(".plan-door", { hasText: "车库入口" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "开门", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "住户要求", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".commands__list").getByText("锁已释放").first().waitFor({ timeout: 15_000 });
    await page.locator(".commands__list").getByText("锁已释放，没有人开门").waitFor({ timeout: 30_000 });
    await page.keyboard.press("Escape");
  });

  it("rings for a forced door; a guard takes it, and closes it with what was found", async () => {
    await control(demoEndpoints.force.path, { portalId: await doorNamed("3 号楼单元门") });
    const alarm = page.locator(".alarm", { hasText: "门被强行打开" }).filter({ hasText: "3 号楼单元门" });
    await alarm.waitFor({ timeout: 90_000 });
    await alarm.getByText("危险 2 级").waitFor();
    await alarm.getByRole("button", { name: /^我来处理/ }).click();
    await alarm.getByText("已接手").waitFor();
    await alarm.getByRole("button", { name: /^结束/ }).click();
    await alarm.getByRole("button", { name: "误报" }).click();
    await alarm.getByRole("button", { name: "结束警报" }).click();
    await alarm.waitFor({ state: "detached" });
    await page.getByText("已结束：门被强行打开，3 号楼单元门").waitFor();
  }, 120_000);

  it("begins a shift, leaves a note for the next and ends it", async () => {
    await page.getByRole("button", { name: "交接班" }).click();
    await page.getByRole("button", { name: "开始当班" }).click();
    await page.getByRole("textbox", { name: "写给下一班" }).fill("东门门磁松动，已报修");
    await page.getByRole("button", { name: "记下" }).click();
    await page.getByRole("listitem").filter({ hasText: "东门门磁松动，已报修" }).waitFor();
    await page.getByRole("button", { name: "结束当班" }).click();
    await page.getByRole("button", { name: "开始当班" }).waitFor();
    await page.keyboard.press("Escape");
  });

  it("says that the connection is lost, and afterwards that nothing was missed", async () => {
    const door = await doorNamed("北门");
    await page.context().setOffline(true);
    await page.locator(".guard__connection").getByText("起中断").waitFor();
    await page.getByText("恢复后会补上其间的记录").waitFor();
    await control(demoEndpoints.exit.path, { portalId: door });
    await page.context().setOffline(false);
    await page.locator(".guard__connection").getByText("实时").waitFor({ timeout: 30_000 });
    const notice = page.locator(".guard__break");
    await notice.getByText(/其间的 \d+ 条记录已补全/).waitFor();
    await page.getByText("门况", { exact: true }).click();
    await eventually("the exit in the break stands in the stream", 20_000, async () => {
      return (await page.locator(".event-row", { hasText: "按下出门按钮" }).count()) > 0;
    });
    await notice.getByRole("button", { name: "知道了" }).click();
    await notice.waitFor({ state: "detached" });
  });

  it("is whole and readable in both languages, by day and by night, on a desk and on a telephone", async () => {
    await lookAt(page, "guard");
    await page.getByRole("link", { name: "夜间大屏" }).click();
    await lookAt(page, "guard at night");
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
