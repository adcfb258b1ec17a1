import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePackageKeys, verifyPackage } from "@menshen/custody";
import { killRun } from "@menshen/testkit/system";
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
import { makeProgramCustodian } from "./harness/custodian.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { lookAt } from "./harness/looks.ts";

const PASSPHRASE = "ginkgo under the north gate";
/** The smallest PDF that says it is one. */
const SCAN = Buffer.from("%PDF-1.4\n%%EOF\n");

/** A lawful opening as people do it: custodians at their desks, the records officer at hers. */
describe("custodians and the records desk", () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-opening-"));
  let demo: RunningDemo;
  let browser: Browser;
  let staff: Page;
  let committee: Page;
  let property: Page;
  let records: Page;
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

  const keyOn = async (page: Page) => (await page.locator(".identity-key").textContent()) ?? "";

  beforeAll(async () => {
    demo = await startDemo({ runId, stateDir, pace: 200 });
    browser = await launchBrowser();
    [staff, committee, property, records] = await Promise.all([newPage(), newPage(), newPage(), newPage()]);
  });

  afterAll(async () => {
    await browser?.close();
    demo?.process.child.kill("SIGTERM");
    await demo?.process.ended;
    killRun(runId);
    rmSync(stateDir, { recursive: true, force: true });
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

    const cdp = await property.context().newCDPSession(property);
    await cdp.send("WebAuthn.enable");
    await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf: true,
      },
    });
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
    const city = makeProgramCustodian(demo.console);
    await asStaff(staff, sessionEndpoints.changeDuty, { duty: "secure" });
    await staff.goto(`${demo.console}/settings`);
    await staff.getByRole("button", { name: "指定保管人" }).click();
    await staff.getByLabel("业主委员会的身份公钥").fill(await keyOn(committee));
    await staff.getByLabel("物业公司的身份公钥").fill(await keyOn(property));
    await staff.getByLabel("市级监督的身份公钥").fill(city.identityKey);
    await staff.getByRole("combobox", { name: "原因" }).click();
    await staff.getByTitle("安全", { exact: true }).click();
    await staff.getByRole("button", { name: "指定这三方" }).click();
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
  });

  it("a request is refused in words beside its fields, and then entered", async () => {
    const made = (await asStaff(staff, staffEndpoints.create, {
      displayName: "档案员",
      roles: ["records"],
    })) as { signIn: { link: string } };
    await records.goto(made.signIn.link);
    await records.getByRole("link", { name: "依法调取" }).click();
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

    const local = (epochMs: number, length: number) =>
      new Date(epochMs + 8 * 3_600_000).toISOString().slice(0, length);
    const now = Date.now();
    await records.getByLabel("提出申请的机关").fill("某市公安局某分局");
    await records.getByLabel("文号").fill("调证〔2026〕114号");
    await records.getByLabel("文书扫描件").setInputFiles({
      name: "114.pdf",
      mimeType: "application/pdf",
      buffer: SCAN,
    });
    await records.getByText("已提交").waitFor();
    await records.getByLabel("哪几个门").fill("北门");
    await records.keyboard.press("Enter");
    await records.keyboard.press("Escape");
    await records.getByLabel("从", { exact: true }).fill(local(now - 3_600_000, 19));
    await records.getByLabel("到", { exact: true }).fill(local(now + 3_600_000, 19));
    await records.getByLabel("用途").click();
    await records.getByTitle("侦查犯罪").click();
    await records.getByLabel("最迟何时答复").fill(local(now + 86_400_000, 16));
    await records.getByLabel("保密到何时").fill(local(now + 10 * 86_400_000, 16));
    await records.getByRole("button", { name: "检查" }).click();
    await records.getByText("时间段伸到了将来。").waitFor();

    await records.getByLabel("到", { exact: true }).fill(local(Date.now() - 1_000, 19));
    await records.getByRole("button", { name: "检查" }).click();
    await records.getByText("检查通过。保管人将读到：").waitFor();
    await records.getByRole("button", { name: "登记这份申请" }).click();
    await records.getByRole("heading", { name: /调证〔2026〕114号/ }).waitFor();
    await records.getByText("等待保管人").waitFor({ timeout: 30_000 });
  });

  it("both custodians see what was checked, and say yes", async () => {
    for (const page of [committee, property]) {
      await page.getByRole("link", { name: "查看" }).click({ timeout: 20_000 });
      await page.getByRole("heading", { name: /某市公安局某分局请求开启/ }).waitFor();
      expect(await page.locator(".checklist .ms-state--granted").count()).toBe(7);
    }
    await lookAt(committee, "request", { isCrowded: true });
    for (const page of [committee, property]) {
      await page.getByRole("button", { name: "同意开启" }).click();
      await page.getByText(/已答复 \d+ 条/).waitFor({ timeout: 30_000 });
      await page.getByRole("link", { name: "返回" }).click();
    }
    await lookAt(committee, "desk", { isCrowded: true });
  });

  it("the package is handed over once, and verifies with keys from elsewhere", async () => {
    await records.getByText("待移交").waitFor({ timeout: 20_000 });
    await lookAt(records, "ready");
    await records.getByRole("button", { name: "取出移交包" }).click();
    await records.getByRole("combobox", { name: "原因" }).click();
    await records.getByTitle("安全").click();
    const downloading = records.waitForEvent("download");
    await records.getByRole("button", { name: "取出移交包" }).click();
    const text = readFileSync(await (await downloading).path(), "utf8");
    const keys = await (await fetch(demo.console + openingEndpoints.keys.path)).json();
    const verdict = verifyPackage(text, parsePackageKeys(keys));
    expect(verdict).toMatchObject({ verified: true, request: { documentNumber: "调证〔2026〕114号" } });
    expect(verdict.verified ? verdict.entries.length : 0).toBeGreaterThan(0);
    await records.getByText("已移交").first().waitFor();
  });

  it("the list, the report, the locked desk and the first visit are fit for everybody", async () => {
    await records.getByRole("link", { name: "依法调取" }).click();
    await records.getByText("调证〔2026〕114号").waitFor();
    await lookAt(records, "list");
    await records.getByRole("button", { name: "年度报告" }).click();
    await records.getByText("两列一致").waitFor();
    await lookAt(records, "report");
    await committee.getByRole("button", { name: "锁定" }).click();
    await committee.getByRole("heading", { name: "解锁" }).waitFor();
    await lookAt(committee, "locked");
    await staff.goto(`${demo.console}/custodian`);
    await staff.getByText("1. 核对日志的公钥").waitFor();
    await lookAt(staff, "first visit");
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
