import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Api, eventually, signIn } from "@menshen/testkit/system";
import {
  conformityEndpoints,
  ownersRollEndpoints,
  residentInvitationEndpoints,
  type StaffRole,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { pick } from "./harness/desks.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const WORDS = "电梯广告的收入去年没有公布，请公布收了多少、用在哪里。";
const ANSWER = "已约谈物业，三日内公布，并由业委会核对。";
/** The server looks at its clocks every half minute. */
const CLOCK_MS = 90_000;
const SEEN_MS = 60_000;

/** Complaints from the first word to the city's answer; days pass behind the server's back. */
describe("a complaint", () => {
  const { runId, stateDir } = makeRun("complaint");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let desk: Api;
  let browser: Browser;
  let company: Page;
  let committee: Page;
  let city: Page;
  let resident: Page;
  let complaintId: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    desk = await signIn(demo.signInLink);
    company = await staffPage("desk");
    committee = await staffPage("committee");
    city = await staffPage("supervisor");
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function staffPage(role: StaffRole): Promise<Page> {
    const page = await openPage(browser, watch, demo.console);
    const { signIn: invited } = await desk.call(staffEndpoints.create, {
      body: { displayName: `测试 ${role}`, roles: [role] },
    });
    await page.goto(invited.link);
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  /** Ten days went by, and nobody answered. */
  const letItsClockRun = () =>
    changeItsClock(
      `remind_first_at = remind_first_at - interval '11 days',
       remind_again_at = remind_again_at - interval '11 days', answer_by = answer_by - interval '11 days'`,
    );
  async function changeItsClock(set: string): Promise<void> {
    const stores = join(stateDir, "community");
    expect(await changeBehind(stores, `update complaint set ${set} where id = '${complaintId}'`)).toBe(1);
  }

  /** A list that is loaded anew until something stands in it. */
  async function comesTo(page: Page, path: string, found: Locator): Promise<void> {
    await eventually(`it stands at ${path}`, CLOCK_MS, async () => {
      await page.goto(`${demo.console}${path}`);
      await page.locator("h1").first().waitFor();
      return found
        .first()
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    });
  }

  /** A complaint with its receipt checked, in either language. */
  const shown = (page: Page) => page.locator(".complaint-check .ms-state--granted").nth(2).waitFor();
  const lineOf = (page: Page) => page.locator(`a[href$="/complaints/${complaintId}"]`);

  it("is written by a resident, who has a signed receipt at once and finds it in the public log", async () => {
    const { items } = await desk.call(ownersRollEndpoints.list, {});
    const params = { id: items.find(({ kind }) => kind === "persons")?.persons[0]?.id ?? "" };
    const invitation = await desk.call(residentInvitationEndpoints.create, { params });
    resident = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await joinByLink(resident, invitation.link);
    await resident.goto(`${demo.console}/resident/#/complaints`);
    await resident.getByText("还没有写过").waitFor();
    await lookAt(resident, "resident complaints none");
    await resident.setViewportSize({ width: 390, height: 844 });
    await resident.getByRole("link", { name: "写投诉或举报" }).click();
    await resident.getByRole("button", { name: "发出" }).click();
    await resident
      .getByText("还缺：是什么、关于什么、针对谁、交给谁答复、请写下事情、要不要写名字。")
      .waitFor();
    await lookAt(resident, "resident complaint form");
    await resident.setViewportSize({ width: 390, height: 844 });
    await resident.getByRole("radio", { name: "投诉或建议" }).check();
    await resident.getByLabel("关于什么").selectOption({ label: "收费和公共收益" });
    await resident.getByRole("radio", { name: "针对一个单位" }).check();
    await resident
      .getByRole("group", { name: "哪个单位" })
      .getByRole("radio", { name: "市区主管部门" })
      .check();
    // Those it is about cannot get it.
    const to = resident.getByRole("group", { name: "交给谁答复" });
    expect(await to.getByRole("radio", { name: "市区主管部门" }).isDisabled()).toBe(true);
    await resident.getByRole("radio", { name: "不针对具体的人或单位" }).check();
    await to.getByRole("radio", { name: "物业公司" }).check();
    await resident.getByLabel("请写下事情").fill(WORDS);
    await resident.getByRole("radio", { name: "用我的名字" }).check();
    await resident.getByRole("button", { name: "发出" }).click();
    await resident.getByRole("heading", { name: "已收到，这是回执" }).waitFor();
    await resident.getByText("回执是真的").waitFor();
    await resident.getByText("一字未改").waitFor();
    await resident.getByText(/公开日志第 \d+ 条就是它/).waitFor({ timeout: SEEN_MS });
    await expectFit(resident, "resident complaint receipt");
    const [saved] = await Promise.all([
      resident.waitForEvent("download"),
      resident.getByRole("button", { name: "保存回执" }).click(),
    ]);
    expect(saved.suggestedFilename()).toMatch(/^menshen-complaint-[0-9A-F]{8}\.json$/);
    expect(JSON.parse(readFileSync(await saved.path(), "utf8"))).toMatchObject({
      format: "menshen complaint v1",
      text: WORDS,
    });
    await resident.getByRole("link", { name: "看投诉的进展" }).click();
    await resident.getByText("等物业公司答复，还有 10 天").waitFor();
    complaintId = new URL(resident.url()).hash.split("/").at(-1) ?? "";
    await lookAt(resident, "resident complaint waiting", { prepare: () => shown(resident) });
  });

  it("stands in the company's queue by its day, and rises by itself when nobody answers", async () => {
    await comesTo(company, "/complaints", lineOf(company));
    // The fifth day begins: the body is reminded on every screen, not only in its queue.
    await changeItsClock("remind_first_at = now()");
    await comesTo(company, "/settings", company.getByText("您这一方有 1 件投诉快到期或已逾期。"));
    await company.goto(`${demo.console}/complaints`);
    await company.getByText("已提醒").waitFor();
    await lookAt(company, "console complaints company", {
      prepare: () => company.locator(".complaint-line").first().waitFor(),
    });
    await letItsClockRun();
    await comesTo(committee, "/complaints", lineOf(committee));
    await committee.goto(`${demo.console}/committee`);
    const risen = committee.getByRole("region", { name: "转到业委会的投诉" });
    await risen.getByText("下一级到期没答复，自动转来").waitFor();
    await lookAt(committee, "console committee complaints", {
      prepare: () => committee.locator(".complaint-line").first().waitFor(),
    });
    await company.goto(`${demo.console}/complaints`);
    await company.getByText("收费和公共收益").first().waitFor();
    expect(await lineOf(company).count()).toBe(0);
    await letItsClockRun();
    await comesTo(city, "/", lineOf(city));
    await lookAt(city, "console complaints city", {
      prepare: () => city.locator(".complaint-line").first().waitFor(),
    });
    await resident.goto(`${demo.console}/resident/#/complaints/${complaintId}`);
    await resident.reload();
    await resident.getByText("业主委员会没有按时答复，已自动转给市区主管部门。").waitFor();
    await lookAt(resident, "resident complaint rose", { prepare: () => shown(resident) });
  });

  it("is answered by the city, and closed because its writer says that it will do", async () => {
    await city.goto(`${demo.console}/complaints/${complaintId}`);
    await city.getByText(WORDS).waitFor();
    await city.getByRole("button", { name: "发出答复" }).waitFor();
    expect(await city.getByRole("button", { name: "发出答复" }).isDisabled()).toBe(true);
    await lookAt(city, "console complaint", {
      prepare: () => city.locator(".complaint-words").first().waitFor(),
    });
    await city.locator(".view-ask").getByRole("button", { name: "投诉", exact: true }).click();
    await city.locator(".facts dd").filter({ hasText: "…" }).waitFor({ state: "detached" });
    await city.getByLabel("答复的话").fill(ANSWER);
    await city.getByRole("button", { name: "发出答复" }).click();
    await city.getByText("等写信人评价").waitFor();
    // The first screen says so, and leads there. The tile below names answers too: only the whole name is the link's.
    await resident.goto(`${demo.console}/resident/#/home`);
    await resident.reload();
    await resident.getByText("您的投诉有答复了").waitFor();
    await resident.setViewportSize({ width: 390, height: 844 });
    await expectFit(resident, "resident home answered");
    await resident.getByRole("link", { name: "看答复", exact: true }).click();
    await resident.getByRole("heading", { name: "这个答复，您满意吗？" }).waitFor();
    await resident.getByText(ANSWER).first().waitFor();
    await lookAt(resident, "resident complaint answered", { prepare: () => shown(resident) });
    await resident.getByRole("button", { name: "满意，结束" }).click();
    await resident.getByText("已结束，您表示满意").waitFor();
    await city.reload();
    await city.getByText("写信人满意").waitFor();
    await city.goto(`${demo.console}/complaints`);
    await city.getByText("已答复", { exact: true }).click();
    await lineOf(city).waitFor();
    // Its writer reads that the city looked.
    await resident.goto(`${demo.console}/resident/#/looks`);
    await resident.getByText("处理投诉").first().waitFor();
    const { items } = await desk.call(conformityEndpoints.read, {});
    const states = items.filter(({ id }) => id === "K1" || id === "K2");
    expect(states).toMatchObject([
      { id: "K1", breaches: 0 },
      { id: "K2", breaches: 0 },
    ]);
  });

  it("is written without a name on the public page, kept from whom it is about, and followed by its code", async () => {
    const stranger = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await stranger.goto(`${demo.console}/public/complaints`);
    await lookAt(stranger, "public complaints");
    await stranger.setViewportSize({ width: 390, height: 844 });
    await stranger.getByRole("radio", { name: "投诉或建议" }).check();
    await stranger.getByLabel("关于什么").selectOption({ label: "工作人员的言行" });
    await stranger.getByRole("radio", { name: "针对一名工作人员" }).check();
    await stranger.getByLabel("工作人员的名字").fill("没有这个人");
    await stranger
      .getByRole("group", { name: "交给谁答复" })
      .getByRole("radio", { name: "物业公司" })
      .check();
    await stranger.getByLabel("请写下事情").fill("昨晚前台说话很难听。");
    await stranger.getByRole("button", { name: "发出" }).click();
    await stranger.getByText("名字要和工牌上一样").waitFor();
    await stranger.getByLabel("工作人员的名字").fill("测试desk");
    await stranger.getByRole("button", { name: "发出" }).click();
    await stranger.getByRole("heading", { name: "已收到，这是回执" }).waitFor();
    await stranger.getByText(/公开日志第 \d+ 条就是它/).waitFor({ timeout: SEEN_MS });
    await expectFit(stranger, "public complaint receipt");
    const code = (await stranger.locator(".complaint-code").textContent()) ?? "";
    const [saved] = await Promise.all([
      stranger.waitForEvent("download"),
      stranger.getByRole("button", { name: "保存回执" }).click(),
    ]);
    await company.goto(`${demo.console}/complaints`);
    await company.getByText("收费和公共收益").first().waitFor();
    expect(await company.getByText("工作人员的言行").count()).toBe(0);

    await stranger.goto(`${demo.console}/public/complaints#follow`);
    await stranger.getByLabel("查询码").fill("0000-0000-0000-0000");
    await stranger.getByRole("button", { name: "查看" }).click();
    await stranger.getByText("没有这个查询码").waitFor();
    await stranger.getByLabel("查询码").fill(code.toLowerCase());
    await stranger.getByRole("button", { name: "查看" }).click();
    await stranger.getByText("等物业公司答复").waitFor();
    await stranger.getByText(/公开日志第 \d+ 条就是它/).waitFor();
    await expectFit(stranger, "public complaint followed");
    await stranger.goto(`${demo.console}/public/complaints#check`);
    const file = await saved.path();
    await stranger.getByLabel("回执文件").setInputFiles(file);
    await stranger.getByText("回执是真的").waitFor();
    await stranger.getByText(/由物业公司在 .* 前答复/).waitFor();
    await expectFit(stranger, "public complaint checked");
    const forged = JSON.parse(readFileSync(file, "utf8")).receipt.replace("property", "committee");
    await stranger.getByLabel("或粘贴回执文字").fill(forged);
    await stranger.getByRole("button", { name: "核对", exact: true }).click();
    await stranger.getByText("或者被改过").waitFor();
    // Nothing of it stays in the browser.
    expect(await stranger.evaluate("JSON.stringify(localStorage) + document.cookie")).not.toContain(
      "omplaint",
    );
  });

  it("comes on paper, and its writer takes home what a telephone would have kept", async () => {
    await company.goto(`${demo.console}/complaints`);
    await company.getByRole("button", { name: "录入纸质投诉" }).click();
    await lookAt(company, "console complaint paper", {
      prepare: () => company.locator(".complaint-desk textarea").waitFor(),
    });
    await pick(company, "是什么", "投诉或建议");
    await pick(company, "关于什么", "房屋和公共设施");
    await pick(company, "针对谁", "不针对具体的人或单位");
    await pick(company, "交给谁答复", "市区主管部门");
    await company.getByLabel("纸上写的话").fill("地下车库漏水，说了三次没人管。");
    await company.getByRole("button", { name: "录入并打印回执" }).click();
    await company.getByRole("heading", { name: "投诉回执" }).waitFor();
    const code = (await company.locator(".complaint-paper__code").textContent()) ?? "";
    await company.locator(".ms-qr[data-code]").waitFor();
    for (const width of [1440, 390]) {
      await company.setViewportSize({ width, height: 900 });
      await expectFit(company, "console complaint paper receipt");
    }
    await company.setViewportSize({ width: 1440, height: 900 });
    await company.emulateMedia({ media: "print" });
    expect(await company.getByRole("button", { name: "打印" }).isVisible()).toBe(false);
    await expectFit(company, "console complaint paper printed");
    await company.emulateMedia({ media: "screen" });
    const text = (await company.locator(".complaint-paper__exact").textContent()) ?? "";
    const reader = await openPage(browser, watch, demo.console);
    await reader.goto(`${demo.console}/public/complaints#check`);
    await reader.getByLabel("或粘贴回执文字").fill(text);
    await reader.getByRole("button", { name: "核对", exact: true }).click();
    await reader.getByText("回执是真的").waitFor();
    await reader.goto(`${demo.console}/public/complaints#follow`);
    await reader.getByLabel("查询码").fill(code);
    await reader.getByRole("button", { name: "查看" }).click();
    await reader.getByText("地下车库漏水，说了三次没人管。").waitFor();
    expect([watch.troubles, watch.foreign]).toEqual([[], []]);
  });
});
