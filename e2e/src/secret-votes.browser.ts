import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Api, eventually, signIn } from "@menshen/testkit/system";
import {
  custodyEndpoints,
  motionEndpoints,
  ownersRollEndpoints,
  publicMotionEndpoints,
  residentInvitationEndpoints,
  type StaffRole,
  staffEndpoints,
  voteTexts,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { makeProgramCustodian } from "./harness/custodian.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { chooseReason, givePasskeys, keyOn } from "./harness/desks.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const DAY_MS = 86_400_000;
const TITLE = "选举第二届业主委员会";
const SEEN_MS = 60_000;
/** The vote is open this long: one ballot by phone, one on paper read by two. */
const OPEN_MS = 100_000;

/** A secret vote from the custodians' key to a stranger's recount. */
describe("a secret vote", () => {
  const { runId, stateDir } = makeRun("secret-votes");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let office: Api;
  let browser: Browser;
  let custodian: Page;
  let committee: Page;
  let clerk: Page;
  let property: ReturnType<typeof makeProgramCustodian>;
  let city: ReturnType<typeof makeProgramCustodian>;
  let motionId: string;
  let closesAt: number;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    office = await signIn(demo.signInLink);
    custodian = await openPage(browser, watch, demo.console);
    committee = await staffPage("committee");
    clerk = await staffPage("desk");
    property = makeProgramCustodian(demo.console);
    city = makeProgramCustodian(demo.console);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function staffPage(role: StaffRole): Promise<Page> {
    const page = await openPage(browser, watch, demo.console);
    const { signIn: invited } = await office.call(staffEndpoints.create, {
      body: { displayName: `测试 ${role}`, roles: [role] },
    });
    await page.goto(invited.link);
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  async function pick(page: Page, label: string, option: string): Promise<void> {
    const box = page.getByRole("combobox", { name: label, exact: true });
    await box.click();
    await box.fill(option).catch(() => undefined);
    await page.locator(".ant-select-item-option").getByText(option, { exact: false }).first().click();
  }

  const localTime = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);

  it("is drafted, and waits for the key that its custodians make", async () => {
    // Two owners are enough for a vote; the others are taken off the roll.
    const { items } = await office.call(ownersRollEndpoints.list, {});
    const [first] = items.filter(({ kind }) => kind === "persons");
    const second = items.find(({ kind, ownerId }) => kind === "persons" && ownerId !== first?.ownerId);
    for (const { dwellingId, ownerId } of items) {
      if (ownerId === first?.ownerId || ownerId === second?.ownerId) continue;
      await office.call(ownersRollEndpoints.remove, {
        params: { id: dwellingId },
      });
    }
    await givePasskeys(custodian);
    await custodian.goto(`${demo.console}/custodian`);
    await custodian.getByRole("checkbox", { name: "我已经核对过，一致" }).check();
    await custodian.getByRole("button", { name: "生成身份密钥" }).click();
    await custodian.getByText("还没有登记为保管人").waitFor({ timeout: 30_000 });
    const keys = [await keyOn(custodian), property.identityKey, city.identityKey];
    await office.call(custodyEndpoints.appoint, {
      body: {
        threshold: 2,
        members: (["committee", "property", "city"] as const).map((body, index) => ({
          body,
          identityKey: keys[index] ?? "",
        })),
      },
    });
    await custodian.getByRole("button", { name: "已核对，确认" }).click();

    await committee.goto(`${demo.console}/votes`);
    await committee.getByRole("button", { name: "提出议案" }).click();
    await committee.getByRole("combobox", { name: "事项" }).click();
    await committee.locator(".ant-select-item-option").getByText("选举业主委员会").click();
    await committee.getByLabel("标题").fill(TITLE);
    await committee.getByLabel(/用大家看得懂的话写/).fill("五名委员，任期五年，名单见公告栏。");
    await committee.getByLabel("开始投票").fill(localTime(Date.now() + 16 * DAY_MS));
    await committee.getByLabel("截止").fill(localTime(Date.now() + 23 * DAY_MS));
    await committee.getByRole("checkbox", { name: "秘密表决" }).check();
    await committee.getByRole("button", { name: "存为草稿" }).click();
    await committee.getByRole("link", { name: TITLE }).click();
    await committee.getByText("等保管人为这次表决做密钥").waitFor();
    expect(await committee.getByRole("button", { name: "公示", exact: true }).count()).toBe(0);
    motionId = new URL(committee.url()).pathname.split("/").at(-1) ?? "";
    await lookAt(committee, "console secret draft");

    await custodian.getByRole("button", { name: "为这次表决做密钥" }).waitFor();
    await lookAt(custodian, "custodian secret key", { isCrowded: true });
    await custodian.getByRole("button", { name: "为这次表决做密钥" }).click();
    const ends = await Promise.all([property.makeKeys(), city.makeKeys()]);
    expect(ends.map(({ finished }) => finished)).toEqual([true, true]);
    await custodian.getByText("这次表决的密钥做好了").waitFor({ timeout: 30_000 });
    await custodian.getByText("您持有这次表决的份额").waitFor({ timeout: 30_000 });
  });

  it("is sealed on the owner's phone, and shows nobody what was chosen", async () => {
    await committee.reload();
    await committee.getByRole("button", { name: "公示", exact: true }).click();
    await chooseReason(committee, "安全");
    await committee.locator(".reason-form").getByRole("button", { name: "公示", exact: true }).click();
    await committee.getByText("公示中").waitFor();
    // Two weeks pass behind the server's back, and the agenda with them.
    const { motion } = await office.call(motionEndpoints.get, { params: { id: motionId } });
    const opensAt = Date.now() - 60_000;
    closesAt = Date.now() + OPEN_MS;
    const recount = await office.call(publicMotionEndpoints.recount, { params: { id: motionId } });
    const hash = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    const agenda = voteTexts.agenda(recount.communityId, {
      ...motion,
      opensAt,
      closesAt,
      ballotKeySha256: hash(Buffer.from(motion.secret?.key ?? "", "hex")),
    });
    const changed = await changeBehind(
      join(stateDir, "community"),
      `update motion set opens_at = to_timestamp(${opensAt} / 1000.0), closes_at = to_timestamp(${closesAt} / 1000.0),
         agenda_sha256 = '${hash(agenda)}' where id = '${motionId}'`,
    );
    expect(changed).toBe(1);

    const { items } = await office.call(ownersRollEndpoints.list, {});
    const [mine] = items;
    const other = items.find(({ ownerId }) => ownerId !== mine?.ownerId);
    const invitation = await office.call(residentInvitationEndpoints.create, {
      params: { id: mine?.persons[0]?.id ?? "" },
    });
    const owner = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await joinByLink(owner, invitation.link);
    await owner.goto(`${demo.console}/resident/#/votes`);
    await owner.getByRole("link", { name: TITLE }).click();
    await owner.getByText("这是秘密表决").waitFor();
    await owner.getByRole("radio", { name: "同意", exact: true }).check();
    await owner.getByRole("button", { name: "下一步：核对" }).click();
    // A challenge: opened in place of being cast, and made again by another device.
    const code = async () => (await owner.locator(".ballot-code code").textContent()) ?? "";
    await expect.poll(code, { timeout: 30_000 }).not.toBe("");
    const written = await code();
    expect(written).toMatch(/^([0-9a-f]{4} ){4}[0-9a-f]{4}$/);
    await expectFit(owner, "resident sealed ballot");
    await owner.getByRole("button", { name: "查验这一张" }).click();
    await owner.getByText("这一张已打开，作废").waitFor();
    await expectFit(owner, "resident opened ballot");
    expect(await owner.getByRole("button", { name: "投出这一票" }).count()).toBe(0);
    const link = (await owner.getByRole("link", { name: "在另一台设备上查验" }).getAttribute("href")) ?? "";
    const second = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await second.goto(link);
    const checked = second.getByRole("region", { name: "查验一张打开的选票" });
    await checked.getByText(written).waitFor({ timeout: SEEN_MS });
    await checked.getByText("同意", { exact: true }).waitFor();
    expect(second.url()).not.toContain("ballot=");
    await expectFit(second, "public opened ballot");
    // The same seed said to be another choice makes another ballot.
    await second.goto(`${demo.console}/public/incidents`);
    await second.goto(link.replace("%22for%22", "%22against%22"));
    await checked.getByText("不同意", { exact: true }).waitFor({ timeout: SEEN_MS });
    expect(await checked.getByText(written).count()).toBe(0);
    await owner.getByRole("button", { name: "重新封一张" }).click();
    await expect.poll(code, { timeout: 30_000 }).not.toBe(written);
    await owner.getByRole("button", { name: "投出这一票" }).click();
    await owner.getByText("投了什么，任何地方都没有记录。").waitFor({ timeout: SEEN_MS });
    for (const page of [committee, clerk]) {
      await page.goto(`${demo.console}/votes/${motionId}`);
      await page.getByText("秘密表决的纸质选票").waitFor();
      await pick(page, "房屋", other?.dwellingName ?? "");
      await page.getByLabel("选票编号").fill("纸-001");
      await page.getByRole("radio", { name: "同意", exact: true }).check();
      await page.getByRole("button", { name: "录入", exact: true }).click();
      await page.getByText(page === committee ? "已录入，等第二人" : "两人一致，已计为一票").waitFor();
    }
    await lookAt(owner, "resident secret vote");
    await owner
      .getByText(/公开日志第 \d+ 条就是您这一票|entry \d+ of the public log/)
      .waitFor({ timeout: SEEN_MS });
  });

  it("is opened by two custodians, who check every ballot first, and counted again by a stranger", async () => {
    await eventually("the vote is over and every ballot in the log", OPEN_MS + SEEN_MS, async () => {
      const { motion, ballots } = await office.call(publicMotionEndpoints.recount, {
        params: { id: motionId },
      });
      const isLogged = ballots.length === 2 && ballots.every(({ leafIndex }) => leafIndex !== undefined);
      return motion.stage === "closed" && isLogged;
    });
    await committee.goto(`${demo.console}/votes/${motionId}`);
    await committee.getByRole("button", { name: "计票" }).click();
    await committee.getByText("已有 0 位保管人给出份额").waitFor();
    await lookAt(committee, "console secret fixed");
    await custodian.getByRole("button", { name: "核对并给出份额" }).waitFor({ timeout: SEEN_MS });
    await lookAt(custodian, "custodian secret share", { isCrowded: true });
    await custodian.getByRole("button", { name: "核对并给出份额" }).click();
    await eventually("the first share is there", SEEN_MS, async () => {
      const { motion } = await office.call(motionEndpoints.get, { params: { id: motionId } });
      return motion.secret?.shares === 1;
    });
    await city.giveShare(motionId);
    const { motion } = await office.call(motionEndpoints.get, { params: { id: motionId } });
    expect(motion.result).toMatchObject({ passed: true, vote: { heads: { voted: 2, inFavour: 2 } } });

    const stranger = await openPage(browser, watch, demo.console);
    await stranger.goto(`${demo.console}/public/`);
    const shown = stranger.getByRole("article", { name: TITLE });
    await shown.getByRole("button", { name: "重新计票" }).click();
    await shown.getByText("重新计票与公布一致：2 张选票").waitFor({ timeout: SEEN_MS });
    await committee.goto(`${demo.console}/committee`);
    await committee.getByRole("heading", { name: /年度报告|yearly report/ }).waitFor();
    await committee.getByText(TITLE).first().waitFor();
    await lookAt(committee, "console committee report");
    expect([watch.troubles, watch.foreign]).toEqual([[], []]);
  }, 400_000);
});
