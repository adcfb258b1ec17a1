import { eventually } from "@menshen/testkit/system";
import { type DemoState, demoEndpoints, sessionEndpoints, staffEndpoints } from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { expectFit, LOOKS, lookAt, wear } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const TABLET = { width: 1024, height: 768 };
const TELEPHONE = { width: 390, height: 844 };
/** What gates say of themselves, and what a demonstration's people do, takes its time on a slow machine. */
const SLOW = { timeout: 90_000 };

/** A guard's night at the demonstration, on a tablet: two guards, and the manager who prepared it by day. */
describe("the guard's screen", () => {
  const { runId, stateDir } = makeRun("guard");
  let demo: RunningDemo;
  let browser: Browser;
  let manager: Page;
  let page: Page;
  let colleague: Page;
  const watch: Watch = { troubles: [], foreign: [] };

  async function ask(path: string, method: string, data: unknown): Promise<unknown> {
    const answer = await manager.context().request.fetch(demo.console + path, {
      method,
      data,
      headers: { origin: demo.console },
    });
    expect(answer.ok(), path).toBe(true);
    return answer.status() === 204 ? undefined : await answer.json();
  }

  /** Acts on the virtual site beside the pages, so that it also works while one has no network. */
  const control = (path: string, body: Readonly<Record<string, unknown>>) => ask(path, "POST", body);
  const takeDuty = (duty: "operate" | "secure") =>
    ask(sessionEndpoints.changeDuty.path, sessionEndpoints.changeDuty.method, { duty });

  async function siteState(): Promise<DemoState> {
    const answer = await manager.context().request.get(demo.console + demoEndpoints.state.path);
    return (await answer.json()) as DemoState;
  }

  async function doorNamed(name: string): Promise<string> {
    const door = (await siteState()).doors.find((candidate) => candidate.name === name);
    if (door === undefined) throw new Error(`no door named \`${name}\``);
    return door.portalId;
  }

  /** Somebody of a building holds a card to its door, and passes. */
  async function comeHome(building: string, doorName: string): Promise<void> {
    const { doors, people } = await siteState();
    const point = doors.find(({ name }) => name === doorName)?.accessPoints[0];
    const resident = people.find(
      ({ cards, dwellingName }) => dwellingName?.startsWith(building) && cards.length > 0,
    );
    await control(demoEndpoints.present.path, {
      personId: resident?.personId,
      accessPointId: point?.accessPointId,
    });
  }

  async function gateNamed(name: string): Promise<string> {
    const gate = (await siteState()).gates.find((candidate) => candidate.name === name);
    if (gate === undefined) throw new Error(`no gate named \`${name}\``);
    return gate.gateId;
  }

  /** A tablet on which a guard of this name signed in. */
  async function guardNamed(displayName: string): Promise<Page> {
    const made = (await ask(staffEndpoints.create.path, "POST", { displayName, roles: ["guard"] })) as {
      signIn: { link: string };
    };
    const tablet = await openPage(browser, watch, demo.console, TABLET);
    await tablet.goto(made.signIn.link);
    await tablet.getByRole("heading", { name: "此刻" }).waitFor();
    await tablet.goto(`${demo.console}/guard`);
    return tablet;
  }

  /** Looks at a page as it is now, in both languages, on the tablet and on a telephone. */
  async function lookOnDuty(name: string, prepare?: () => Promise<unknown>): Promise<void> {
    for (const look of LOOKS) {
      await wear(page, look);
      for (const size of [TABLET, TELEPHONE]) {
        await page.setViewportSize(size);
        await prepare?.();
        await expectFit(page, name);
      }
    }
    await wear(page, { language: "zh-CN", colorScheme: "light", widthPx: TABLET.width });
    await page.setViewportSize(TABLET);
  }

  const alarmOf = (kind: string, place: string): Locator =>
    page.locator(".alarm", { hasText: kind }).filter({ hasText: place }).first();

  /** Takes an alarm and closes it with what was found. */
  async function settle(kind: string, place: string, finding: string): Promise<void> {
    const alarm = alarmOf(kind, place);
    await alarm.getByRole("button", { name: /^我来处理/ }).click();
    await alarm.getByText("已接手").waitFor();
    await alarm.getByRole("button", { name: /^结束/ }).click();
    await alarm.getByRole("button", { name: finding, exact: true }).click();
    await alarm.getByRole("button", { name: "结束警报" }).click();
    await page.getByText(`已结束：${kind}，`).first().waitFor();
  }

  const banner = (tablet: Page, words: string) => tablet.locator(".lockdown-banner", { hasText: words });

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 6 }), launchBrowser()]);
    manager = await openPage(browser, watch, demo.console);
    await manager.goto(demo.signInLink);
    await manager.getByRole("heading", { name: "此刻" }).waitFor();
    // Passers-by would open doors that a guard opens, forces or holds in a step.
    await control(demoEndpoints.pace.path, { perMinute: 0 });
    await takeDuty("secure");
    page = await guardNamed("夜班甲");
    colleague = await guardNamed("早班乙");
  });

  // Whatever a step before left undone.
  beforeEach(async () => {
    await takeDuty("operate");
    await page.context().setOffline(false);
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(TABLET);
    await page.evaluate(() => localStorage.setItem("menshen.language", "zh-CN"));
    await page.goto(`${demo.console}/guard`);
    await page.getByRole("heading", { name: "门（8）" }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("was prepared by day: a lockdown plan, an area that is counted, what to do at an open door", async () => {
    await takeDuty("secure");
    await manager.goto(`${demo.console}/doors/lockdown`);
    await manager.getByRole("button", { name: "新增预案" }).click();
    await manager.getByLabel("名称").fill("全小区封锁");
    await manager.getByText("3 级：任何人都不能从外面进").click();
    await manager.getByLabel("封锁期间值班员要做什么").fill("守住北门，通知派出所。");
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    await manager.getByRole("heading", { name: "1. 全小区封锁" }).waitFor();
    await lookAt(manager, "lockdown plans");

    await manager.goto(`${demo.console}/doors/rules`);
    await manager.getByRole("button", { name: "修改：1 号楼楼内" }).click();
    await manager.getByLabel("最多容纳几人").fill("200");
    await manager.getByText("照常放行并标记，恢复后再核对").waitFor();
    await expectFit(manager, "rules of an area");
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    // Whoever leaves presses a button there.
    await manager.getByText("有的门出来时不刷卡").waitFor();
    await manager.getByLabel("最多容纳几人").fill("");
    await manager.getByLabel("统计里面有几人").check();
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    await manager.getByText("统计人数").waitFor();

    await takeDuty("operate");
    await manager.goto(`${demo.console}/doors/alarms`);
    await manager.getByRole("button", { name: "修改: 门久开未关" }).click();
    await manager.getByLabel("中文说明").fill("先看有没有人搬东西，再去关门。");
    await manager.getByLabel("英文说明").fill("See whether somebody is carrying things, then close it.");
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    await manager.getByText("本小区自写").waitFor();
  });

  it("shows every door on the plan and in a list, live, and says that sound is off", async () => {
    await page.locator(".guard__connection").getByText("实时").waitFor();
    await expect.poll(() => page.locator(".plan-door").count(), SLOW).toBe(8);
    await page.getByRole("button", { name: "警报声已关" }).click();
    await page.getByRole("button", { name: "警报声已开" }).waitFor();
    await page.getByText("列表", { exact: true }).click();
    await expect.poll(() => page.locator(".door-tile").count(), SLOW).toBe(8);
    await page.getByText("平面图", { exact: true }).click();
  });

  it("begins a shift", async () => {
    await page.getByRole("button", { name: "交接班" }).click();
    await page.getByRole("button", { name: "开始当班" }).click();
    await page.getByRole("button", { name: "结束当班" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "结束当班" }).waitFor({ state: "detached" });
  });

  it("opens a door for somebody, from the keyboard, and says what the gate saw of it", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "搜索" }).fill("开车库");
    await page.getByRole("option", { name: "开门：车库入口" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "住户要求", exact: true }).focus();
    await page.keyboard.press("Enter");
    await page.locator(".commands__list").getByText("锁已释放").first().waitFor(SLOW);
    await page.locator(".commands__list").getByText("锁已释放，没有人开门").waitFor(SLOW);
    await page.keyboard.press("Escape");
    await page.locator(".commands__list").waitFor({ state: "detached" });
  });

  it("rings for a forced door; a guard takes it, and closes it with what was found", async () => {
    await control(demoEndpoints.force.path, { portalId: await doorNamed("3 号楼单元门") });
    const alarm = alarmOf("门被强行打开", "3 号楼单元门");
    await alarm.waitFor(SLOW);
    await alarm.getByText("危险 2 级").waitFor();
    await lookOnDuty("guard, forced door");
    await settle("门被强行打开", "3 号楼单元门", "误报");
  }, 180_000);

  it("says of a door that is held open what this community wants done, and when it is shut again", async () => {
    await control(demoEndpoints.hold.path, { portalId: await doorNamed("2 号楼单元门"), seconds: 40 });
    const alarm = alarmOf("门久开未关", "2 号楼单元门");
    await alarm.waitFor(SLOW);
    await alarm.getByText("先看有没有人搬东西，再去关门。").waitFor();
    await alarm.getByText("现已结束").waitFor(SLOW);
    await settle("门久开未关", "2 号楼单元门", "使用不当");
  }, 240_000);

  it("counts who is inside, and in a fire gives the list of them to whoever is on duty", async () => {
    const counts = page.locator(".area-counts", { hasText: "1 号楼楼内" });
    await counts.getByText(/^\d+ 人$/).waitFor(SLOW);
    await comeHome("1 号楼", "1 号楼单元门");
    await counts.getByText(/^[1-9]\d* 人$/).waitFor(SLOW);
    const gateId = await gateNamed("北门岗亭");
    await control(demoEndpoints.fire.path, { gateId, on: true });
    await page.locator(".alarm", { hasText: "消防释放" }).first().waitFor(SLOW);
    await page.getByRole("link", { name: "打开在场名单" }).click(SLOW);
    await page.getByText(/共 [1-9]\d* 人，/).waitFor();
    await page
      .getByRole("cell", { name: /^1 号楼 / })
      .first()
      .waitFor();
    await lookOnDuty("muster list", () => page.locator(".muster").waitFor());
    await page.getByRole("link", { name: "返回值班页" }).click();
    await lookOnDuty("guard, fire", () => page.locator(".muster-call").waitFor());
    await control(demoEndpoints.fire.path, { gateId, on: false });
    await page.locator(".muster-call").waitFor({ state: "detached", ...SLOW });
    const fire = page.locator(".alarm", { hasText: "消防释放" });
    await expect.poll(() => fire.filter({ hasText: "仍在持续" }).count(), SLOW).toBe(0);
  }, 300_000);

  it("plays a lockdown as a drill, which everybody sees as one and no door hears of", async () => {
    await page.getByRole("button", { name: "封锁", exact: true }).click();
    await page.getByText("演练", { exact: true }).click();
    await page.getByRole("button", { name: "开始演练: 全小区封锁" }).click();
    await page.getByRole("button", { name: "测试", exact: true }).click();
    await banner(page, "演练中").getByText("演练只作记录和显示，门不会动作。").waitFor();
    await manager.goto(`${demo.console}/events`);
    await manager.locator(".lockdown-strip", { hasText: "演练中" }).waitFor();
    expect(await page.locator(".plan-door[aria-label*='封锁']").count()).toBe(0);
    await lookOnDuty("guard, drill", () => page.locator(".lockdown-banner--drill").first().waitFor());
    await page.getByRole("button", { name: "结束演练" }).click();
    await page.getByRole("button", { name: "测试", exact: true }).click();
    await banner(page, "演练中").waitFor({ state: "detached" });
  });

  it("starts a lockdown alone, and ends it before its time with a second person", async () => {
    await page.getByRole("button", { name: "封锁", exact: true }).click();
    await page.getByRole("button", { name: "启动: 全小区封锁" }).click();
    await page.getByRole("button", { name: "安全", exact: true }).click();
    await banner(page, "封锁中").getByText("8 扇门中 8 扇已执行").waitFor(SLOW);
    await page.locator(".plan-door[aria-label*='封锁 3 级']").first().waitFor(SLOW);
    await lookOnDuty("guard, lockdown", () => page.locator(".lockdown-banner").first().waitFor());
    await page.getByRole("button", { name: "请求提前解除" }).click();
    await page.getByRole("button", { name: "安全", exact: true }).click();
    await banner(page, "封锁中").getByText("您已请求提前解除，等另一人同意。").waitFor();
    expect(await page.getByRole("button", { name: "同意解除" }).count()).toBe(0);
    await banner(colleague, "封锁中").getByText("夜班甲 请求提前解除，须另一人同意。").waitFor(SLOW);
    await colleague.getByRole("button", { name: "同意解除" }).click();
    await colleague.getByRole("button", { name: "安全", exact: true }).click();
    await banner(colleague, "封锁中").waitFor({ state: "detached" });
    await banner(page, "封锁中").waitFor({ state: "detached", ...SLOW });
    await expect.poll(() => page.locator(".plan-door[aria-label*='封锁']").count(), SLOW).toBe(0);
    await manager.goto(`${demo.console}/doors/lockdown`);
    await manager.getByText(/提前，夜班甲 与 早班乙/).waitFor();
    await manager.getByText("演练 · 全小区封锁").waitFor();
  }, 240_000);

  it("opens many doors at once with a second person, and they return by themselves", async () => {
    await page.getByRole("button", { name: "封锁", exact: true }).click();
    await page.getByRole("button", { name: "全部 8 扇门" }).click();
    await page.getByLabel("开多少分钟").fill("1");
    await page.getByRole("button", { name: "请求打开" }).click();
    await page.getByRole("button", { name: "紧急", exact: true }).click();
    await page.getByText("您请求打开 8 扇门 1 分钟，等另一人同意。").waitFor();
    await colleague.getByText("夜班甲 请求打开 8 扇门 1 分钟，须另一人同意。").waitFor(SLOW);
    await colleague.getByRole("button", { name: "同意打开" }).click();
    await colleague.getByRole("button", { name: "紧急", exact: true }).click();
    const item = page.locator(".mass-unlock__item");
    await item.getByText("8 扇门开着，夜班甲 与 早班乙 决定").waitFor(SLOW);
    await item.waitFor({ state: "detached", timeout: 120_000 });
  }, 300_000);

  it("takes a visitor in and lets them out again, with the least that is needed", async () => {
    await page.goto(`${demo.console}/reception`);
    await page.getByRole("button", { name: "登记临时访客" }).click();
    await page.getByLabel("去哪一户").fill("1 号楼 101");
    await page.getByRole("button", { name: "登记并放行" }).click();
    await page.getByText("在里面（1 人）").waitFor();
    await lookOnDuty("reception", () =>
      page.getByRole("button", { name: /^(登记离开|Check out)/ }).waitFor(),
    );
    await page.getByRole("button", { name: /^登记离开/ }).click();
    await page.getByText("今天已离开（1）").waitFor();
  });

  it("hands over to the next shift: a note stands until somebody settles it", async () => {
    await page.getByRole("button", { name: "交接班" }).click();
    await page.getByRole("textbox", { name: "写给下一班" }).fill("东门门磁松动，已报修");
    await page.getByRole("button", { name: "记下" }).click();
    await page.getByRole("listitem").filter({ hasText: "东门门磁松动，已报修" }).waitFor();
    await page.getByRole("button", { name: "结束当班" }).click();
    await page.getByRole("button", { name: "开始当班" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "开始当班" }).waitFor({ state: "detached" });
    await colleague.getByRole("button", { name: "交接班" }).click();
    await colleague.getByRole("button", { name: "开始当班" }).click();
    const note = colleague.getByRole("listitem").filter({ hasText: "东门门磁松动，已报修" });
    await note.getByRole("button", { name: /^已办/ }).click();
    await note.waitFor({ state: "detached" });
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
    await page.setViewportSize(TABLET);
    await page.getByRole("link", { name: "夜间大屏" }).click();
    await lookAt(page, "guard at night");
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
