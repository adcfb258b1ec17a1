import { prepareVisitorPass, writeVisitFragment } from "@menshen/credentials";
import * as crypto from "@menshen/crypto/node";
import { CommunityId, Instant, PortalId } from "@menshen/domain";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { expectFit, LOOKS, seriousFindings, wear } from "./harness/looks.ts";
import { EMPTY_LOG, growLog, type LogServer, receiptOf, serveLog } from "./harness/served-log.ts";

const LEAVES = 100_000;
const WITNESSED_AT = Math.floor(Date.now() / 1_000) - 180;

/** A pass for two doors that holds now; nobody signed it, which no page can know. */
function visitFragment(): string {
  const { finish } = prepareVisitorPass({
    primitives: crypto,
    communityId: CommunityId("3b9f1c52-5f0e-4c1b-9a63-2f8f2f9f0a11"),
    alg: "EdDSA",
    terms: {
      passId: new Uint8Array(8),
      purpose: "delivery",
      portals: [
        PortalId("0197a1b2-0000-7000-8000-0000000000e1"),
        PortalId("0197a1b2-0000-7000-8000-0000000000e2"),
      ],
      notBefore: Instant(Date.now() - 60_000),
      notAfter: Instant(Date.now() + 3_600_000),
      uses: 1,
    },
  });
  const doors = ["北门", "3# 东门"];
  const note = { community: "海棠苑", timeZone: "Asia/Shanghai", doors };
  return writeVisitFragment("visitor-pass", finish(new Uint8Array(64)), note);
}

/** The log explorer against a log that grows, is damaged, and lies. */
describe("the public log explorer", () => {
  const first = growLog(EMPTY_LOG, LEAVES, WITNESSED_AT);
  const second = growLog(first, 300, WITNESSED_AT);
  let server: LogServer;
  let browser: Browser;
  let page: Page;
  const watch: Watch = { troubles: [], foreign: [] };

  beforeAll(async () => {
    server = await serveLog(first);
    browser = await launchBrowser();
    page = await openPage(browser, watch, server.address);
  });

  afterAll(async () => {
    await browser?.close();
    server?.stop();
  });

  const alarm = () => page.locator(".plain-notice--alarm").first();

  it("shows the checkpoint, its witness and a public statement opened against its leaf", async () => {
    await page.goto(`${server.address}/public/`);
    await page.locator(".log-size", { hasText: "100000" }).waitFor();
    await page.getByText("3分钟前 见证").waitFor();
    await page.getByText("与日志第 5 条一致").waitFor();
    await page.getByText("retentionDays").waitFor();
    await page.getByText("这个浏览器还没有核对过。").waitFor();
    // This server keeps the log and nothing else.
    const unread = page.getByRole("alert").filter({ hasText: "服务器现在没有给出各楼的数目。" });
    await unread.getByRole("button", { name: "重试" }).waitFor();
  });

  it("opens at the entry that a link names", async () => {
    await page.goto(`${server.address}/public/#leaf=70`);
    const row = page.locator(".leaf--wanted");
    await row.getByText("70", { exact: true }).waitFor();
    await page.getByText("第 0 至 255 条").waitFor();
    await page.waitForFunction(
      `(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector(".leaf--wanted").getBoundingClientRect())`,
    );
    await page.goto(`${server.address}/public/`);
    await page.locator(".log-size", { hasText: "100000" }).waitFor();
  });

  it(`verifies ${LEAVES} leaves in the browser, and counts them by topic`, async () => {
    await page.getByRole("button", { name: "核对整本日志" }).click();
    await page.getByText("全部 100000 条与签名的根一致").waitFor({ timeout: 30_000 });
    await page.getByRole("row", { name: "查看住户信息 33334" }).waitFor();
    await page.getByRole("row", { name: "更改设置 1" }).waitFor();
    await page.getByRole("row", { name: /^有人住的住处.* 2 0$/ }).waitFor();
    await page.getByRole("row", { name: /^住处的凭证.* 3 0$/ }).waitFor();
    await page.getByRole("row", { name: /^工作人员的凭证.* 0 1$/ }).waitFor();
    expect(await alarm().count()).toBe(0);
  });

  it("verifies at the next visit that the log continues what it saw, and only what is new", async () => {
    const tiles: string[] = [];
    const note = (request: { url: () => string }) => {
      if (request.url().includes("/tile/entries/")) tiles.push(request.url());
    };
    server.log = second;
    page.on("request", note);
    await page.reload();
    await page.getByText("全部 100300 条与签名的根一致").waitFor({ timeout: 30_000 });
    page.off("request", note);
    expect(tiles.length).toBeLessThan(10);
  });

  it.each(LOOKS)(
    "has no serious accessibility finding in $language, $colorScheme, $widthPx px",
    async (look) => {
      await wear(page, look);
      await page.locator(".verified").waitFor();
      await expectFit(page, "public log");
    },
  );

  it("shows visitors their pass, tells it to no server, and does so without a network", async () => {
    const visitor = await openPage(browser, watch, server.address, { width: 390, height: 844 });
    const asked: string[] = [];
    visitor.context().on("request", (request) => asked.push(request.url()));
    const fragment = visitFragment();
    await visitor.goto(`${server.address}/public/visit#${fragment}`);
    const code = visitor.locator('.ms-qr[data-code^="MV:"]');
    await code.waitFor();
    await visitor.getByText("在有效时间内").waitFor();
    await visitor.getByText("北门、3# 东门").waitFor();
    for (const look of LOOKS) {
      await wear(visitor, look);
      await code.waitFor();
      await expectFit(visitor, "visitor's page");
    }
    // Requests of navigations are listed with the part that browsers keep to themselves.
    const sent = asked.map((url) => url.split("#", 1)[0]);
    expect(sent.filter((url) => url?.includes(fragment.slice(0, 40)))).toEqual([]);
    expect(sent.filter((url) => url?.includes("/api/") || url?.includes("/log/"))).toEqual([]);
    await visitor.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await visitor.context().setOffline(true);
    await visitor.reload();
    await code.waitFor();
    await visitor.context().close();
  });

  it("checks a receipt without the server, and refuses one for another entry", async () => {
    const receipt = await receiptOf(server.log, 4242);
    const outcome = page.locator("section", { has: page.locator("#receipt-file") }).getByRole("status");
    const give = (text: string) =>
      page.setInputFiles("#receipt-file", {
        name: "receipt.tlog-proof",
        mimeType: "text/plain",
        buffer: Buffer.from(text),
      });
    await page.context().setOffline(true);
    await give(receipt);
    await outcome.getByText("The receipt is valid: entry 4242").waitFor();
    await outcome.getByText("Witnessed by: City authority.").waitFor();
    await give(receipt.replace("index 4242", "index 4243"));
    await outcome.getByText("the entry is not in the log that it names").waitFor();
    await give("nonsense");
    await outcome.getByText("it is no receipt").waitFor();
    await page.context().setOffline(false);
  });

  it("shouts at a tile with a flipped bit, and names it", async () => {
    const tile = second.files.get("tile/0/017") ?? new Uint8Array();
    const damaged = tile.with(1000, (tile[1000] ?? 0) ^ 1);
    server.log = { ...second, files: new Map(second.files).set("tile/0/017", damaged) };
    await page.getByRole("button", { name: "Check again from the start" }).click();
    await alarm().getByText("tile/0/017 was changed.").waitFor({ timeout: 30_000 });
    server.log = second;
  });

  it("shouts at a log set back", async () => {
    server.log = first;
    await page.reload();
    await alarm().getByText("it had 100300 entries and now shows 100000").waitFor();
  });

  it("shouts at a fork, and does not forget it when the log behaves again", async () => {
    server.log = growLog(first, 400, WITNESSED_AT, true);
    await page.reload();
    await alarm().getByText("The log signed two histories").waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    server.log = growLog(second, 100, WITNESSED_AT);
    await page.reload();
    await alarm().getByText("The log signed two histories").waitFor();
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
