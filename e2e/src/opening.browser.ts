import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePackageKeys, verifyPackage } from "@menshen/custody";
import {
  CHANGE_REASON_HEADER,
  type Endpoint,
  openingEndpoints,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { makeProgramCustodian, type ProgramCustodian } from "./harness/custodian.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { appoint, chooseReason, givePasskeys, keyOn } from "./harness/desks.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind, countSealed } from "./harness/stored.ts";

const PASSPHRASE = "ginkgo under the north gate";
/** Small PDFs, each of its own. */
const scanOf = (number: number) => ({
  name: `${number}.pdf`,
  mimeType: "application/pdf",
  buffer: Buffer.from(`%PDF-1.4\n% ${number}\n%%EOF\n`),
});
const HOUR_MS = 3_600_000;

/** A lawful opening as people do it: custodians at their desks, the records officer at hers. */
describe("custodians and the records desk", () => {
  const { runId, stateDir } = makeRun("opening");
  let demo: RunningDemo;
  let browser: Browser;
  let staff: Page;
  let committee: Page;
  let property: Page;
  let records: Page;
  let city: ProgramCustodian;
  let holdId: string;
  const watch: Watch = { troubles: [], foreign: [] };

  const newPage = () => openPage(browser, watch, demo.console);

  /** As the signed-in member of staff of a page. */
  async function asStaff(page: Page, endpoint: Endpoint, data: unknown): Promise<unknown> {
    const response = await page.request.fetch(demo.console + endpoint.path, {
      method: endpoint.method,
      data,
      headers: { [CHANGE_REASON_HEADER]: "test" },
    });
    if (!response.ok()) throw new Error(`${endpoint.id}: ${response.status()} ${await response.text()}`);
    return response.json();
  }

  /** In the community's time, as `datetime-local` takes it: to the second, or to the minute. */
  const local = (epochMs: number, length: 16 | 19) =>
    new Date(epochMs + 8 * HOUR_MS).toISOString().slice(0, length);

  const midnightMs = (now: number) => Date.parse(`${local(now, 19).slice(0, 10)}T00:00:00+08:00`);

  /** Fills in what every request has. */
  async function fillIn(request: {
    readonly number?: string;
    readonly purpose: string;
    readonly windowMs: number;
    readonly deadlineMs: number;
  }): Promise<void> {
    const now = Date.now();
    await records.getByLabel("提出申请的机关").fill("某市公安局某分局");
    if (request.number !== undefined) {
      await records.getByLabel("文号").fill(request.number);
      await records.getByLabel("文书扫描件").setInputFiles(scanOf(1));
      await records.getByText("已提交").waitFor();
    }
    await records.getByLabel("哪几个门").fill("北门");
    await records.keyboard.press("Enter");
    await records.keyboard.press("Escape");
    // The community was made today: before its first midnight there was nothing that could be asked for.
    const from = local(Math.max(now - request.windowMs, midnightMs(now)), 19);
    await records.getByLabel("从", { exact: true }).fill(from);
    await records.getByLabel("到", { exact: true }).fill(local(now - 1_000, 19));
    await records.getByLabel("用途").click();
    await records.getByTitle(request.purpose).click();
    // A slow machine lets many people pass while this file runs.
    await records.getByLabel("最多开启几条").fill("500");
    await records.getByLabel("最迟何时答复").fill(local(now + request.deadlineMs, 16));
    await records.getByLabel("保密到何时").fill(local(now + 240 * HOUR_MS, 16));
  }

  /** Checks what was filled in, and enters it. */
  async function enter(): Promise<void> {
    await records.getByRole("button", { name: "检查" }).click();
    await records.getByText("检查通过。保管人将读到：").waitFor();
    await records.getByRole("button", { name: "登记这份申请" }).click();
    await records.getByText("等待保管人").waitFor({ timeout: 30_000 });
  }

  async function newRequest(): Promise<void> {
    await records.getByRole("link", { name: "依法开启" }).click();
    await records.getByRole("button", { name: "登记申请" }).click();
  }

  /** Both desks read what waits for them, and say yes. */
  async function bothSay(yes: string, look: () => Promise<void>): Promise<void> {
    for (const page of [committee, property]) {
      const waiting = page.locator(".desk-request--waiting");
      await waiting.getByRole("link", { name: "查看" }).click({ timeout: 20_000 });
      await page.getByRole("button", { name: yes }).waitFor();
    }
    await look();
    for (const page of [committee, property]) {
      await page.getByRole("button", { name: yes }).click();
      await page.getByText(/已答复 \d+ 条/).waitFor({ timeout: 30_000 });
      await page.getByRole("link", { name: "返回" }).click();
    }
  }

  /** The evidence of a case is put under the hold, chosen from the list by somebody who may do both. */
  async function keepEvidence(): Promise<void> {
    const caseId = randomUUID();
    await changeBehind(
      join(stateDir, "community"),
      `insert into detection_case (id, credential, epoch, kind, opened_at, reached_at, step, score, probability, signs)
       values ('${caseId}', decode(repeat('ab', 24), 'hex'), 1, 'uid', now(), now(), 'ask', 12, 0.97, '[]')`,
    );
    const made = (await asStaff(staff, staffEndpoints.create, {
      displayName: "安全兼档案",
      roles: ["security", "records"],
    })) as { signIn: { link: string } };
    const desk = await newPage();
    await desk.goto(made.signIn.link);
    await desk.getByRole("navigation").first().waitFor();
    await desk.goto(`${demo.console}/cases/${caseId}`);
    await desk.getByRole("combobox", { name: "保全请求" }).click();
    const offered = desk.locator(".ant-select-item-option");
    await offered.first().waitFor();
    expect(await offered.allTextContents()).toEqual([expect.stringContaining("调证〔2026〕116号")]);
    await offered.first().click();
    await desk.getByRole("button", { name: "保全证据" }).click();
    const held = desk.locator(".case-actions").getByRole("link", { name: "证据已保全" });
    expect(await held.getAttribute("href")).toBe(`/openings/${holdId}`);
    await desk.context().close();
  }

  beforeAll(async () => {
    demo = await startDemo({ runId, stateDir, pace: 120 });
    browser = await launchBrowser();
    [staff, committee, property, records] = await Promise.all([newPage(), newPage(), newPage(), newPage()]);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("custodians make their identity keys, one behind a passphrase, one behind a passkey", async () => {
    await staff.goto(demo.signInLink);
    await staff.getByRole("heading", { name: "此刻" }).waitFor();
    for (const page of [committee, property]) {
      await page.goto(`${demo.console}/custodian`);
      await page.getByRole("checkbox", { name: "我已经核对过，一致" }).check();
    }
    await committee.getByRole("radio", { name: "口令" }).check();
    await committee.getByRole("textbox", { name: "口令" }).fill(PASSPHRASE);
    await committee.getByLabel("再输入一次").fill(PASSPHRASE);

    await givePasskeys(property);
    for (const page of [committee, property]) {
      await page.getByRole("button", { name: "生成身份密钥" }).click();
    }
    for (const page of [committee, property]) {
      await page.getByText("还没有登记为保管人").waitFor({ timeout: 30_000 });
    }
    expect(await keyOn(committee)).toMatch(/^[0-9a-f]{64}$/);
    expect(await keyOn(property)).not.toBe(await keyOn(committee));
  });

  it("a locked desk opens by the passphrase, or by the passkey", async () => {
    await property.getByRole("button", { name: "锁定" }).click();
    await property.getByRole("button", { name: "用通行密钥解锁" }).click();
    await property.getByText("还没有登记为保管人").waitFor();
    await committee.getByRole("button", { name: "锁定" }).click();
    await committee.getByLabel("口令").fill(PASSPHRASE);
    await committee.getByRole("button", { name: "解锁" }).click();
    await committee.getByText("还没有登记为保管人").waitFor({ timeout: 30_000 });
  });

  it("appointed and confirmed, they make keys together with a third program", async () => {
    city = makeProgramCustodian(demo.console);
    await asStaff(staff, sessionEndpoints.changeDuty, { duty: "secure" });
    await staff.goto(`${demo.console}/settings`);
    await appoint(staff, [await keyOn(committee), await keyOn(property), city.identityKey]);
    await staff.getByText(city.identityKey).waitFor();
    for (const page of [committee, property]) {
      await page.getByRole("button", { name: "已核对，确认" }).click({ timeout: 20_000 });
    }
    const third = city.makeKeys();
    await committee.getByRole("button", { name: "召集制作密钥" }).click();
    await property.getByRole("button", { name: "参加" }).click({ timeout: 20_000 });
    for (const page of [committee, property]) {
      await page.getByText("密钥做好了").waitFor({ timeout: 60_000 });
      await page.getByText("您的份额已封存在这个浏览器里").waitFor();
    }
    expect(await third).toMatchObject({ finished: true });
    // Gates learn of the keys a little later, and what they wrote before is sealed to nobody. Later steps need two.
    await expect
      .poll(() => countSealed(join(stateDir, "community"), "北门"), { timeout: 60_000 })
      .toBeGreaterThan(2);
  });

  it("a request is refused in words beside its fields, and then entered", async () => {
    const made = (await asStaff(staff, staffEndpoints.create, {
      displayName: "档案员",
      roles: ["records"],
    })) as { signIn: { link: string } };
    await records.goto(made.signIn.link);
    await records.getByRole("link", { name: "依法开启" }).click();
    await records.getByText("还没有申请").waitFor();
    await records.getByRole("button", { name: "登记申请" }).click();

    await records.getByRole("button", { name: "检查" }).click();
    await records.getByText("申请缺少这一项。").first().waitFor();
    await lookAt(records, "refused intake", {
      isCrowded: true,
      prepare: async () => {
        await records.locator("form.intake button[type=submit]").click();
        await records.locator(".refusal").first().waitFor();
      },
    });

    await fillIn({
      number: "调证〔2026〕114号",
      purpose: "侦查犯罪",
      windowMs: HOUR_MS,
      deadlineMs: 24 * HOUR_MS,
    });
    await records.getByLabel("到", { exact: true }).fill(local(Date.now() + HOUR_MS, 19));
    await records.getByRole("button", { name: "检查" }).click();
    await records.getByText("时间段伸到了将来。").waitFor();
    await records.getByLabel("到", { exact: true }).fill(local(Date.now() - 1_000, 19));
    await enter();
    await records.getByRole("heading", { name: /调证〔2026〕114号/ }).waitFor();
  });

  it("entries that arrive late are taken in, and who has answered is asked again", async () => {
    const id = new URL(records.url()).pathname.split("/").at(-1) ?? "";
    // As if one had not been there when the request came.
    const late = await changeBehind(
      join(stateDir, "community"),
      `delete from opening_entry where opening_id = '${id}'
        and position = (select max(position) from opening_entry where opening_id = '${id}')`,
    );
    expect(late).toBe(1);
    const waiting = committee.locator(".desk-request--waiting");
    await waiting.getByRole("link", { name: "查看" }).click({ timeout: 20_000 });
    await committee.getByRole("button", { name: "同意开启" }).click();
    await committee.getByText(/已答复 \d+ 条/).waitFor({ timeout: 30_000 });
    await committee.getByRole("link", { name: "返回" }).click();
    await records.getByRole("button", { name: "查找并补入" }).click();
    await chooseReason(records, "安全");
    await records.getByRole("button", { name: "查找并补入" }).click();
    await records.getByText(/^补入了 \d+ 条，保管人会收到$/).waitFor();
    await records.getByText("迟到的记录等待答复").waitFor();
    await lookAt(records, "opening with late entries");
  });

  it("both custodians see what was checked, and say yes", async () => {
    await bothSay("同意开启", async () => {
      for (const page of [committee, property]) {
        await page.getByRole("heading", { name: /某市公安局某分局请求开启/ }).waitFor();
        const passed = page.locator(".checklist .ms-state--granted");
        await expect.poll(() => passed.count(), { timeout: 30_000 }).toBe(7);
      }
      await lookAt(committee, "request", { isCrowded: true });
    });
    await lookAt(committee, "desk", { isCrowded: true });
  });

  it("the package is handed over once, and verifies with keys from elsewhere", async () => {
    await records.getByText("待移交").waitFor({ timeout: 20_000 });
    await lookAt(records, "ready");
    await records.getByRole("button", { name: "取出移交包" }).click();
    await chooseReason(records, "安全");
    const downloading = records.waitForEvent("download");
    await records.getByRole("button", { name: "取出移交包" }).click();
    const text = readFileSync(await (await downloading).path(), "utf8");
    const keys = await (await fetch(demo.console + openingEndpoints.keys.path)).json();
    const verdict = verifyPackage(text, parsePackageKeys(keys));
    expect(verdict).toMatchObject({ verified: true, request: { documentNumber: "调证〔2026〕114号" } });
    expect(verdict.verified ? verdict.entries.length : 0).toBeGreaterThan(0);
    await records.getByText("已移交").first().waitFor();
  });

  it("a seal lasts longer by a new document only", async () => {
    const until = Date.now() + 480 * HOUR_MS;
    await records.getByRole("button", { name: "延长保密期" }).click();
    const form = records.getByRole("form", { name: "延长保密期" });
    await expect.poll(() => form.getByRole("button", { name: "延长", exact: true }).isEnabled()).toBe(false);
    await form.getByLabel("保密到何时").fill(local(until, 16));
    await form.getByLabel("文书扫描件").setInputFiles(scanOf(2));
    await form.getByText("已提交").waitFor();
    await form.getByRole("button", { name: "延长", exact: true }).click();
    await form.waitFor({ state: "detached" });
    const day = local(until, 16).slice(0, 10).replaceAll("-", "/");
    await records.getByText(day).first().waitFor();
    await lookAt(records, "opening sealed longer");
  });

  it("a hold is asked for, two say yes to it, and it is in force when all have answered", async () => {
    await newRequest();
    await records.getByRole("radio", { name: "保全", exact: true }).check();
    await records.getByLabel("保全到何时").fill(local(Date.now() + 1_440 * HOUR_MS, 16));
    await fillIn({
      number: "调证〔2026〕116号",
      purpose: "侦查犯罪",
      windowMs: HOUR_MS,
      deadlineMs: 24 * HOUR_MS,
    });
    await expectFit(records, "hold intake");
    await enter();
    await bothSay("同意保全", () => lookAt(committee, "hold request", { isCrowded: true }));
    // A bad answer would show only when the hold is opened: the third is waited for.
    await records.getByText("三方都答复之后才生效").waitFor();
    await lookAt(records, "hold waiting for the third");
    holdId = new URL(records.url()).pathname.split("/").at(-1) ?? "";
    await city.refuse(holdId);
    await records.getByText("保全中", { exact: true }).first().waitFor({ timeout: 20_000 });
    await lookAt(records, "hold in force", { isCrowded: true });
    await keepEvidence();
    // Its end comes while the emergency below goes on.
    await changeBehind(
      join(stateDir, "community"),
      `update opening set hold_until = now() where id = '${holdId}'`,
    );
  });

  it("an emergency opens by the two on call, and is reviewed with the papers that were left out", async () => {
    await newRequest();
    await records.getByRole("radio", { name: "紧急", exact: true }).check();
    await fillIn({ purpose: "寻找失踪人员", windowMs: HOUR_MS, deadlineMs: 2 * HOUR_MS });
    for (const body of ["业主委员会", "物业公司"]) {
      await records.getByRole("checkbox", { name: body }).check();
    }
    await expectFit(records, "emergency intake");
    await enter();
    await bothSay("同意开启", async () => {
      await committee.getByText("文书待补（紧急）").waitFor();
      await lookAt(committee, "emergency request", { isCrowded: true });
    });
    await records.getByText("待移交").waitFor({ timeout: 20_000 });
    await records.getByText("由审计职责的人员记录三方的结论。").waitFor();
    await lookAt(records, "emergency opened");

    await asStaff(staff, sessionEndpoints.changeDuty, { duty: "audit" });
    await staff.goto(records.url());
    await staff.getByText("要补上文号和扫描件").waitFor();
    expect(await staff.getByRole("button", { name: "记录为正当" }).count()).toBe(0);
    await lookAt(staff, "emergency review");
    await staff.getByLabel("文号").fill("调证〔2026〕115号");
    await staff.getByLabel("文书扫描件").setInputFiles(scanOf(3));
    await staff.getByRole("button", { name: "记录为正当" }).click();
    await chooseReason(staff, "紧急");
    await staff.getByRole("button", { name: "记录为正当" }).click();
    await staff.getByText(/复核：正当/).waitFor();
    await staff.getByRole("heading", { name: /文书已补/ }).waitFor();
    await lookAt(staff, "emergency reviewed");
  });

  it("the list, the report, the locked desk and the first visit are fit for everybody", async () => {
    await records.getByRole("link", { name: "依法开启" }).click();
    await records.getByText("调证〔2026〕114号").waitFor();
    await lookAt(records, "list");
    await records.getByRole("button", { name: "年度报告" }).click();
    await records.getByText("两列一致").waitFor();
    await records.getByRole("row", { name: "紧急申请 1 1", exact: true }).waitFor();
    await lookAt(records, "report");
    await committee.getByRole("button", { name: "锁定" }).click();
    await committee.getByRole("heading", { name: "解锁" }).waitFor();
    await lookAt(committee, "locked");
    await staff.goto(`${demo.console}/custodian`);
    await staff.getByText("1. 核对日志的公钥").waitFor();
    await lookAt(staff, "first visit");
    await records.goto(`${demo.console}/openings/${holdId}`);
    await records.getByText("保全已结束", { exact: true }).first().waitFor({ timeout: 60_000 });
    await records.getByText(/已全部消失$/).waitFor();
    await lookAt(records, "hold ended");
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
