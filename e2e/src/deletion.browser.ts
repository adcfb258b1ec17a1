import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Api, eventually, ROOT, signIn } from "@menshen/testkit/system";
import {
  consentNoticeEndpoints,
  type DemoState,
  demoEndpoints,
  eventEndpoints,
  residentInvitationEndpoints,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
  type VendorExit,
  vendorEndpoints,
  vendorExitEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, lookAt, wear } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind, readBehind } from "./harness/stored.ts";

const SEEN_MS = 60_000;
const IMAGES = join(ROOT, "docs/images");
const PHONE = { width: 390, height: 844 };
const DOOR = "1 号楼单元门";
const AWAY = "车库弱电间";
/** What a backup from before the deletion has of a person and their card. */
const BACKED_UP = ["person", "residency", "credential"] as const;
const NEXT = "邻安门禁服务有限公司";

/** One resident goes for good, and later the vendor: what each gate and store says to it, and who may see that. */
describe("deletion", () => {
  const { runId, stateDir } = makeRun("deletion");
  const community = join(stateDir, "community");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let founder: Api;
  let browser: Browser;
  let own: Page;
  let desk: Page;
  let leaver: DemoState["people"][number];
  let neighbour: DemoState["people"][number];
  let progress: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    founder = await signIn(demo.signInLink);
    await founder.call(demoEndpoints.pace, { body: { perMinute: 0 } });
    const { people } = await founder.call(demoEndpoints.state, {});
    const here = people.filter(
      ({ cards, dwellingName }) => cards.length > 0 && dwellingName?.startsWith("1 号楼"),
    );
    const [first, second] = here;
    if (first === undefined || second === undefined) throw new Error("too few people in the first building");
    [leaver, neighbour] = [first, second];
    desk = await staffPage("desk");
    own = await openPage(browser, watch, demo.console, PHONE);
    const params = { id: leaver.personId };
    await joinByLink(own, (await founder.call(residentInvitationEndpoints.create, { params })).link);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function staffPage(role: StaffRole): Promise<Page> {
    const page = await openPage(browser, watch, demo.console);
    const made = await founder.call(staffEndpoints.create, {
      body: { displayName: `测试 ${role}`, roles: [role] },
    });
    // The demonstration's controls belong to this duty, and say nothing of it.
    await founder.call(sessionEndpoints.changeDuty, { body: { duty: "operate" } });
    await page.goto(made.signIn.link);
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  async function cut(isCut: boolean): Promise<void> {
    const { gates } = await founder.call(demoEndpoints.state, {});
    const gateId = gates.find(({ name }) => name === AWAY)?.gateId ?? "";
    await founder.call(demoEndpoints.network, { body: { gateId, cut: isCut } });
  }

  /** Holds somebody's first card to the door of the first building. @returns whether a real gate opened */
  async function tap(cardId: string | undefined): Promise<boolean> {
    const { doors } = await founder.call(demoEndpoints.state, {});
    const accessPointId = doors.find(({ name }) => name === DOOR)?.accessPoints[0]?.accessPointId ?? "";
    const from = Date.now();
    await founder.call(demoEndpoints.present, {
      body: { accessPointId, ...(cardId === undefined ? {} : { cardId }) },
    });
    let granted: boolean | undefined;
    await eventually("the gate told of it", SEEN_MS, async () => {
      const query = { accessPointId, kind: "access" as const, from: from - 1_000, limit: 5 };
      const { items } = await founder.call(eventEndpoints.list, { query });
      granted = items.find(({ receivedAt }) => receivedAt >= from)?.granted;
      return granted !== undefined;
    });
    return granted ?? false;
  }

  const verify = (file: string, key: string) =>
    spawnSync(join(ROOT, "apps/cli/bin/menshen.js"), ["verify", "deletion", file, "--key", key, "--json"], {
      encoding: "utf8",
      env: { ...process.env, MENSHEN_RUN_ID: runId },
    });

  async function saved(page: Page): Promise<string> {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "保存回执（JSON 文件）" }).click(),
    ]);
    return file.path();
  }

  const checked = (page: Page, gates: number) =>
    page.getByText(new RegExp(`${gates} 台控制器各自的签名也对|so did ${gates} gates`)).waitFor();

  it("X2 (EN 303 645 5.11): a resident types their name, and sees which gate and store has let go, signed", async () => {
    expect(await tap(leaver.cards[0]?.cardId)).toBe(true);
    // Where nobody looks for what names a person: the server would find it in its own tables.
    await changeBehind(community, "create schema backup");
    for (const table of BACKED_UP) {
      const own = table === "person" ? "id" : "person_id";
      await changeBehind(
        community,
        `create table backup.${table} as select * from ${table} where ${own} = '${leaver.personId}'`,
      );
      // Their name stands in no copy: it is under their key.
      const rows = await readBehind(community, `select * from backup.${table}`);
      expect(rows.length, table).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain(leaver.name);
    }
    await cut(true);
    await own.goto(`${demo.console}/resident/#/data`);
    await own.getByRole("button", { name: "存一份（JSON 文件）" }).waitFor();
    await lookAt(own, "resident data", {
      prepare: () => own.getByRole("button", { name: /存一份|Save a copy/ }).waitFor(),
    });
    await own.setViewportSize(PHONE);
    const confirm = own.getByRole("button", { name: "立即全部删除" });
    await own.getByLabel("写上您在这里的名字来确认").fill("别人的名字");
    expect(await confirm.isDisabled()).toBe(true);
    await own.getByLabel("写上您在这里的名字来确认").fill(leaver.name);
    await confirm.click();
    await own.getByText("3 台控制器中已有 2 台交来回执").waitFor({ timeout: SEEN_MS });
    progress = own.url();
    await own.getByRole("listitem").filter({ hasText: AWAY }).getByText("等它联系").waitFor();
    await own.getByRole("listitem").filter({ hasText: "数据库" }).getByText("没有您的信息").waitFor();
    await checked(own, 2);
    await lookAt(own, "resident deletion going", {
      prepare: async () => {
        await checked(own, 2);
        const { width } = own.viewportSize() ?? PHONE;
        if (width !== PHONE.width) return;
        // Of the guide.
        for (const language of ["en", "zh-CN"] as const) {
          await wear(own, { language, colorScheme: "light", widthPx: PHONE.width });
          await checked(own, 2);
          await own.screenshot({ path: join(IMAGES, `resident-deletion-${language}.png`) });
        }
        await wear(own, { language: "en", colorScheme: "dark", widthPx: PHONE.width });
        await checked(own, 2);
      },
    });
    await own.setViewportSize(PHONE);

    const file = await saved(own);
    const { key } = await founder.call(consentNoticeEndpoints.receiptKey, {});
    expect(verify(file, key)).toMatchObject({ status: 0 });
    const forged = join(stateDir, "forged.json");
    writeFileSync(forged, readFileSync(file, "utf8").replace('"ground":"asked"', '"ground":"desk"'));
    expect(verify(forged, key)).toMatchObject({ status: 1 });
    expect(readFileSync(file, "utf8")).not.toContain(leaver.name);

    // Nothing of them is left on the telephone, and the code alone shows it again.
    await own.goto(`${demo.console}/resident/#/home`);
    await own.getByRole("link", { name: "我有邀请码" }).waitFor();
    await own.getByRole("link", { name: "我的删除" }).click();
    await own.getByLabel("查进度的代码").fill("0000 0000");
    await own.getByRole("button", { name: "看进度" }).click();
    await own.getByText("没有对应这串代码的删除").waitFor();
    await expectFit(own, "resident deletion code");
    const code = new URL(progress).hash.split("/").at(-1) ?? "";
    await own.getByLabel("查进度的代码").fill((code.match(/.{4}/g) ?? []).join(" "));
    await own.getByRole("button", { name: "看进度" }).click();
    await checked(own, 2);
  });

  it("X2: their card is refused at the door, and the neighbour's opens it", async () => {
    expect(await tap(leaver.cards[0]?.cardId)).toBe(false);
    expect(await tap(neighbour.cards[0]?.cardId)).toBe(true);
    const keys = readdirSync(join(community, "keys/persons"));
    expect(keys).toContain(`${leaver.personId}.gone`);
    expect(keys).not.toContain(`${leaver.personId}.key`);
    expect(keys).toContain(`${neighbour.personId}.key`);
  });

  it("X2: staff see in the console which gate has not answered, name nobody, and make a slip", async () => {
    await desk.goto(`${demo.console}/deletions`);
    await desk.getByText(`还在等：${AWAY}`).waitFor();
    expect(await desk.getByText(leaver.name).count()).toBe(0);
    await lookAt(desk, "console deletions", {
      prepare: () => desk.locator(".deletions__lead").first().waitFor(),
    });
    await desk.screenshot({ path: join(IMAGES, "console-deletions.png") });
    await desk.goto(`${demo.console}/deletions`);
    await desk.getByRole("link", { name: /本人要求删除/ }).click();
    await desk.getByText("3 台控制器中已有 2 台交来回执").waitFor();
    await lookAt(desk, "console deletion", {
      prepare: () => desk.getByText(AWAY).waitFor(),
    });
    await desk.getByRole("button", { name: "给本人一张纸条" }).click();
    const slip = ((await desk.locator(".deletion-code code").textContent()) ?? "").replaceAll(" ", "");
    await expectFit(desk, "console deletion slip");
    // The code from before ended.
    await own.goto(progress);
    await own.reload();
    await own.getByText("没有对应这串代码的删除").waitFor();
    progress = `${demo.console}/resident/#/deletion/${slip}`;
    await own.goto(progress);
    await checked(own, 2);
  });

  it("X2: the gate that was away forgets at its first contact, and the deletion is closed with its receipt", async () => {
    await cut(false);
    await own.getByText(/^全部删除完毕/).waitFor({ timeout: 2 * SEEN_MS });
    await checked(own, 3);
    await lookAt(own, "resident deletion closed", { prepare: () => checked(own, 3) });
    await own.setViewportSize(PHONE);
    const { key } = await founder.call(consentNoticeEndpoints.receiptKey, {});
    const { status, stdout } = verify(await saved(own), key);
    expect([status, JSON.parse(stdout).receipt]).toMatchObject([0, { isClosed: true }]);
    await desk.goto(`${demo.console}/deletions`);
    await desk.getByText("没有正在进行的删除").waitFor();
    await desk.getByText("已完成", { exact: true }).click();
    await desk.getByText("全部删除完毕").waitFor();
  });

  it("X1 (PIPL 47): a backup from before that is put back names nobody, and they are deleted from it again", async () => {
    for (const table of BACKED_UP) {
      await changeBehind(community, `insert into ${table} select * from backup.${table}`);
    }
    await endInOrder(demo);
    demo = await startDemo({ runId, stateDir, pace: 1, isAgain: true });
    // Before the server says that it is ready, and so before any gate hears of their card again.
    for (const table of BACKED_UP) {
      const own = table === "person" ? "id" : "person_id";
      const rows = await readBehind(community, `select 1 from ${table} where ${own} = '${leaver.personId}'`);
      expect(rows, table).toEqual([]);
    }
    founder = await signIn(demo.signInLink);
    await founder.call(demoEndpoints.pace, { body: { perMinute: 0 } });
    desk = await staffPage("desk");
    await eventually("the second deletion is closed too", SEEN_MS, async () => {
      await desk.goto(`${demo.console}/deletions`);
      await desk.getByText("已完成", { exact: true }).click();
      return desk
        .getByText("恢复旧备份后再次删除")
        .waitFor({ timeout: 5_000 })
        .then(
          () => true,
          () => false,
        );
    });
    expect(await tap(leaver.cards[0]?.cardId)).toBe(false);
    expect(await tap(neighbour.cards[0]?.cardId)).toBe(true);
  });

  it("X3 (PIPL 21): a vendor's exit has a receipt of each store and device, and everybody can follow it", async () => {
    const leaving = (await founder.call(vendorEndpoints.list, {})).items[0];
    if (leaving === undefined) throw new Error("the demonstration has no vendor");
    const { id, page, revision } = leaving;
    const dataHeld = [{ what: "报修记录", where: "杭州机房", until: "合同结束" }];
    await founder.call(vendorEndpoints.update, {
      params: { id },
      body: { page: { ...page, dataHeld }, revision },
    });
    const next = await founder.call(vendorEndpoints.create, { body: { ...page, name: NEXT } });
    // The owners passed their motion about it; votes have a test of their own.
    await changeBehind(community, `update vendor set before_roll = true where id = '${next.id}'`);

    const manager = await staffPage("manager");
    await manager.goto(`${demo.console}/vendors`);
    const part = manager.getByRole("region", { name: page.name }).first();
    await part.getByRole("button", { name: "开始退出" }).click();
    await part.getByLabel("原因").fill("合同到期，换一家维护");
    await part.getByRole("button", { name: "开始退出" }).click();
    await part.getByText(/还缺 \d+ 份回执/).waitFor();
    // Nothing new of theirs: where a gate is installed, the choice says why not.
    const installer = await staffPage("installer");
    await installer.goto(`${demo.console}/install`);
    await installer.getByRole("combobox", { name: "是哪家厂商的设备" }).click();
    const choices = installer.locator(".ant-select-item-option");
    await choices.getByText(NEXT, { exact: true }).waitFor();
    await choices
      .and(installer.locator(".ant-select-item-option-disabled"))
      .getByText(`${page.name}（正在退出，不能再装）`)
      .waitFor();
    await expectFit(installer, "console install with a vendor that leaves");
    await installer.context().close();
    const line = (name: string) => part.getByRole("listitem", { name, exact: true });
    const store = line("报修记录 · 杭州机房");
    await store.getByRole("button", { name: "登记回执" }).click();
    await store.getByText("已删除").click();
    await store.getByLabel("回执写了什么").fill("机房销毁记录，双方签字");
    await store.getByLabel("回执的文件（可选）").setInputFiles({
      name: "paper.pdf",
      mimeType: "application/pdf",
      buffer: Buffer.from("signed by both"),
    });
    await store.getByText(/文件指纹 [0-9a-f]{12}…/).waitFor();
    await expectFit(manager, "console vendor exit form");
    await store.getByRole("button", { name: "保存回执" }).click();
    await store.getByText("机房销毁记录，双方签字").waitFor();

    // A gate that still opens doors did not go: the word is refused, with the reason.
    const gate = line("北门岗亭");
    await gate.getByRole("button", { name: "登记回执" }).click();
    await gate.getByLabel("回执写了什么").fill("交接单第一页");
    await gate.getByRole("button", { name: "保存回执" }).click();
    await manager
      .getByText(/没有登记：它仍在使用/)
      .first()
      .waitFor();
    await gate.getByText("留下，由别家维护").click();
    await gate.getByRole("combobox", { name: "以后由谁维护" }).click();
    await manager.locator(".ant-select-item-option").getByText(NEXT).click();
    await gate.getByRole("button", { name: "保存回执" }).click();
    await gate.getByText("交接单第一页").waitFor();
    await lookAt(manager, "console vendor exit", {
      prepare: () => manager.getByText("交接单第一页").waitFor(),
    });

    const open = async () =>
      (await founder.call(vendorExitEndpoints.list, {})).items.find(
        ({ vendorId }) => vendorId === id,
      ) as VendorExit;
    expect((await open()).closedAt).toBeUndefined();
    const stranger = await openPage(browser, watch, demo.console);
    await stranger.goto(`${demo.console}/public/`);
    await stranger.getByText(/正在退出.*还缺 \d+ 份回执/).waitFor();
    // Gates before their readers, which go with them.
    const missing = (await open()).items.filter(({ outcome }) => outcome === undefined);
    for (const { id: itemId, kind } of missing.toSorted((one, two) => (one.kind < two.kind ? -1 : 1))) {
      await founder.call(vendorExitEndpoints.receipt, {
        params: { id: (await open()).id, itemId },
        body: {
          outcome: "kept",
          words: "交接单，双方签字",
          ...(kind === "gate" ? { vendorId: next.id } : {}),
        },
      });
    }
    await manager.goto(`${demo.console}/vendors`);
    await part.getByText("回执齐了，可以了结").waitFor();
    await part.getByRole("button", { name: "了结退出" }).click();
    await part.getByText(/^已了结/).waitFor();
    await eventually("the log has every receipt", SEEN_MS, async () =>
      (await open()).items.every(({ leafIndex }) => leafIndex !== undefined),
    );
    await stranger.reload();
    await stranger.getByText(/已退出，.* 了结/).waitFor();
    const each = stranger.locator("details", { hasText: "逐项看" });
    await each.locator("summary").click();
    await each.getByText("机房销毁记录，双方签字").waitFor();
    await lookAt(stranger, "public vendors", {
      prepare: async () => {
        const one = stranger.locator(".vendor-exit details");
        await one.waitFor();
        await one.evaluate((element) => {
          (element as HTMLDetailsElement).open = true;
        });
      },
    });
    // The doors did not notice.
    expect(await tap(neighbour.cards[0]?.cardId)).toBe(true);
    expect([watch.troubles, watch.foreign]).toEqual([[], []]);
  });
});
