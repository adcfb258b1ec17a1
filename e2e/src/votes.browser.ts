import { join } from "node:path";
import { type Api, eventually, signIn } from "@menshen/testkit/system";
import {
  motionEndpoints,
  ownersRollEndpoints,
  publicMotionEndpoints,
  residentInvitationEndpoints,
  type StaffRole,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { chooseReason } from "./harness/desks.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const DAY_MS = 86_400_000;
const TITLE = "小区东门加装雨棚";
const SEEN_MS = 60_000;

/** A vote from the committee's desk to a stranger's recount; two weeks pass behind the server's back. */
describe("an owners' vote", () => {
  const { runId, stateDir } = makeRun("votes");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let desk: Api;
  let browser: Browser;
  let committee: Page;
  let clerk: Page;
  let owner: Page;
  let motionId: string;
  let dwelling: string;
  let paperDwelling: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    desk = await signIn(demo.signInLink);
    committee = await staffPage("committee");
    clerk = await staffPage("desk");
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function staffPage(role: StaffRole): Promise<Page> {
    const page = await openPage(browser, watch, demo.console);
    const { signIn: invited } = await desk.call(staffEndpoints.create, {
      body: { displayName: `测试 ${role}`, roles: [role] },
    });
    await page.goto(invited.link);
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  /** Days go by: nothing else of the motion changes. */
  const change = (set: string) =>
    changeBehind(join(stateDir, "community"), `update motion set ${set} where id = '${motionId}'`);

  async function pick(page: Page | Locator, label: string, option: string): Promise<void> {
    const box = page.getByRole("combobox", { name: label, exact: true });
    await box.click();
    await box.fill(option).catch(() => undefined);
    const top = "page" in page ? page.page() : page;
    await top.locator(".ant-select-item-option").getByText(option, { exact: false }).first().click();
  }

  const localTime = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);

  it("is put by the committee; what no vote decides is refused while it is typed", async () => {
    await committee.goto(`${demo.console}/committee`);
    await committee.getByRole("heading", { name: "业委会工作台" }).waitFor();
    await committee.goto(`${demo.console}/votes`);
    await committee.getByRole("button", { name: "提出议案" }).click();
    await committee.getByRole("combobox", { name: "事项" }).click();
    await committee.locator(".ant-select-item-option").getByText("使用维修资金").click();
    await committee.getByLabel("标题").fill("进出必须刷脸");
    await committee.getByText("Hangzhou property regulation 50").waitFor();
    await committee.getByLabel("标题").fill(TITLE);
    await committee.getByLabel(/用大家看得懂的话写/).fill("东门加装雨棚，费用 2 万元，由维修资金支出。");
    await committee.getByLabel("开始投票").fill(localTime(Date.now() + 16 * DAY_MS));
    await committee.getByLabel("截止").fill(localTime(Date.now() + 23 * DAY_MS));
    await committee.getByRole("button", { name: "存为草稿" }).click();
    await committee.getByRole("link", { name: TITLE }).click();
    await committee.getByRole("button", { name: "公示", exact: true }).click();
    await chooseReason(committee, "安全");
    await committee.locator(".reason-form").getByRole("button", { name: "公示", exact: true }).click();
    await committee.getByText("公示中").waitFor();
    motionId = new URL(committee.url()).pathname.split("/").at(-1) ?? "";
    expect(await change("opens_at = now() - interval '1 minute'")).toBe(1);
  });

  it("is voted on in the app, once, and the ballot stands in the log as it was cast", async () => {
    const { items } = await desk.call(ownersRollEndpoints.list, {});
    const owned = items.filter(({ kind }) => kind === "persons");
    const [mine, others] = [owned[0], owned.find(({ ownerId }) => ownerId !== owned[0]?.ownerId)];
    if (mine === undefined || others === undefined) throw new Error("the demonstration has no owners");
    dwelling = mine.dwellingName;
    paperDwelling = others.dwellingName;
    const params = { id: mine.persons[0]?.id ?? "" };
    const invitation = await desk.call(residentInvitationEndpoints.create, { params });
    owner = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await joinByLink(owner, invitation.link);
    await owner.goto(`${demo.console}/resident/#/votes`);
    await owner.getByRole("link", { name: TITLE }).click();
    await owner.getByRole("heading", { name: dwelling }).waitFor();
    await lookAt(owner, "resident vote");
    await owner.getByRole("radio", { name: "同意", exact: true }).check();
    await owner.getByRole("button", { name: "下一步：核对" }).click();
    await owner.getByText("投出后不能更改。").waitFor();
    await owner.getByRole("button", { name: "投出这一票" }).click();
    await owner.getByText("您投了：同意").waitFor({ timeout: SEEN_MS });
    await owner.getByText(/公开日志第 \d+ 条就是您这一票/).waitFor({ timeout: SEEN_MS });
    const [receipt] = await Promise.all([
      owner.waitForEvent("download"),
      owner.getByRole("button", { name: "保存回执" }).click(),
    ]);
    expect(receipt.suggestedFilename()).toMatch(/^ballot-\d+\.tlog-proof$/);
    expect(await owner.getByRole("radio").count()).toBe(0);
  });

  it("takes a paper ballot that two persons read the same", async () => {
    for (const [page, said] of [
      [committee, "已录入，等第二人"],
      [clerk, "两人一致，已计为一票"],
    ] as const) {
      await page.goto(`${demo.console}/votes/${motionId}`);
      await pick(page, "房屋", paperDwelling);
      await page.getByLabel("选票编号").fill("纸-001");
      await page.getByRole("radio", { name: "不同意" }).check();
      await page.getByRole("button", { name: "录入", exact: true }).click();
      await page.getByText(said).waitFor();
    }
    await lookAt(committee, "console motion");
  });

  it("lets somebody stand in by a written authority", async () => {
    await clerk.goto(`${demo.console}/votes/${motionId}`);
    await clerk.getByRole("link", { name: "登记委托" }).click();
    await clerk.getByRole("button", { name: "住户来问" }).click();
    const proxies = clerk.getByRole("region", { name: "委托" });
    const { items } = await desk.call(ownersRollEndpoints.list, {});
    const owned = items.filter(({ kind }) => kind === "persons");
    const absent = owned.find(({ dwellingName }) => ![dwelling, paperDwelling].includes(dwellingName));
    const agent = owned.find(({ dwellingName }) => dwellingName === dwelling)?.persons[0]?.name ?? "";
    await pick(proxies, "委托人的房屋", absent?.dwellingName ?? "");
    await pick(proxies, "受托人", agent);
    await proxies.getByLabel("委托书编号").fill("委-001");
    await proxies.getByRole("button", { name: "登记", exact: true }).click();
    await proxies.getByText("已登记，受托人在住户端就能投票").waitFor();
    await owner.goto(`${demo.console}/resident/#/votes`);
    await owner.getByRole("link", { name: TITLE }).click();
    await owner.getByRole("heading", { name: absent?.dwellingName ?? "" }).waitFor();
    await owner.getByText("受委托代投").waitFor();
  });

  it("is counted, and anybody counts it again from the log", async () => {
    expect(await change("closes_at = now()")).toBe(1);
    await eventually("every ballot is in the log", SEEN_MS, async () => {
      const recount = await desk.call(publicMotionEndpoints.recount, { params: { id: motionId } });
      return (
        recount.ballots.length === 2 && recount.ballots.every(({ leafIndex }) => leafIndex !== undefined)
      );
    });
    await committee.goto(`${demo.console}/votes/${motionId}`);
    await committee.getByRole("button", { name: "计票" }).click();
    await committee.getByText("没有通过").waitFor();
    const { motion } = await desk.call(motionEndpoints.get, { params: { id: motionId } });
    expect(motion.result?.vote.heads).toMatchObject({ voted: 2, inFavour: 1 });

    const stranger = await openPage(browser, watch, demo.console);
    await stranger.goto(`${demo.console}/public/`);
    const shown = stranger.getByRole("article", { name: TITLE });
    await shown.getByRole("button", { name: "重新计票" }).click();
    await shown.getByText("重新计票与公布一致：2 张选票").waitFor({ timeout: SEEN_MS });
    await stranger
      .getByRole("article", { name: "安居门禁科技有限公司（演示）" })
      .getByText("实际受益人")
      .waitFor();
    await lookAt(stranger, "public votes");
    await owner.goto(`${demo.console}/resident/#/vendor`);
    await owner.getByRole("heading", { name: "安居门禁科技有限公司（演示）" }).waitFor();
    await lookAt(owner, "resident vendor");
    for (const page of ["committee", "votes", "vendors"]) {
      await committee.goto(`${demo.console}/${page}`);
      await committee.locator("h1").first().waitFor();
      await lookAt(committee, `console ${page}`);
    }
    expect([watch.troubles, watch.foreign]).toEqual([[], []]);
  });
});
