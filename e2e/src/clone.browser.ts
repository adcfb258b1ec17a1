import { eventually } from "@menshen/testkit/system";
import { caseEndpoints, demoEndpoints, type ResponseOf } from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

/** From the first use of the copy; the machine of a test may be busy. */
const TOLD_WITHIN_MS = 30_000;
const REASON = "两处同时刷卡，请本人核对";

/** A card of each kind is copied: what is only a number is found on the screen, what has keys is refused at the reader. */
describe("the copy of a card", () => {
  const { runId, stateDir } = makeRun("clone");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  let people: ResponseOf<typeof demoEndpoints.state>["people"];

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    page = await openPage(browser, watch, demo.console);
    await page.goto(demo.signInLink);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    people = (await read<ResponseOf<typeof demoEndpoints.state>>(demoEndpoints.state.path)).people;
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function read<T>(path: string): Promise<T> {
    const response = await page.request.get(demo.console + path);
    expect(response.ok()).toBe(true);
    // What an operation answers is the server's promise, checked by its own tests.
    return (await response.json()) as T;
  }

  /** Copies the card of a kind by the demonstration's own control. */
  async function copy(kind: string): Promise<void> {
    const owner = people.find(({ cards }) => cards.some((card) => card.kind === kind));
    await page.goto(demo.console);
    await page.getByLabel("哪张卡").fill(owner?.name ?? "");
    await page
      .locator(".ant-select-item-option", { hasText: `${kind.toUpperCase()} · ${owner?.name}` })
      .click();
    await page.getByRole("button", { name: "复制并使用" }).click();
  }

  it("D7: of a bare number becomes a case within a few uses", async () => {
    await copy("uid");
    const cases = () => read<ResponseOf<typeof caseEndpoints.list>>(caseEndpoints.list.path);
    await eventually("a case", TOLD_WITHIN_MS, async () =>
      (await cases()).items.some(({ rules }) => rules.includes("R5")),
    );
    const { items } = await cases();
    expect(items.every(({ measures }) => measures.length === 0)).toBe(true);
    await page.goto(`${demo.console}/cases`);
    await page.getByText("两次刷卡的间隔，比任何人走过去都短").first().waitFor();
    await lookAt(page, "cases");
    await page.locator(".plain-list a").first().click();
    await page.getByRole("heading", { name: "两张卡各自的刷卡记录" }).waitFor();
    await lookAt(page, "case");
  });

  it("D8: is stopped by nobody but a person, with a reason", async () => {
    const decide = page.locator("section", { has: page.getByRole("heading", { name: "决定", exact: true }) });
    const reason = decide.getByLabel("理由（持卡人会看到）").first();
    await decide.getByRole("button", { name: "执行" }).click();
    await decide.getByText("请用一句话说明理由").first().waitFor();
    await reason.fill(REASON);
    await decide.getByRole("button", { name: "执行" }).click();
    await decide.getByText(REASON).waitFor();
  });

  it("of a card with keys is refused at the reader", async () => {
    await copy("desfire");
    await page.goto(demo.console);
    await page.getByText("只答出卡号，可能是复制卡").first().waitFor({ timeout: 30_000 });
    const refused = page.locator(".event-row", { hasText: "只答出卡号，可能是复制卡" }).first();
    expect(await refused.textContent()).toContain("拒绝");
    await lookAt(page, "demonstration");
  });

  it("leaves no trouble in the browser", () => {
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
