import { type Api, signIn } from "@menshen/testkit/system";
import {
  consentNoticeEndpoints,
  demoEndpoints,
  residentInvitationEndpoints,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

/** Being asked, saying yes and no: on the phone by keyboard alone, and on paper at the desk. */
describe("consent", () => {
  const { runId, stateDir } = makeRun("consent");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let desk: Api;
  let browser: Browser;
  let own: Page;
  let founder: Page;
  let second: Page;
  let people: readonly { readonly personId: string; readonly name: string }[];
  let number: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    own = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    founder = await openPage(browser, watch, demo.console);
    second = await openPage(browser, watch, demo.console);
    desk = await signIn(demo.signInLink);
    people = (await desk.call(demoEndpoints.state, {})).people;
    const { items } = await desk.call(consentNoticeEndpoints.published, {});
    number = items.find(({ purpose }) => purpose === "service-contact")?.sha256.slice(0, 8) ?? "";
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  function person(place: number) {
    const found = people[place];
    if (found === undefined) throw new Error("the demonstration has too few people");
    return found;
  }

  /** Another member of staff, signed in by a link of their own. */
  async function signInAs(page: Page, displayName: string): Promise<void> {
    await desk.call(sessionEndpoints.changeDuty, { body: { duty: "secure" } });
    const made = await desk.call(staffEndpoints.create, { body: { displayName, roles: ["desk"] } });
    await desk.call(sessionEndpoints.changeDuty, { body: { duty: "operate" } });
    await page.goto(made.signIn.link);
    await page.getByRole("navigation").first().waitFor();
  }

  /** Presses a button as somebody does who has no pointer. */
  async function pressByKey(button: Locator): Promise<void> {
    await button.focus();
    await button.press("Enter");
  }

  it("E6 (FR 5): asked one by one, given and withdrawn by one key each, with receipts checked on the phone", async () => {
    const invitation = await desk.call(residentInvitationEndpoints.create, {
      params: { id: person(0).personId },
    });
    await joinByLink(own, invitation.link);
    await pressByKey(own.getByRole("link", { name: /我的同意/ }));
    const contact = own.getByRole("region", { name: "留一个联系方式，收社区通知" });
    await contact.getByText("没有同意").waitFor();
    // The notice stands there whole before anything can be agreed to, and nothing is ticked.
    await contact.getByText("不是必须的：不留也能住、能开门，通知会贴在楼道里。").waitFor();
    expect(await own.locator("input[type=checkbox]").count()).toBe(0);
    await pressByKey(contact.getByRole("button", { name: "同意这一项" }));
    await contact.getByText("已同意", { exact: true }).waitFor();
    await contact.getByLabel("号码或地址").fill("0571-12345678");
    await pressByKey(contact.getByRole("button", { name: "保存" }));
    await contact.getByText("已保存").waitFor();
    await pressByKey(contact.locator("summary", { hasText: "回执" }));
    await contact.getByText("签名有效，一个字都没有改过").waitFor();
    await lookAt(own, "consents-given", {
      prepare: () => own.locator(".consent").first().waitFor(),
    });
    await pressByKey(contact.getByRole("button", { name: "撤回" }));
    await contact.getByText("已撤回", { exact: true }).waitFor();
    expect(await contact.getByLabel("号码或地址").count()).toBe(0);
    await pressByKey(contact.locator("summary", { hasText: "撤回的回执" }));
    const ending = contact.locator("details").filter({ hasText: "撤回的回执" });
    await ending.getByText("签名有效，一个字都没有改过").waitFor();
  });

  it("E6 (FR 5): on paper, entered by one and confirmed by another, withdrawn at the desk by one key", async () => {
    await signInAs(founder, "服务台一");
    await signInAs(second, "服务台二");
    const { personId, name } = person(1);
    await founder.goto(`${demo.console}/consents`);
    await pressByKey(founder.getByRole("button", { name: "打印同意书" }).last());
    await founder.getByText("表格编号").waitFor();
    await lookAt(founder, "consent-form", {
      prepare: async () => {
        const form = founder.locator(".consent-paper");
        const button = founder.getByRole("button", { name: /打印同意书|Print the form/ });
        await expect.poll(async () => (await form.count()) + (await button.count())).toBeGreaterThan(0);
        if ((await form.count()) === 0) await button.last().click();
        await form.waitFor();
      },
    });
    await founder.goto(`${demo.console}/people?person=${personId}`);
    await pressByKey(founder.getByRole("button", { name: "住户来问" }));
    const sheet = founder.getByRole("region", { name: "同意与联系方式" });
    await pressByKey(sheet.getByRole("button", { name: "录入签好的纸质同意书" }));
    await sheet.getByLabel("哪一项").focus();
    await founder.keyboard.press("ArrowDown");
    const option = founder.locator(".ant-select-item-option", { hasText: "留一个联系方式" });
    await option.waitFor();
    await expect
      .poll(async () => {
        if (((await option.getAttribute("class")) ?? "").includes("option-active")) return true;
        await founder.keyboard.press("ArrowDown");
        return false;
      })
      .toBe(true);
    await founder.keyboard.press("Enter");
    await sheet.getByLabel(/表格编号/).fill("00000000");
    await founder.getByText("编号不是现行告知书的").waitFor();
    await sheet.getByLabel(/表格编号/).fill(number);
    await sheet.getByLabel(/表格编号/).press("Enter");
    await sheet.getByText("等待核对").waitFor();

    await second.goto(`${demo.console}/consents`);
    await pressByKey(second.getByRole("button", { name: "住户来问" }));
    const paper = second.getByRole("listitem").filter({ hasText: name });
    await pressByKey(paper.getByRole("button", { name: "与原件一致，确认" }));
    await second.getByText("没有等着核对的。").waitFor();

    await founder.reload();
    await pressByKey(founder.getByRole("button", { name: "住户来问" }));
    await sheet.getByText("已同意").waitFor();
    await pressByKey(sheet.getByRole("button", { name: "打印回执" }));
    await founder.getByText("回执由社区签名").waitFor();
    await pressByKey(founder.getByRole("button", { name: "关闭", exact: true }).last());
    await pressByKey(sheet.getByRole("button", { name: "撤回" }));
    await sheet.getByText("已撤回").first().waitFor();
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
