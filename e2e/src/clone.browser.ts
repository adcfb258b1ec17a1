import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { eventually, ROOT } from "@menshen/testkit/system";
import {
  CHANGE_REASON_HEADER,
  caseEndpoints,
  demoEndpoints,
  encodeChangeReason,
  type ResponseOf,
  residentInvitationEndpoints,
  sessionEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { readBehind } from "./harness/stored.ts";

/** From the first use of the copy; the machine of a test may be busy. */
const TOLD_WITHIN_MS = 30_000;
const REASON = "两处同时刷卡，请本人核对";
const TOO_FAST = "两次刷卡的间隔，比任何人走过去都短";
/** As somebody at the desk reads it off the card. */
const COPIED_NUMBER = "04 A1 B2 C3 D4 E5 F6";
const MERE_NUMBER = "只答出卡号，可能是复制卡";

/** A card of each kind is copied: what is only a number is found on the screen, what has keys is refused at the reader. */
describe("the copy of a card", () => {
  const { runId, stateDir } = makeRun("clone");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  /** Whose card is copied first. */
  let own: Page;
  let people: ResponseOf<typeof demoEndpoints.state>["people"];
  let entrance: { readonly accessPointId: string; readonly name: string };

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    page = await openPage(browser, watch, demo.console);
    await page.goto(demo.signInLink);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    const state = await ask<ResponseOf<typeof demoEndpoints.state>>("GET", demoEndpoints.state.path);
    people = state.people;
    const found = state.doors.find(({ name }) => name === "东门")?.accessPoints[0];
    if (found === undefined) throw new Error("the demonstration has no east gate");
    entrance = found;
    own = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  /** What an operation answers is the server's promise, checked by its own tests. */
  async function ask<T>(method: string, path: string, data?: object): Promise<T> {
    const headers = { [CHANGE_REASON_HEADER]: encodeChangeReason({ code: "test" }) };
    const response = await page.request.fetch(demo.console + path, { method, headers, data });
    expect(response.ok(), path).toBe(true);
    const text = await response.text();
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  const cases = async () =>
    (await ask<ResponseOf<typeof caseEndpoints.list>>("GET", caseEndpoints.list.path)).items;

  function holder(kind: string, place = 0) {
    const found = people.filter(({ cards }) => cards.some((card) => card.kind === kind))[place];
    const card = found?.cards.find((one) => one.kind === kind);
    if (found === undefined || card === undefined) throw new Error("the demonstration has too few cards");
    return { personId: found.personId, name: found.name, cardId: card.cardId };
  }

  /** Copies a card by the demonstration's own control. */
  async function copy(kind: string, place = 0): Promise<void> {
    const { name } = holder(kind, place);
    await page.goto(demo.console);
    await page.getByLabel("哪张卡").fill(name);
    await page
      .locator(".ant-select-item-option", { hasText: `${kind.toUpperCase()} · ${name}` })
      .first()
      .click();
    await page.getByRole("button", { name: "复制并使用" }).click();
  }

  async function openOwn(name: string): Promise<void> {
    await own.goto(`${demo.console}/resident/#/${name}`);
    await own.reload();
  }

  const section = (heading: string) =>
    page.locator("section", { has: page.getByRole("heading", { name: heading, exact: true }) });

  async function picture(name: string, of: Page): Promise<void> {
    mkdirSync(join(ROOT, "docs/images"), { recursive: true });
    await of.evaluate("scrollTo(0, 0)");
    await of.screenshot({ path: join(ROOT, `docs/images/${name}.png`) });
  }

  it("its holder reads their own passages beforehand", async () => {
    const { cardId, personId } = holder("uid");
    const path = residentInvitationEndpoints.create.path.replace(":id", personId);
    const { link } = await ask<{ link: string }>("POST", path);
    await joinByLink(own, link);
    // The gate learns the new key with its next keyring: until then a passage is wrapped to nobody.
    const passage = own.locator(".passage", { hasText: "东门" }).first();
    await eventually("an own passage", 60_000, async () => {
      await ask("POST", demoEndpoints.present.path, { cardId, accessPointId: entrance.accessPointId });
      await own.waitForTimeout(1_500);
      await openOwn("trail");
      await own.getByRole("button", { name: "再查一次" }).waitFor();
      return (await passage.count()) > 0;
    });
  });

  it("D7: of a bare number becomes a case within a few uses", async () => {
    await copy("uid");
    await eventually("a case", TOLD_WITHIN_MS, async () =>
      (await cases()).some(({ rules }) => rules.includes("R5")),
    );
    expect((await cases()).every(({ measures }) => measures.length === 0)).toBe(true);
    await page.goto(`${demo.console}/cases`);
    await page.getByText(TOO_FAST).first().waitFor();
    await lookAt(page, "cases");
    await page.locator(".plain-list a").first().click();
    await page.getByRole("heading", { name: "两张卡各自的刷卡记录" }).waitFor();
    await lookAt(page, "case", {
      prepare: () => page.locator(".case-plan img").waitFor(),
    });
    await page.locator(".case-plan img").waitFor();
    await picture("case", page);
  });

  it("D8: nothing is done about it but by a person, with a reason", async () => {
    const decide = section("决定");
    const reason = decide.getByLabel("理由（持卡人会看到）").first();
    await decide.getByRole("button", { name: "执行" }).click();
    await decide.getByText("请用一句话说明理由").first().waitFor();
    await decide.getByRole("button", { name: "我来处理" }).click();
    await decide.getByRole("button", { name: "退回队列" }).waitFor();
    await decide.getByLabel("措施").click();
    await page.locator(".ant-select-item-option", { hasText: "是您本人吗" }).click();
    await reason.fill(REASON);
    await decide.getByRole("button", { name: "执行" }).click();
    await decide.getByText(REASON).waitFor();
  });

  it("D7: the holder's own program knows it, and nobody else's", async () => {
    await openOwn("cards");
    await own.getByRole("heading", { name: "这些刷卡是您本人吗？" }).waitFor();
    await own.getByText(REASON).waitFor();
    for (const language of ["en", "zh-CN"]) {
      await own.evaluate((chosen) => localStorage.setItem("menshen.language", chosen), language);
      await own.reload();
      await own.getByText(REASON).waitFor();
      for (const width of [1440, 390]) {
        await own.setViewportSize({ width, height: 844 });
        await expectFit(own, "cards");
      }
    }
    await picture("resident-cards-zh-CN", own);
    await own.getByText("不是我", { exact: true }).click();
    await own.getByRole("button", { name: "答复" }).click();
    await own.getByText("已收到您的答复").waitFor();
    await page.reload();
    await page.getByText("持卡人答复：不是本人").waitFor();
    expect(await page.locator("main, body").first().textContent()).not.toContain(holder("uid").name);
  });

  it("of a card with keys is refused at the reader", async () => {
    await copy("desfire");
    await page.goto(demo.console);
    await page.getByText(MERE_NUMBER).first().waitFor({ timeout: 30_000 });
    const refused = page.locator(".event-row", { hasText: MERE_NUMBER }).first();
    expect(await refused.textContent()).toContain("拒绝");
    await lookAt(page, "demonstration", {
      prepare: () => page.locator(".event-row .ms-state--alarm").first().waitFor(),
    });
  });

  it("like another is put to it, and both end with a finding", async () => {
    await copy("uid", 1);
    await eventually("a second case", TOLD_WITHIN_MS, async () => {
      const found = await cases();
      return found.filter(({ rules }) => rules.includes("R5")).length > 1;
    });
    const [other] = (await cases()).filter(
      ({ answer, rules }) => rules.includes("R5") && answer === undefined,
    );
    await page.goto(`${demo.console}/cases/${other?.id}`);
    const decide = section("决定");
    await decide.getByRole("heading", { name: "相似的案件" }).waitFor();
    await lookAt(page, "case-similar", { prepare: () => page.locator(".case-plan img").waitFor() });
    await decide.getByRole("button", { name: "并入此案" }).first().click();
    const into = decide.getByRole("link", { name: "已并入另一案件" });
    await into.click();
    await decide.getByRole("heading", { name: "已并入此案的案件" }).waitFor();
    await decide.getByLabel("结论").click();
    await page.locator(".ant-select-item-option", { hasText: "他人复制" }).click();
    await decide.getByLabel("理由（持卡人会看到）").last().fill("持卡人到服务台核对，不是本人");
    await decide.getByRole("button", { name: "结案" }).click();
    await page.locator(".page-head", { hasText: "他人复制" }).waitFor();
    await lookAt(page, "case-closed", { prepare: () => page.locator(".page-head h1").waitFor() });
  });

  it("confirmed, what is known of it reaches the demonstration's city: its kind and delivery, and nobody", async () => {
    const known = section("被复制的卡");
    await known.getByLabel("卡号").fill(COPIED_NUMBER);
    await known.getByRole("button", { name: "记下" }).click();
    await known.getByText("完整卡号参与比对").waitFor();
    const cityDir = join(stateDir, "city");
    let reports: readonly Readonly<Record<string, unknown>>[] = [];
    await eventually("the city has the report", TOLD_WITHIN_MS, async () => {
      reports = await readBehind(
        cityDir,
        `select community.name, source, chip, issuer, encode(batch_prefix, 'hex') as batch, length(number_tag) as tag
           from report join community on community.id = community_id`,
      );
      return reports.length > 0;
    });
    expect(reports).toEqual([
      { name: "海棠苑", source: "case", chip: "uid", issuer: null, batch: "04a1b2", tag: 32 },
    ]);
    await known.getByText("已与城市核对，目前没有发现关联").waitFor({ timeout: TOLD_WITHIN_MS });
    await known.scrollIntoViewIfNeeded();
    await lookAt(page, "case-copied-card", {
      prepare: () => page.locator("#copied-card").waitFor(),
    });
    const officer = await openPage(browser, watch, demo.city);
    await officer.goto(demo.citySignInLink);
    // One community alone is nobody's business at the city.
    await officer.getByText("目前没有跨小区的复制卡").waitFor();
    await officer.getByRole("link", { name: "小区" }).click();
    await officer.getByText("海棠苑").waitFor();
    await lookAt(officer, "demo city communities", { prepare: () => officer.getByText("海棠苑").waitFor() });
    await officer.context().close();
  });

  it("lost by its holder is watched for, if the holder wants it", async () => {
    await openOwn("keys");
    await own.getByRole("button", { name: "丢了" }).first().click();
    await own.getByRole("button", { name: "挂失这张卡" }).click();
    await own.getByText("已挂失").first().waitFor();
    await own.getByRole("button", { name: "有人再用它就提醒服务台" }).click();
    for (const width of [1440, 390]) {
      await own.setViewportSize({ width, height: 844 });
      await expectFit(own, "lost");
    }
    await own.getByRole("button", { name: "告诉系统" }).click();
    await own.getByText("有人再用这张卡，服务台会看到").waitFor();
  });

  it("would be found otherwise with other numbers: tried on past records, saved with a reason, taken back", async () => {
    await ask("PUT", sessionEndpoints.changeDuty.path, { duty: "secure" });
    await page.goto(`${demo.console}/cases`);
    await page.getByRole("link", { name: "怎样判断" }).click();
    await page.getByLabel("多少分列为留意").fill("6");
    await page.getByRole("button", { name: "用过去的记录试一试" }).click();
    await page.getByText(/比较了 \d+ 次刷卡/).waitFor({ timeout: TOLD_WITHIN_MS });
    await page.getByRole("heading", { name: "改后不再列出的" }).waitFor();
    await picture("case-settings", page);
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText("请用一句话说明理由").waitFor();
    await page.getByLabel("修改的理由").fill("一个月里误报太多，先提高一些");
    await page.getByRole("button", { name: "保存" }).click();
    await page.getByText("多少分列为留意：2 → 6").waitFor();
    await lookAt(page, "case-settings", {
      prepare: () => page.getByText(/比较了 \d+ 次刷卡|taps were compared/).waitFor(),
      isCrowded: true,
    });
    await page.getByRole("button", { name: "撤销最近一次修改" }).click();
    await page.getByText("多少分列为留意：6 → 2").waitFor();
  });

  it("leaves no trouble in the browser", () => {
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
