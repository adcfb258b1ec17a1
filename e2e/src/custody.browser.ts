import { join } from "node:path";
import { custodianEndpoints, evidenceEndpoints, sessionEndpoints } from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { makeProgramCustodian, type ProgramCustodian } from "./harness/custodian.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { appoint, chooseReason, givePasskeys, keyOn } from "./harness/desks.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { startWitness } from "./harness/witness.ts";

/** What custodians see when something goes wrong among them, and when one takes another's place. */
describe("a custodian's desk among others", () => {
  const { runId, stateDir } = makeRun("custody");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let browser: Browser;
  let staff: Page;
  let desk: Page;
  let property: ProgramCustodian;
  let city: ProgramCustodian;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    const newPage = () => openPage(browser, watch, demo.console);
    [staff, desk] = await Promise.all([newPage(), newPage()]);
    property = makeProgramCustodian(demo.console);
    city = makeProgramCustodian(demo.console);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  const unlock = () => desk.getByRole("button", { name: "用通行密钥解锁" }).click();
  const lock = () => desk.getByRole("button", { name: "锁定" }).click();

  it("is told that it has no office yet", async () => {
    await givePasskeys(desk);
    await desk.goto(`${demo.console}/custodian`);
    await desk.getByRole("checkbox", { name: "我已经核对过，一致" }).check();
    await desk.getByRole("button", { name: "生成身份密钥" }).click();
    await desk.getByText("还没有登记为保管人").waitFor({ timeout: 30_000 });
    await lookAt(desk, "custody stranger");
  });

  it("is appointed by staff, who see what is missing", async () => {
    await staff.goto(demo.signInLink);
    await staff.getByRole("heading", { name: "此刻" }).waitFor();
    const duty = await staff.request.fetch(demo.console + sessionEndpoints.changeDuty.path, {
      method: sessionEndpoints.changeDuty.method,
      data: { duty: "secure" },
    });
    expect(duty.ok()).toBe(true);
    await staff.goto(`${demo.console}/settings`);
    await staff.getByRole("button", { name: "指定保管人" }).waitFor();
    await lookAt(staff, "custody appointing", {
      prepare: async () => {
        await staff.getByRole("button", { name: /^(指定保管人|Appoint custodians)$/ }).click();
        await staff.getByLabel(/业主委员会的身份公钥|Identity key: Owners/).fill("no key");
      },
    });
    await appoint(staff, [await keyOn(desk), property.identityKey, city.identityKey]);
    await desk.getByText("请核对保管人名单").waitFor();
    await lookAt(desk, "custody first set", { isCrowded: true });
    await desk.getByRole("button", { name: "已核对，确认" }).click();
  });

  it("shows how keys are being made, and names the one who vanished", async () => {
    await desk.getByRole("button", { name: "召集制作密钥" }).click();
    await desk.getByText("在等：物业公司、市级监督").waitFor();
    await lookAt(desk, "custody gathering", { isCrowded: true });
    const made = city.makeKeys();
    await property.vanish();
    await desk.getByText("在等：物业公司", { exact: true }).waitFor();
    await lookAt(desk, "custody running");
    // Two minutes of patience pass in seconds.
    await desk.evaluate(`{
      const wait = window.setTimeout;
      window.setTimeout = (work, afterMs, ...rest) => wait(work, afterMs === 700 ? 1 : afterMs, ...rest);
    }`);
    await desk.getByText("物业公司中途没了音讯。").waitFor({ timeout: 60_000 });
    await lookAt(desk, "custody vanished", { isCrowded: true });
    expect(await made).toMatchObject({ finished: false, reason: "vanished", custodians: [2] });
  });

  it("names the one who lied, also to whoever comes later", async () => {
    await desk.getByRole("button", { name: "重新开始" }).click();
    const made = property.makeKeys();
    await city.lie();
    const blame = desk.getByText("市级监督对不同的人说了不同的话。");
    await blame.waitFor({ timeout: 30_000 });
    expect(await made).toMatchObject({ finished: false, custodians: [3] });
    await lock();
    await unlock();
    await blame.waitFor();
    await lookAt(desk, "custody last failure");
  });

  it("is told when staff stop it, and by whom", async () => {
    await desk.getByRole("button", { name: "召集制作密钥" }).click();
    await desk.getByText("在等：物业公司、市级监督").waitFor();
    await staff.reload();
    const underWay = () => staff.getByRole("region", { name: /^(正在制作密钥|Keys are being made)$/ });
    await underWay().getByText("已到：业主委员会。").waitFor({ timeout: 20_000 });
    await lookAt(staff, "custody under way, staff", { prepare: () => underWay().waitFor() });
    await underWay().getByRole("button", { name: "中止这一次" }).click();
    await chooseReason(staff, "安全");
    await underWay().getByRole("button", { name: "中止这一次" }).click();
    await underWay().waitFor({ state: "detached" });
    await desk.getByText("这一次已被取消。").waitFor({ timeout: 20_000 });
    await lock();
    await unlock();
    await desk.getByText("工作人员中止了这一次。").waitFor();
    await lookAt(desk, "custody stopped by staff");
  });

  it("makes the keys when all are honest", async () => {
    await desk.getByRole("button", { name: "召集制作密钥" }).click();
    const ends = await Promise.all([property.makeKeys(), city.makeKeys()]);
    expect(ends.map(({ finished }) => finished)).toEqual([true, true]);
    await desk.getByText("密钥做好了").waitFor({ timeout: 30_000 });
    await lookAt(desk, "custody finished");
  });

  it("signs for another witness, and staff see whose signatures are missing", async () => {
    const { logKey } = await (await fetch(demo.console + evidenceEndpoints.log.path)).json();
    const { url, key } = await startWitness(runId, join(stateDir, "witness"), logKey);
    await staff.goto(`${demo.console}/settings`);
    const panel = staff.getByRole("region", { name: /^(见证人|Witnesses)$/ });
    await panel.getByRole("button", { name: "登记见证人" }).click();
    await panel.getByLabel("由谁运行").click();
    await staff.getByTitle("业主委员会", { exact: true }).last().click();
    await panel.getByLabel("地址").fill(url);
    await panel.getByLabel("密钥", { exact: true }).fill(key);
    await chooseReason(panel, "安全");
    await panel.getByRole("button", { name: "登记见证人" }).click();
    await panel.getByText("还没有签名：业主委员会、物业公司、市级监督。").waitFor({ timeout: 30_000 });
    await desk.getByText("日志与见证方要变更").waitFor({ timeout: 20_000 });
    await lookAt(desk, "custody waiting policy", { isCrowded: true });
    await desk.getByRole("button", { name: "签名同意" }).click();
    await desk.getByText("已签名，等待其他方").waitFor();
    await staff.reload();
    await panel.getByText("已签名：业主委员会。").waitFor();
    await lookAt(staff, "custody waiting policy, staff", {
      prepare: () => panel.getByText(/^(登记见证人|Add a witness)$/).waitFor(),
    });
  });

  it("signs for another in the place of one, and believes no set that not enough have signed", async () => {
    const nextCity = makeProgramCustodian(demo.console);
    await staff.reload();
    await appoint(staff, [await keyOn(desk), property.identityKey, nextCity.identityKey]);
    await desk.getByText("保管人名单要变更").waitFor({ timeout: 20_000 });
    await lookAt(staff, "custody waiting set, staff");
    await lookAt(desk, "custody waiting set", { isCrowded: true });
    await desk.getByRole("button", { name: "签名同意" }).click();
    const change = desk.getByRole("region", { name: "保管人名单要变更" });
    await change.getByText("已签名，等待其他方").waitFor();
    await lookAt(desk, "custody set signed");
    await lock();
    await property.endorse();
    await desk.route(`**${custodianEndpoints.standing.path}`, async (route) => {
      const answer = await route.fetch();
      const standing = await answer.json();
      await route.fulfill({
        response: answer,
        json: { ...standing, sets: standing.sets.map((set: object) => ({ ...set, endorsements: [] })) },
      });
    });
    await unlock();
    await desk.getByText("不要继续").waitFor();
    await lookAt(desk, "custody unsigned set");
    await desk.unrouteAll();
    await desk.getByText("不要继续").waitFor({ state: "detached" });
    await lookAt(desk, "custody new set");
    city = nextCity;
  });

  it("is told when its office is over", async () => {
    const successor = makeProgramCustodian(demo.console);
    await staff.reload();
    await appoint(staff, [successor.identityKey, property.identityKey, city.identityKey]);
    await Promise.all([property.endorse(), city.endorse()]);
    await desk.getByText("您不再是保管人").waitFor({ timeout: 20_000 });
    await lookAt(desk, "custody retired", { isCrowded: true });
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
