import { join } from "node:path";
import { type Api, ROOT, signIn } from "@menshen/testkit/system";
import {
  aliroEndpoints,
  credentialEndpoints,
  demoEndpoints,
  eventEndpoints,
  personEndpoints,
  residentInvitationEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { tapDesk } from "./harness/desk-phone.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, LOOKS, wear } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const PAGES = [
  ...[
    "home",
    "keys",
    "rights",
    "community",
    "help",
    "papers",
    "papers/keys",
    "household",
    "data",
    "consents",
    "vendor",
  ],
  ...["pass", "pass/door", "visitors", "visitors/new", "tokens", "homes"],
  ...["trail", "looks", "key", "phones", "receipts", "code", "device", "join"],
];
/** A resident's program against the whole system: gate, server, and somebody else's program beside it. */
describe("the resident app", () => {
  const { runId, stateDir } = makeRun("resident");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let desk: Api;
  let browser: Browser;
  let own: Page;
  let neighbour: Page;
  let people: readonly { readonly personId: string; readonly name: string; readonly cardId: string }[];
  let door: { readonly accessPointId: string; readonly name: string };
  let recoveryCode: string;
  let lostCode: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    desk = await signIn(demo.signInLink);
    const state = await desk.call(demoEndpoints.state, {});
    people = state.people.flatMap(({ personId, name, cards: [card] }) =>
      card === undefined ? [] : [{ personId, name, cardId: card.cardId }],
    );
    const [point] = state.doors[0]?.accessPoints ?? [];
    if (point === undefined) throw new Error("the demonstration has no door");
    door = point;
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  const newDevice = () => openPage(browser, watch, demo.console, { width: 390, height: 844 });

  function person(place: number) {
    const found = people[place];
    if (found === undefined) throw new Error("the demonstration has too few people with cards");
    return found;
  }

  async function joinAs(page: Page, personId: string): Promise<string> {
    const invitation = await desk.call(residentInvitationEndpoints.create, { params: { id: personId } });
    const recoveryCode = await joinByLink(page, invitation.link);
    expect(page.url()).not.toContain(invitation.code);
    return recoveryCode;
  }

  async function open(page: Page, name: string): Promise<void> {
    await page.goto(`${demo.console}/resident/#/${name}`);
    await page.reload();
  }

  const passage = (page: Page) => page.locator(".passage", { hasText: door.name }).first();

  it("joins by an invitation, with the recovery code copied and checked", async () => {
    own = await newDevice();
    neighbour = await newDevice();
    recoveryCode = await joinAs(own, person(0).personId);
    lostCode = await joinAs(neighbour, person(1).personId);
    await own.getByText(person(0).name).first().waitFor();
  });

  it("shows its own passage a moment later, with the door's name, opened on the device", async () => {
    const { cardId } = person(0);
    // The gate learns the new key with its next keyring: until then a passage is wrapped to nobody.
    for (let attempt = 0; attempt < 8; attempt += 1) {
      await desk.call(demoEndpoints.present, { body: { cardId, accessPointId: door.accessPointId } });
      await own.waitForTimeout(1_500);
      await open(own, "trail");
      await own.getByRole("button", { name: "再查一次" }).waitFor();
      if ((await passage(own).count()) > 0) break;
    }
    await passage(own).getByText("已开门").waitFor({ timeout: 5_000 });
  });

  it("opens in no other resident's program, and for no staff (privacy row L3)", async () => {
    await open(neighbour, "trail");
    await neighbour.getByText("还没有您的出入记录。").waitFor();
    // It has read the very same bytes.
    const wraps = await neighbour.evaluate(
      "fetch('/api/v1/resident/wraps/0').then((answer) => answer.arrayBuffer()).then((bytes) => bytes.byteLength)",
    );
    expect(wraps).toBeGreaterThanOrEqual(96);
    const asStaff = await fetch(`${demo.console}/api/v1/resident/wraps/0`, {
      headers: { cookie: desk.cookie() },
    });
    expect(asStaff.status).toBe(401);
    const events = JSON.stringify(await desk.call(eventEndpoints.list, { query: { limit: 500 } }));
    expect(events).toContain(door.accessPointId);
    expect(events).not.toContain(person(0).personId);
    expect(events).not.toContain(person(0).name);
  });

  it("tells whoever asks for another's record no, and tells that one (privacy row L4)", async () => {
    const status = await neighbour.evaluate(
      `fetch("/api/v1/resident/people/${person(0).personId}/looks").then((answer) => answer.status)`,
    );
    expect(status).toBe(403);
    await open(own, "looks");
    await own.getByText("另一位住户想看您的记录，被拒绝了").waitFor();
  });

  it("moves out by itself with a signature of its key, and stays after all", async () => {
    await open(own, "household");
    await own.getByRole("button", { name: /^我要搬走/ }).click();
    await own.getByLabel("几天后").fill("3");
    await own.getByRole("button", { name: "那天搬走", exact: true }).click();
    await own.getByText("您会搬走，门用到").waitFor();
    await own.getByRole("button", { name: "不搬了", exact: true }).click();
    await own.getByText("已经撤回，您继续住").waitFor();
  });

  it("shows who of the staff looked and why, proven by the log in the browser (privacy row L7)", async () => {
    const response = await fetch(
      `${demo.console}${personEndpoints.get.path.replace(":id", person(0).personId)}`,
      {
        headers: {
          cookie: desk.cookie(),
          "menshen-view-reason": `law;${encodeURIComponent("京公协查 7 号")}`,
        },
      },
    );
    expect(response.status).toBe(200);
    const look = own.locator(".look", { hasText: "京公协查 7 号" });
    // The log takes it within a second or two; the page asks again by itself, and here at once.
    await expect
      .poll(
        async () => {
          await open(own, "looks");
          await look.waitFor();
          return look
            .getByText(/已核对：在证据日志里/)
            .waitFor({ timeout: 1_000 })
            .then(
              () => true,
              () => false,
            );
        },
        { timeout: 20_000 },
      )
      .toBe(true);
    await look.getByText("物业公司").waitFor();
  });

  it("claims nothing on its first screen before it knows", async () => {
    const held = Promise.withResolvers<void>();
    const late = /\/api\/v1\/resident\/(places|people\/[^/]+\/looks)$/;
    await own.route(late, async (route) => {
      await held.promise;
      await route.continue();
    });
    await open(own, "home");
    const tiles = own.locator(".tiles");
    await tiles.getByText("最近：").first().waitFor();
    await expect(tiles.innerText()).resolves.not.toMatch(/没有人看过|已不存在/);
    held.resolve();
    await tiles.getByText(door.name).waitFor();
    await tiles.getByText("最近：").nth(1).waitFor();
    await own.unroute(late);
  });

  it("gets everything back on another device with the recovery code alone", async () => {
    const another = await newDevice();
    await another.goto(`${demo.console}/resident/#/recover`);
    await another.getByLabel("恢复码").fill(recoveryCode.toLowerCase().replaceAll("-", " "));
    await another.getByRole("button", { name: "登录", exact: true }).click();
    await another.locator(".rights").waitFor();
    await open(another, "trail");
    await passage(another).getByText("已开门").waitFor();
    await another.context().close();
  });

  it("says what is wrong with a code, and what a key that was replaced no longer does", async () => {
    // Something that is sealed to the neighbour's key.
    const { cardId } = person(1);
    await desk.call(demoEndpoints.present, { body: { cardId, accessPointId: door.accessPointId } });
    const another = await newDevice();
    await another.goto(`${demo.console}/resident/#/recover`);
    const enter = async (code: string) => {
      await another.getByLabel("恢复码").fill(code);
      await another.getByRole("button", { name: "登录", exact: true }).click();
    };
    await enter(recoveryCode.slice(0, -4));
    await another.getByText("应有 54 个字符，现在有 51 个。").waitFor();
    const [first = "", ...rest] = lostCode;
    await enter([first === "0" ? "1" : "0", ...rest].join(""));
    await another.getByText("有一处抄错了，请逐组核对。").waitFor();
    await expectFit(another, "resident wrong code");
    await open(neighbour, "trail");
    await passage(neighbour).waitFor();
    // The telephone is lost: the desk invites anew, on another one. What was sealed before is not gone with it.
    const next = await newDevice();
    await joinAs(next, person(1).personId);
    await enter(lostCode);
    await another.getByText("这把密钥已不再登记").waitFor();
    await expectFit(another, "resident replaced code");
    await open(neighbour, "home");
    await neighbour.getByText("这把密钥已不再登记").waitFor();
    await expectFit(neighbour, "resident old device");
    await open(next, "trail");
    await next.getByText("还没有您的出入记录。").waitFor();
    await open(next, "key");
    const former = next.getByRole("button", { name: "打开以前的记录" });
    await next.getByLabel("恢复码").fill(lostCode);
    await former.click();
    await next.getByText(/^打开了 \d+ 条，已放进“我的出入”。$/).waitFor();
    await expectFit(next, "resident former key");
    await open(next, "trail");
    await passage(next).getByText("已开门").waitFor();
    for (const page of [another, next]) await page.context().close();
  });

  it("says that a card never came, which the desk hears; asks for a phone key, and ends one", async () => {
    const { personId } = person(0);
    const { credential } = await desk.call(credentialEndpoints.enrol, {
      body: { kind: "desfire", identifier: "04c0ffee00a1b2", personId },
    });
    await open(own, "receipts");
    const due = own.getByRole("region", { name: "卡，尾号 A1B2" });
    await due.getByRole("button", { name: "我没收到" }).click();
    await due.getByText("已告诉服务台：您没收到").waitFor();
    await expectFit(own, "resident denied receipt");
    const { items } = await desk.call(credentialEndpoints.list, { query: { personId, receipt: "denied" } });
    expect(items.map(({ id }) => id)).toEqual([credential.id]);

    await open(own, "phones");
    await own.getByRole("button", { name: "申请手机钥匙" }).click();
    await own.getByText("请带手机到服务台").waitFor();
    expect((await desk.call(aliroEndpoints.requests, {})).items).toMatchObject([{ personId }]);
    const reader = await desk.call(aliroEndpoints.beginGroup, { body: { doorGroup: 1 } });
    expect(reader.groups).toHaveLength(1);
    const { id, reader: identity } = await desk.call(aliroEndpoints.beginDesk, { body: { personId } });
    const possession = await tapDesk(identity);
    await desk.call(aliroEndpoints.enrolPhone, { params: { id }, body: { possession } });
    await open(own, "phones");
    await own.getByText("服务台登记了它，您还没有确认。").waitFor();
    await expectFit(own, "resident phone key");
    await own.getByRole("link", { name: "去确认" }).click();
    const phone = own.getByRole("region", { name: /^手机/ });
    await phone.getByRole("button", { name: "收到了，签收" }).click();
    await own.getByText("已签收").waitFor();
    await open(own, "phones");
    await own.getByRole("button", { name: "停用这把钥匙" }).click();
    await own.getByRole("button", { name: "停用", exact: true }).click();
    await own.getByText("已停用并交回").waitFor();
  });

  it("makes a phone pass and a visitor's pass on the telephone, and shows both without a network", async () => {
    await open(own, "pass");
    await own.getByRole("button", { name: "开通这部手机" }).click();
    await own.locator('.ms-qr[data-code^="MP:"]').waitFor();
    await own.getByText("正在记入公开日志").waitFor({ state: "detached", timeout: 20_000 });
    await open(own, "visitors/new");
    await own.getByLabel("给谁").fill("小李");
    await own.getByRole("button", { name: "签发" }).click();
    const visit = own.locator('.ms-qr[data-code^="MV:"]');
    await visit.waitFor();
    await own.evaluate("navigator.serviceWorker.ready.then(() => undefined)");
    await own.context().setOffline(true);
    await own.reload();
    await visit.waitFor();
    await own.getByText("现在没有网络").waitFor();
    await own.evaluate(`location.hash = "#/pass"`);
    await own.locator('.ms-qr[data-code^="MP:"]').waitFor();
    await own.context().setOffline(false);
  });

  it("takes a visitor's pass back, and gets a token that the community signed unseen", async () => {
    await open(own, "visitors");
    await own.getByRole("link", { name: /小李/ }).click();
    await own.getByRole("button", { name: "撤销" }).click();
    await own.getByRole("button", { name: "确认撤销" }).click();
    await own.getByText("已撤销").waitFor();
    await open(own, "tokens");
    await own.getByRole("button", { name: "领一个" }).first().click();
    await own.getByRole("heading", { name: "我领的码" }).waitFor({ timeout: 10_000 });
    await own.getByRole("button", { name: "出示" }).click();
    await own.locator('.ms-qr[data-code^="MT:"]').waitFor();
  });

  it("finds every credential of its home in the log by itself", async () => {
    await open(own, "homes");
    await own.getByText("找到的每一个都说得清").waitFor({ timeout: 20_000 });
    await own.getByText("通行码").first().waitFor();
  });

  it.each(LOOKS)(
    "has no serious accessibility finding on any page in $language, $colorScheme, $widthPx px",
    async (look) => {
      await wear(own, look);
      for (const name of PAGES) {
        await own.evaluate((page) => {
          location.hash = `#/${page}`;
        }, name);
        await own.locator("h1").waitFor();
        // What is read from the device and the server is on the page when nothing says any more that it is being read.
        await expect.poll(() => own.getByText(/^(正在读取|Loading)…$/).count(), { timeout: 30_000 }).toBe(0);
        await own.getByText(/^(正在翻公开日志|Reading the public log)/).waitFor({ state: "detached" });
        await expectFit(own, `resident ${name}`);
      }
    },
  );

  it("keeps showing what the device holds when the server cannot be reached", async () => {
    await own.evaluate(`localStorage.setItem("menshen.language", "zh-CN")`);
    await open(own, "home");
    await own.locator(".rights").waitFor();
    await own.context().setOffline(true);
    await own.evaluate(`location.hash = "#/trail"`);
    await own.getByText("连不上服务器").waitFor();
    await passage(own).getByText("已开门").waitFor();
    await own.context().setOffline(false);
  });

  it("takes the pictures of the guide", async () => {
    for (const language of ["zh-CN", "en"]) {
      await own.evaluate((chosen) => localStorage.setItem("menshen.language", chosen), language);
      await own.emulateMedia({ colorScheme: "light" });
      await own.setViewportSize({ width: 390, height: 844 });
      for (const name of ["home", "keys"]) {
        await open(own, name);
        await expect.poll(() => own.getByText(/^(正在读取|Loading)…$/).count(), { timeout: 30_000 }).toBe(0);
        await own.evaluate("scrollTo(0, 0)");
        await own.screenshot({ path: join(ROOT, `docs/images/resident-${name}-${language}.png`) });
      }
    }
    await own.evaluate(`localStorage.setItem("menshen.language", "zh-CN")`);
  });

  it("makes a passkey that only this device can use, seals the secret with it, and lists it", async () => {
    const devtools = await own.context().newCDPSession(own);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await open(own, "key");
    await own.getByRole("button", { name: "添加通行密钥" }).click();
    await own.getByText("还没用过").waitFor();
    await expectFit(own, "resident passkey");
  });

  it("erases the device, key and entries", async () => {
    await open(own, "device");
    await own.getByRole("button", { name: "清除", exact: true }).click();
    await own.getByRole("button", { name: "确认清除这台设备" }).click();
    await own.getByRole("link", { name: "我有邀请码" }).waitFor();
    await open(own, "trail");
    await own.getByRole("link", { name: "我有恢复码" }).waitFor();
    expect(await own.locator(".passage").count()).toBe(0);
  });

  it("brings everything back with the passkey alone, without the recovery code", async () => {
    await own.evaluate(`location.hash = "#/recover"`);
    await own.getByRole("button", { name: "用通行密钥登录" }).click();
    await own.locator(".rights").waitFor();
    await open(own, "trail");
    await passage(own).getByText("已开门").waitFor();
    await open(own, "key");
    await own.getByText(/^上次使用：/).waitFor();
    await own.getByRole("region", { name: "通行密钥" }).getByRole("button", { name: "删除" }).click();
    await own.getByText(/^上次使用：/).waitFor({ state: "detached" });
    await own.evaluate(`location.hash = "#/home"`);
    await own.locator(".rights").waitFor();
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
