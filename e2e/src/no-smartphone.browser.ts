import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  inviteStaff,
  makeResident,
  makeSecondPerson,
  makeSiteGate,
  makeSmallSite,
  ROOT,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import { consentDeskEndpoints, type EventItem, eventEndpoints, sessionEndpoints } from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { publishContactNotice } from "./harness/contact-notice.ts";
import { chooseReason } from "./harness/desks.ts";
import { expectFit } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const NAME = "林阿婆";
const PHONE = { width: 390, height: 844 };
const SCREEN = { width: 1440, height: 900 };
/** Whatever a page can leave behind in a browser, besides how it was shown. */
const LEFT_BEHIND = `(async () => ({
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  stored: Object.keys(localStorage).filter((name) => !["menshen.language", "menshen.appearance", "menshen.text-size"].includes(name)),
  session: sessionStorage.length,
}))()`;

/**
 * Somebody without a smartphone: a paper from the desk, a card, a screen that several people use. The gate, the server and
 * the browser are real; the card, the door and the wires are made of software.
 */
describe("without a smartphone", () => {
  const { runId, stateDir } = makeRun("no-smartphone");
  const watch: Watch = { troubles: [], foreign: [] };
  let server: CommunityServer;
  let api: Api;
  let second: Api;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let her: SiteCard;
  let notice: string;
  let browser: Browser;
  let desk: Page;
  let screen: Page;
  let recoveryCode: string;

  beforeAll(async () => {
    [server, browser] = await Promise.all([startCommunity({ runId, stateDir }), launchBrowser()]);
    api = await signIn(server.signInLink);
    const site = await makeSmallSite(api);
    notice = await publishContactNotice(api);
    const gateDir = join(stateDir, "gate");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 1 });
    her = await makeResident(api, site, NAME, "desfire");
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await waitForGate(api, gate.gateId, { readers: 2 });
    await api.call(sessionEndpoints.changeDuty, { body: { duty: "secure" } });
    second = await makeSecondPerson(api);
    const link = await inviteStaff(api, "manager");
    await api.call(sessionEndpoints.changeDuty, { body: { duty: "operate" } });
    desk = await openPage(browser, watch, server.http);
    await desk.goto(link);
    await desk.getByRole("navigation").first().waitFor();
    screen = await openPage(browser, watch, server.http, PHONE);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(gateProcess, server);
    for (const door of gate?.doors ?? []) await door.close();
  });

  function door(): SiteDoor {
    const [only] = gate.doors;
    if (only === undefined) throw new Error("the gate has no door");
    return only;
  }

  const events = async (): Promise<EventItem[]> =>
    (await api.call(eventEndpoints.list, { query: { portalId: door().portalId, kind: "access" } })).items;

  /** Holds her card to the reader and gives what the gate made of it. */
  async function tap(): Promise<EventItem | undefined> {
    const known = (await events()).length;
    await eventually("the door is locked again", 5_000, () => !door().door.released);
    await door().reader.hold(her.card);
    await eventually("the event is stored", 5_000, async () => (await events()).length > known);
    return (await events())[0];
  }

  async function goTo(page: Page, name: string): Promise<void> {
    await page.evaluate((hash) => {
      location.hash = `#/${hash}`;
    }, name);
    await page.locator("h1").waitFor();
  }

  /** Looks at a page in both languages, on a telephone's width and a desk's; by the page's own switch, so that nobody is signed out. */
  async function look(page: Page, name: string): Promise<void> {
    for (const [size, language, scheme] of [
      [SCREEN, "English", "dark"],
      [PHONE, "中文", "light"],
    ] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.setViewportSize(size);
      await page.getByRole("button", { name: language, exact: true }).click();
      await page.waitForTimeout(300);
      await expectFit(page, name);
    }
  }

  async function signInOnScreen(page: Page, code: string): Promise<void> {
    await page.getByRole("link", { name: "我有恢复码" }).click();
    await page.getByLabel("恢复码").fill(code);
    await page.getByRole("button", { name: "登录", exact: true }).click();
    await page.locator(".rights").waitFor();
  }

  it("is given a card at the desk, which opens the door, and her invitation on paper in large type", async () => {
    expect(await tap()).toMatchObject({ granted: true, credentialKind: "desfire" });
    expect(door().releases.length).toBe(1);
    await desk.goto(`${server.http}/people?person=${her.personId}`);
    await desk.getByRole("button", { name: "住户来问" }).click();
    const app = desk.locator("section").filter({ has: desk.getByRole("heading", { name: "住户应用" }) });
    await app.getByRole("button", { name: "发邀请码" }).click();
    await chooseReason(desk, "住户要求");
    await app.getByRole("button", { name: "发邀请码" }).click();
    await desk.getByRole("button", { name: "打印成纸" }).click();
    const paper = desk.getByRole("dialog", { name: /住户邀请/ });
    await paper.getByRole("heading", { name: "没有智能手机" }).waitFor();
    await paper.locator(".ms-qr[data-code]").waitFor();
    await expectFit(desk, "invitation paper");
    const code = await paper.locator(".invitation-paper__code").innerText();
    await desk.emulateMedia({ media: "print" });
    expect(await desk.getByRole("navigation").first().isVisible()).toBe(false);
    expect(await paper.locator(".invitation-paper__code").isVisible()).toBe(true);
    await desk.emulateMedia({ media: "screen" });

    await screen.goto(`${server.http}/resident/?shared`);
    await screen.getByText("这块屏幕什么也不存").waitFor();
    await look(screen, "shared welcome");
    await screen.getByRole("link", { name: "我有邀请码" }).click();
    await screen.getByLabel("邀请码").fill(code.toLowerCase().replaceAll("-", " "));
    await screen.getByRole("button", { name: "加入" }).click();
    await screen.getByText("这块屏幕不保存您的密钥").waitFor();
    // Nobody leaves without the paper.
    expect(await screen.getByRole("link", { name: "以后再抄" }).count()).toBe(0);
    await screen.locator(".recovery__group").first().waitFor();
    const groups = await screen.locator(".recovery__group").allTextContents();
    recoveryCode = groups.join(" ");
    await look(screen, "shared recovery code");
    for (const label of await screen.locator(".code-fields label").allTextContents()) {
      const number = Number(/\d+/.exec(label)?.[0]);
      await screen.getByLabel(label).fill(groups[number - 1] ?? "");
    }
    await screen.getByRole("button", { name: "抄好了" }).click();
    await screen.locator(".rights").waitFor();
  });

  it("reads her own comings and goings on the shared screen, and who looked at her data", async () => {
    const passage = screen.locator(".passage", { hasText: "已开门" });
    // The gate learns her key with its next keyring: until then a passage is wrapped to nobody.
    for (let attempt = 0; attempt < 8 && (await passage.count()) === 0; attempt += 1) {
      expect(await tap()).toMatchObject({ granted: true });
      await screen.waitForTimeout(1_000);
      await goTo(screen, "home");
      await goTo(screen, "trail");
      await screen.getByRole("button", { name: "再查一次" }).waitFor();
    }
    await passage.first().waitFor({ timeout: 5_000 });
    await screen.getByRole("button", { name: "打印（大字）" }).waitFor();
    await look(screen, "shared trail");
    await screen.screenshot({ path: join(ROOT, "docs/images/resident-shared.png") });
    await goTo(screen, "looks");
    await screen.locator(".look", { hasText: "物业公司" }).first().waitFor();
    await look(screen, "shared looks");
    // What belongs to a device of one's own is not here.
    for (const page of ["pass", "visitors", "tokens", "phones", "homes", "device"]) {
      await goTo(screen, page);
      await screen.getByRole("heading", { name: /^(早上|下午|晚上)好$/ }).waitFor();
    }
    for (const page of ["home", "keys", "rights", "community", "help", "papers", "papers/deletion", "key"]) {
      await goTo(screen, page);
      await look(screen, `shared ${page}`);
    }
  });

  it("E6 (FR 5): withdraws on the screen what she agreed to on paper", async () => {
    const { recordId } = await api.call(consentDeskEndpoints.enterPaper, {
      params: { id: her.personId },
      body: { purpose: "service-contact", noticeSha256: notice },
    });
    await second.call(consentDeskEndpoints.confirm, { params: { id: recordId } });
    await goTo(screen, "consents");
    const asked = screen.getByRole("region", { name: "留一个联系方式，收社区通知" });
    await asked.getByText("已同意", { exact: true }).waitFor();
    await asked.getByRole("button", { name: "撤回" }).click();
    await asked.getByText("已撤回", { exact: true }).waitFor();
    await look(screen, "shared withdrawn");
    const { items } = await api.call(consentDeskEndpoints.list, { params: { id: her.personId } });
    expect(items.map(({ state }) => state)).toEqual(["withdrawn"]);
  });

  it("asks for deletion, draws a PIN that the gate knows, and blocks her lost card at once", async () => {
    await goTo(screen, "data");
    await screen.getByRole("radio", { name: /删除/ }).check();
    await screen.getByRole("textbox").first().fill("请删除我的旧名字");
    await screen.getByRole("button", { name: "提出请求" }).click();
    await screen.getByText("请删除我的旧名字").last().waitFor();

    await goTo(screen, "keys");
    await screen.getByRole("button", { name: "要一个密码" }).click();
    await screen.getByRole("button", { name: "现在显示新密码" }).click();
    const pin = await screen.locator(".drawn-pin").first().innerText();
    expect(pin).toMatch(/^\d{8}$/);
    await screen.getByRole("button", { name: "记住了，收起" }).click();
    await screen.locator(".drawn-pin").first().waitFor({ state: "detached" });
    expect(await screen.locator("main").innerText()).not.toContain(pin);
    // From the street a PIN comes after a card: the gate knows whose it is, and waits for the other.
    await eventually("the gate knows the PIN", 15_000, async () => {
      door().reader.type(`${pin}#`);
      await screen.waitForTimeout(700);
      const [event] = await events();
      return event?.credentialKind === "pin" && event.reasons?.[0]?.code === "second-factor-needed";
    });

    await screen.getByRole("button", { name: "丢了" }).click();
    await screen.getByRole("button", { name: "挂失这张卡" }).click();
    await screen.getByText("已挂失", { exact: true }).waitFor();
    await look(screen, "shared lost card");
    await eventually("the gate has heard of it", 15_000, async () => (await tap())?.granted === false);
    const before = door().releases.length;
    expect(await tap()).toMatchObject({ granted: false, reasons: [{ code: "credential-blocked" }] });
    expect(door().releases.length).toBe(before);
  });

  it("leaves nothing behind: the browser keeps nothing, and nobody goes back to it", async () => {
    await screen.getByRole("button", { name: "看完了，退出" }).click();
    await screen.getByRole("link", { name: "我有恢复码" }).waitFor();
    expect(await screen.evaluate(LEFT_BEHIND)).toEqual({
      databases: 0,
      caches: 0,
      workers: 0,
      stored: [],
      session: 0,
    });
    expect((await screen.context().cookies()).filter(({ name }) => name === "menshen_resident")).toEqual([]);
    await screen.goBack().catch(() => null);
    await screen.locator("h1").waitFor();
    expect(await screen.locator("body").innerText()).not.toContain(NAME);
    expect(await screen.locator(".passage").count()).toBe(0);
  });

  it("comes back with her paper alone; after two minutes without a touch the screen is empty by itself", async () => {
    const other = await openPage(browser, watch, server.http, PHONE);
    await other.clock.install();
    await other.goto(`${server.http}/resident/?shared`);
    await signInOnScreen(other, recoveryCode);
    await goTo(other, "trail");
    await other.clock.runFor(3_000);
    await other.locator(".passage").first().waitFor();
    const timer = other.getByRole("timer");
    await other.mouse.click(5, 5);
    await other.clock.runFor(100_000);
    await expect.poll(() => timer.innerText()).toMatch(/0:(19|20|21)/);
    await other.getByText("半分钟后自动退出").waitFor({ state: "attached" });
    // A touch begins anew.
    await other.mouse.click(5, 5);
    await other.clock.runFor(1_000);
    await expect.poll(() => timer.innerText()).toMatch(/1:5\d|2:00/);
    await other.clock.runFor(121_000);
    await other.getByRole("link", { name: "我有恢复码" }).waitFor();
    expect(await other.locator("body").innerText()).not.toContain(NAME);
    expect((await other.context().cookies()).filter(({ name }) => name === "menshen_resident")).toEqual([]);
    await other.context().close();
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
