import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type CommunityServer,
  type FieldDoor,
  type GateProcess,
  makeFieldDoor,
  READER_ADDRESS,
  startCommunity,
  startGate,
  UNIT_ADDRESS,
} from "@menshen/testkit/system";
import { type Installation, installerEndpoints, sessionEndpoints } from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { chooseReason } from "./harness/desks.ts";
import { expectFit, type Look, lookAt, wear } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const PHONE = { width: 390, height: 844 };
const TABLET: Look = { language: "en", colorScheme: "light", widthPx: 1024 };

/** An installer's morning with a telephone: a community without any gate, real gates, readers that speak real bytes. */
describe("an installer's morning", () => {
  const { runId, stateDir } = makeRun("installer");
  const watch: Watch = { troubles: [], foreign: [] };
  let server: CommunityServer;
  let browser: Browser;
  let page: Page;
  let field: FieldDoor;
  let gate: GateProcess;

  /** How long each part takes from the box to a door that works, seconds; looks at the page are no part of it. */
  const tookS = new Map<string, number>();
  async function timed(part: string, work: () => Promise<void>): Promise<void> {
    const beginMs = performance.now();
    await work();
    tookS.set(part, (performance.now() - beginMs) / 1_000);
  }

  const step = (name: string): Locator => page.locator(`[data-step="${name}"]`);
  const wire = (name: string): Locator => page.locator(`[data-wire="${name}"]`);

  /** The last one closes the step of all wires and opens the next. */
  async function passed(tried: Locator, timeoutMs: number): Promise<void> {
    await tried.and(page.locator('[data-state="passed"]')).waitFor({ state: "attached", timeout: timeoutMs });
  }

  /** Opens a step that may be open already, or about to be since the one before it is done. */
  async function unfold(name: string): Promise<void> {
    const isOpen = () => step(name).locator("details[open]").count();
    await expect
      .poll(
        async () => {
          if ((await isOpen()) === 0) await step(name).locator("summary").click({ timeout: 2_000 });
          return isOpen();
        },
        { timeout: 30_000 },
      )
      .toBe(1);
  }

  /** What the server finds wrong with the gate whose steps are on the screen. */
  async function findings(): Promise<string[]> {
    const gateId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    const path = installerEndpoints.get.path.replace(":gateId", gateId);
    const installation: Installation = await (await page.request.get(server.http + path)).json();
    return installation.findings.map(({ code }) => code);
  }

  /** Chooses in a list by its label; one that closes since the page was drawn again is opened again. */
  async function choose(where: Locator, label: string, option: string): Promise<void> {
    // A required one begins with a star.
    const named = page.getByRole("combobox", { name: new RegExp(`^(\\* ?)?${label}$`) });
    const box = where.locator(".ant-select").filter({ has: named });
    const chosen = box.getByText(option, { exact: true });
    await expect
      .poll(
        async () => {
          if ((await chosen.count()) > 0) return true;
          await box.click({ timeout: 2_000 }).catch(() => {});
          await page
            .locator(".ant-select-item-option")
            .getByText(option, { exact: true })
            .last()
            .click({ timeout: 2_000 })
            .catch(() => {});
          return (await chosen.count()) > 0;
        },
        { timeout: 30_000 },
      )
      .toBe(true);
  }

  /** Complaint 19: the readers answer, and wait for the person who stands at them. */
  async function giveKeys(): Promise<void> {
    for (const name of ["西门读卡器", "西门弱电箱"]) {
      const reader = step("found").locator(`[data-reader="${name}"]`);
      await reader.getByText("还没有密钥").waitFor({ timeout: 60_000 });
      await reader.getByRole("button", { name: "发密钥" }).click();
      await reader.getByRole("button", { name: "是，发密钥" }).click();
    }
  }

  /** What an installer does with the file: copies it to the box and starts the gate. */
  async function startBox(folder: string): Promise<GateProcess> {
    await step("box").getByRole("button", { name: "生成配置文件" }).click();
    const href = await step("box").getByRole("link", { name: "保存 gate.json" }).getAttribute("href");
    const file: unknown = JSON.parse(decodeURIComponent((href ?? "").replace(/^[^,]*,/, "")));
    const box = join(stateDir, folder);
    mkdirSync(box);
    const configFile = join(box, "gate.json");
    const own = { stateDir: join(box, "state"), statusPage: { host: "127.0.0.1", port: 0 } };
    writeFileSync(configFile, JSON.stringify(Object.assign({}, file, own)));
    return startGate({ runId, configFile, keyless: "wait" });
  }

  beforeAll(async () => {
    [server, browser] = await Promise.all([startCommunity({ runId, stateDir }), launchBrowser()]);
    field = await makeFieldDoor(join(stateDir, "line.sock"));
    page = await openPage(browser, watch, server.http, PHONE);
    await page.goto(server.signInLink ?? "");
    await page.getByRole("heading", { name: "此刻" }).waitFor();
    const duty = await page.request.put(server.http + sessionEndpoints.changeDuty.path, {
      data: { duty: "secure" },
      headers: { origin: server.http },
    });
    expect(duty.status()).toBe(200);
    await page.goto(`${server.http}/install`);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(gate, server);
    await field?.close();
  });

  it("begins with a name, a door, its reader and its wires", async () => {
    await timed("names and wires", describeDoor);
    await expectFit(page, "installer box");
  }, 240_000);

  async function describeDoor(): Promise<void> {
    await page.getByLabel("新控制器的名称").fill("西门控制器");
    await page.getByRole("button", { name: "开始安装" }).click();
    await page.getByRole("heading", { name: "西门控制器" }).waitFor();
    await page.getByText("已完成 0 / 9 步").waitFor();

    await step("doors").getByLabel("门的名称").fill("西门");
    await choose(step("doors"), "从", "街道");
    await choose(step("doors"), "到", "小区内");
    await step("doors").getByRole("button", { name: "添加门" }).click();

    await step("devices").getByRole("textbox", { name: /名称$/ }).fill("西门读卡器");
    await choose(step("devices"), "在哪个出入口", "西门 · 西门进");
    await step("devices").getByRole("combobox", { name: "线路" }).fill(field.transport);
    await step("devices").getByLabel("地址").fill(String(READER_ADDRESS));
    await step("devices").getByRole("button", { name: "添加" }).click();
    // One device is enough for the step; the indoor unit comes behind it.
    await step("devices")
      .getByText(`${field.transport} · 地址 ${READER_ADDRESS}`)
      .waitFor({ state: "attached" });
    await step("devices").locator("summary").click();
    await choose(step("devices"), "种类", "室内模块（继电器与输入）");
    await step("devices").getByRole("textbox", { name: /名称$/ }).fill("西门弱电箱");
    await step("devices").getByLabel("地址").fill(String(UNIT_ADDRESS));
    await step("devices").getByRole("button", { name: "添加" }).click();
    await step("devices")
      .getByText(`${field.transport} · 地址 ${UNIT_ADDRESS}`)
      .waitFor({ state: "attached" });

    await choose(step("wires"), "锁接在", "西门弱电箱");
    await choose(step("wires"), "门磁 模块", "西门弱电箱");
    await choose(step("wires"), "出门按钮 模块", "西门弱电箱");
    await choose(step("wires"), "消防信号 模块", "西门弱电箱");
    await step("wires").getByRole("button", { name: "保存接线" }).click();
    await page.getByText("已完成 3 / 9 步").waitFor();
  }

  it("starts the gate by its file; the phone was put away meanwhile, and both readers take keys once a person says so", async () => {
    await timed("file and start", async () => {
      gate = await startBox("box-1");
      await page.reload();
      await step("box").getByText("已完成").waitFor({ timeout: 60_000 });
    });
    await expectFit(page, "installer keys");
    await timed("keys of the readers", async () => {
      await giveKeys();
      await step("found").getByText("已完成").waitFor({ timeout: 60_000 });
    });
    await step("found").locator("summary").click();
    const keyed = step("found").getByText("安全通道，专用密钥");
    await expect.poll(() => keyed.count(), { timeout: 30_000 }).toBe(2);
    await expectFit(page, "installer found");
  }, 180_000);

  it("tries every wire: what the gate saw, and what a person saw", async () => {
    await timed("each wire", tryWires);
    await unfold("tests");
    await expectFit(page, "installer tests");
  }, 240_000);

  async function tryWires(): Promise<void> {
    for (const output of ["lock", "led", "sound"]) {
      await wire(output).first().getByRole("button", { name: /^测试/ }).click();
      await wire(output).first().getByRole("button", { name: "是", exact: true }).click({ timeout: 30_000 });
      await passed(wire(output), 30_000);
    }
    await wire("contact").getByRole("button", { name: /^测试/ }).click();
    await wire("contact").getByText("现在开门，再关上（60 秒内）").waitFor();
    field.door.force();
    await passed(wire("contact"), 60_000);
    await wire("exit").getByRole("button", { name: /^测试/ }).click();
    await wire("exit").getByText("现在按一下出门按钮（60 秒内）").waitFor();
    field.door.leave();
    await passed(wire("exit"), 60_000);
    await wire("tamper").first().getByRole("button", { name: /^测试/ }).click();
    await wire("tamper").first().getByText("现在打开读卡器外壳，再盖上（60 秒内）").waitFor();
    field.reader.setTamper(true);
    await expect.poll(findings, { timeout: 30_000 }).toContain("reader-tamper");
    field.reader.setTamper(false);
    await passed(wire("tamper"), 60_000);
  }

  it("tests the whole gate, and says what keeps the door from a better grade", async () => {
    await timed("self-test", async () => {
      await unfold("selfTest");
      await step("selfTest").getByRole("button", { name: "开始自检" }).click();
      await step("selfTest")
        .getByText(/^看了 \d+ 处/)
        // A clean one closes its step and opens the next.
        .waitFor({ state: "attached", timeout: 120_000 });
    });
    await unfold("grade");
    await step("grade").getByText("控制器没有安全芯片（TPM），最多 B 级").waitFor();
    await lookAt(page, "installer steps");
    await wear(page, TABLET);
    await expectFit(page, "installer steps");
    await wear(page, { ...TABLET, language: "zh-CN", widthPx: PHONE.width });
  }, 180_000);

  it("prints a label for the door", async () => {
    await page.goto(page.url().replace(/\/?$/, "/labels"));
    const code = page.getByRole("img", { name: "西门的二维码" });
    await code.waitFor();
    await expect.poll(() => code.getAttribute("data-code")).toMatch(/\/doors\?portal=[0-9a-f-]{36}$/);
    await page.emulateMedia({ media: "print" });
    await page.getByRole("button", { name: "打印" }).waitFor({ state: "hidden" });
    await page.emulateMedia({ media: "screen" });
    await lookAt(page, "installer labels");
    await page.setViewportSize(PHONE);
    await page.getByRole("link", { name: "西门控制器" }).click();
  });

  it("replaces the box when it is broken: doors, readers and wires are there already", async () => {
    gate.process.child.kill("SIGKILL");
    await gate.process.ended;
    const broken = page.url();
    await page.getByRole("button", { name: "用新机器接替" }).click();
    await chooseReason(page, "维护");
    await page.getByRole("button", { name: "用新机器接替" }).click();
    await page.getByText("这台接替了一台坏掉的控制器。").waitFor();
    expect(page.url()).not.toBe(broken);
    await page.getByText(/^已完成 3 \/ 9 步/).waitFor();
    // The disk broke too: both devices are put into install mode, as with a switch on their backs.
    await field.close();
    field = await makeFieldDoor(join(stateDir, "line.sock"));
    gate = await startBox("box-2");
    await giveKeys();
    await step("found").getByText("已完成").waitFor({ timeout: 90_000 });
    // What was not sent is lost with the disk, and the page says so.
    const old = page.getByRole("region", { name: "旧机器的记录和密钥" });
    await old.getByText(/^它截至第 \d+ 条的记录已在服务器上。$/).waitFor();
    await expectFit(page, "installer old journal");
    await old.getByRole("button", { name: "旧硬盘已不能读取" }).click();
    await chooseReason(page, "维护");
    await page.getByRole("button", { name: "旧硬盘已不能读取" }).click();
    await old.getByText(/^第 \d+ 条之后的记录随硬盘丢失。$/).waitFor();
  }, 240_000);

  it("took a new door from its box to working in less than ten minutes", () => {
    const parts = [...tookS].map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`);
    const totalS = [...tookS.values()].reduce((sum, seconds) => sum + seconds, 0);
    process.stdout.write(`box to working ${totalS.toFixed(1)} s: ${parts.join(", ")}\n`);
    expect([...tookS.keys()]).toEqual([
      "names and wires",
      "file and start",
      "keys of the readers",
      "each wire",
      "self-test",
    ]);
    expect(totalS).toBeLessThan(600);
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
