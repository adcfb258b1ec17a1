import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fromHex, randomBytes } from "@menshen/crypto/node";
import { batchPrefixOf, makeCityClient, weekOf } from "@menshen/service-kit/city-link";
import {
  type Api,
  type CityServer,
  type CommunityServer,
  eventually,
  inviteStaff,
  signIn,
  startCity,
  startCommunity,
} from "@menshen/testkit/system";
import { buildingEndpoints, credentialEndpoints, dwellingEndpoints, personEndpoints } from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { givePasskeys } from "./harness/desks.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const NUMBER = "5c3e0001";
const LEGACY_MS = 30 * 86_400_000;
const SEEN_MS = 30_000;
const PHOTO = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
  "base64",
);

/** Cards for sale in the console, and what the city's officers see of them. */
describe("cards for sale", () => {
  const { runId, stateDir } = makeRun("market");
  const watch: Watch = { troubles: [], foreign: [] };
  const caseId = randomUUID();
  let city: CityServer;
  let community: CommunityServer;
  let api: Api;
  let browser: Browser;
  let officer: Page;
  let manager: Page;
  let code: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    city = await startCity({ runId, stateDir });
    community = await startCommunity({ runId, stateDir });
    api = await signIn(community.signInLink);
    const building = await api.call(buildingEndpoints.create, { body: { name: "1号楼" } });
    const dwelling = await api.call(dwellingEndpoints.create, {
      body: { buildingId: building.id, name: "101" },
    });
    const person = await api.call(personEndpoints.create, {
      body: { displayName: "王小明", residency: { role: "tenant", dwellingId: dwelling.id } },
    });
    await api.call(credentialEndpoints.enrol, {
      body: {
        kind: "uid",
        identifier: NUMBER,
        personId: person.id,
        dwellingId: dwelling.id,
        until: Date.now() + LEGACY_MS,
      },
    });
    const closed = await changeBehind(
      join(stateDir, "community"),
      `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability,
         signs, closed_at, finding)
       values ('${caseId}', decode(repeat('ab', 24), 'hex'), 1, 'uid', now(), now(), 'ask', 12, 0.97, '[]', now(), 'copy')`,
    );
    expect(closed).toBe(1);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(community, city);
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });

  async function staffPage(role: "manager" | "security"): Promise<Page> {
    const page = await openPage(browser, watch, community.http);
    await page.goto(await inviteStaff(api, role));
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  it("an officer signs in by a link, sees nothing yet, and takes in a community", async () => {
    officer = await openPage(browser, watch, city.http);
    await officer.goto(city.http);
    await officer.getByRole("heading", { name: "登录" }).waitFor();
    await lookAt(officer, "city sign in");
    await officer.goto(city.signInLink ?? "");
    await officer.getByText("目前没有跨小区的复制卡").waitFor();
    expect(officer.url()).not.toContain("code=");
    await lookAt(officer, "city none");
    await officer.getByRole("link", { name: "小区" }).click();
    await officer.getByLabel("小区名称").fill("海棠苑");
    await officer.keyboard.press("Enter");
    code = (await officer.locator(".city-code").textContent()) ?? "";
    expect(code).toMatch(/^[\w-]{43}$/);
    await officer.getByLabel("名称", { exact: true }).fill("某某制卡厂");
    await officer.getByLabel("代号").fill("works");
    await officer.keyboard.press("Enter");
    await officer.getByText("works").waitFor();
    await expectFit(officer, "city communities");
    await officer.setViewportSize({ width: 390, height: 844 });
    await expectFit(officer, "city communities");
  });

  it("somebody of the security duty connects the community", async () => {
    const security = await staffPage("security");
    await security.goto(`${community.http}/market/city`);
    await security.getByText("还没有接入城市").waitFor();
    await security.getByRole("button", { name: "接入" }).click();
    await security.getByText("请填网址").waitFor();
    await lookAt(security, "city connection none");
    await security.getByLabel("城市服务器网址").fill(city.http);
    await security.getByLabel("对接码").fill("x".repeat(43));
    await security.getByRole("button", { name: "接入" }).click();
    await security.getByText("这个对接码已用过、过期或不对").waitFor();
    await security.getByLabel("对接码").fill(code);
    await security.getByRole("button", { name: "接入" }).click();
    await security.getByText("已接入，城市那边的名称：海棠苑").waitFor();
    await security.getByText("某某制卡厂").waitFor();
    await lookAt(security, "city connection");
    await security.context().close();
  });

  it("a listing is written down with the keyboard and matched", async () => {
    manager = await staffPage("manager");
    await manager.goto(`${community.http}/market`);
    await manager.getByText("还没有线索").waitFor();
    await lookAt(manager, "market none");
    await manager.goto(`${community.http}/market/new`);
    await manager.getByRole("button", { name: "记下" }).focus();
    await manager.keyboard.press("Enter");
    await manager.getByText("请写下网址、文字或卡号").waitFor();
    await manager.getByLabel("文字").fill("小区门禁卡复制，50 元一张");
    await manager.getByLabel("卡号").fill("5C 3E 00 01\n乱写的\n5C:3E:00:02");
    await manager.getByText("第 2 行不是卡号").waitFor();
    await lookAt(manager, "market new", {
      prepare: () => manager.getByRole("button", { name: /记下|Write down/ }).waitFor(),
    });
    await manager.getByLabel("文字").fill("小区门禁卡复制，50 元一张");
    await manager.getByLabel("卡号").fill("5C 3E 00 01\n5C:3E:00:02");
    await manager
      .getByLabel("照片")
      .setInputFiles({ name: "card.png", mimeType: "image/png", buffer: PHOTO });
    await manager.getByRole("button", { name: "记下" }).focus();
    await manager.keyboard.press("Enter");
    await manager.getByText("本小区的凭证 …0001").waitFor();
    await manager.getByText("本小区没有这个卡号").waitFor();
    // Whose card it is stands behind a reason, as always.
    await manager.getByRole("link", { name: "查看凭证" }).click();
    await manager.getByRole("heading", { name: "凭证" }).first().waitFor();
    await manager.goBack();
    await manager.getByText("本小区的凭证 …0001").waitFor();
    await manager.getByRole("img", { name: "线索照片" }).waitFor();
    await manager.getByText("已与城市核对，目前没有发现关联").first().waitFor({ timeout: SEEN_MS });
    await lookAt(manager, "market listing", { prepare: () => manager.locator(".market-photo").waitFor() });
  });

  it("it is taken away and put back by undoing", async () => {
    await manager.getByRole("button", { name: "移除" }).click();
    await manager.getByText("这条线索已移除").waitFor();
    await manager.getByRole("button", { name: "撤销" }).click();
    await manager.getByRole("button", { name: "移除" }).waitFor();
    await manager.goto(`${community.http}/market`);
    await manager.getByText("1 个在本小区有登记").waitFor();
    await lookAt(manager, "market list");
    await manager.goto(`${community.http}/market/${randomUUID()}`);
    await manager.getByRole("alert").waitFor();
    await lookAt(manager, "market not found", { prepare: () => manager.getByRole("alert").waitFor() });
  });

  it("the card of a closed case is noted, and the case says in how many communities it was seen", async () => {
    await manager.goto(`${community.http}/cases/${caseId}`);
    await manager.getByRole("heading", { name: "被复制的卡" }).waitFor();
    await manager.getByLabel("卡号").fill("xyz");
    await manager.getByRole("button", { name: "记下" }).click();
    await manager.getByText("应为 4 至 10 字节").waitFor();
    await manager.getByLabel("卡号").fill("5C 3E 00 03");
    await manager.getByRole("button", { name: "记下" }).click();
    await manager.getByText("完整卡号参与比对").waitFor();
    await othersReport();
    await eventually("the case says so", SEEN_MS, async () => {
      await manager.getByRole("button", { name: "修改" }).click();
      await manager.getByLabel("卡号").fill("5C 3E 00 03");
      await manager.getByRole("button", { name: "记下" }).click();
      return manager
        .getByText(/与城市第 \d+ 号事件有关，涉及 4 个小区/)
        .waitFor({ timeout: 12_000 })
        .then(
          () => true,
          () => false,
        );
    });
    await lookAt(manager, "case with city", {
      prepare: () => manager.locator("#copied-card").waitFor(),
    });
  });

  it("the officer sees one incident, closes it with a finding and opens it again", async () => {
    await officer.setViewportSize({ width: 1440, height: 900 });
    await officer.goto(`${city.http}/#/`);
    await officer.getByText("4 个小区").waitFor();
    await lookAt(officer, "city incidents");
    await officer.getByRole("link", { name: /同一批（卡号以 5C3E 开头）/ }).click();
    await officer.getByText("其中有网上兜售或查获的卡").waitFor();
    await officer.getByText("每四周有多少个小区上报").waitFor();
    await lookAt(officer, "city incident");
    await officer.getByRole("button", { name: "结束这起事件" }).click();
    await officer.getByText("请先选择结论").waitFor();
    await officer.getByLabel("结论").selectOption({ label: "密钥或卡已更换" });
    await officer.getByRole("button", { name: "结束这起事件" }).click();
    await officer.getByRole("button", { name: "重新打开" }).click();
    await officer.getByRole("button", { name: "结束这起事件" }).waitFor();
    await officer.getByRole("link", { name: "人员" }).click();
    await officer.getByLabel("姓名").fill("李");
    await officer.keyboard.press("Enter");
    await officer.locator(".city-code").waitFor();
    await lookAt(officer, "city officers");
  });

  it("the officer makes a passkey and comes back with it, with no link and by the keyboard alone", async () => {
    await givePasskeys(officer);
    await officer.goto(`${city.http}/#/officers`);
    await officer.getByText("您还没有通行密钥").waitFor();
    await officer.getByLabel("通行密钥名称").fill("办公室电脑");
    await officer.keyboard.press("Enter");
    await officer.getByText("还没有用过").waitFor();
    await lookAt(officer, "city passkeys", {
      prepare: () => officer.getByText("办公室电脑").waitFor(),
    });
    // The same device is not made to have two.
    await officer.getByRole("button", { name: "创建通行密钥" }).click();
    await officer.getByText("这台设备上已经有您的通行密钥").waitFor();
    await officer.getByRole("button", { name: "退出" }).click();
    const button = officer.getByRole("button", { name: "用通行密钥登录" });
    await button.waitFor();
    await lookAt(officer, "city sign in again", {
      prepare: () => officer.locator(".plain-button").waitFor(),
    });
    await button.focus();
    await officer.keyboard.press("Enter");
    await officer.getByRole("heading", { name: "事件" }).waitFor();
    await officer.getByRole("link", { name: "人员" }).click();
    await officer.getByText(/\d 用过/).waitFor();
    await officer.getByRole("button", { name: "移除: 办公室电脑" }).click();
    await officer.getByText("您还没有通行密钥").waitFor();
    await officer.getByRole("button", { name: "退出" }).click();
    await button.click();
    await officer.getByText("通行密钥没有通过").waitFor();
    await lookAt(officer, "city sign in refused", {
      prepare: async () => {
        await officer.locator(".plain-button").click();
        await officer.locator("[role=alert]", { hasText: /./ }).waitFor();
      },
    });
  });

  /** Three more communities confirm copies of the same delivery. */
  async function othersReport(): Promise<void> {
    for (const name of ["甲苑", "乙苑", "丙苑"]) {
      await officer.goto(`${city.http}/#/communities`);
      await officer.getByLabel("小区名称").fill(name);
      await officer.getByLabel("小区名称").press("Enter");
      const line = officer.getByRole("listitem").filter({ hasText: name });
      const given = (await line.locator(".city-code").textContent()) ?? "";
      const client = makeCityClient({
        url: city.http,
        secretKey: randomBytes(32),
        now: Date.now,
        randomBytes,
      });
      await client.enrol(given);
      const batchPrefix = batchPrefixOf(fromHex(NUMBER));
      await client.report(randomUUID(), {
        source: "case",
        week: weekOf(Date.now()),
        chip: "uid",
        batchPrefix,
      });
    }
  }
});
