import { join } from "node:path";
import { type Api, eventually, signIn } from "@menshen/testkit/system";
import {
  demoEndpoints,
  evidenceEndpoints,
  incidentEndpoints,
  messageEndpoints,
  residentInvitationEndpoints,
  type StaffBody,
  type StaffRole,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { chooseReason, pick } from "./harness/desks.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { changeBehind } from "./harness/stored.ts";

const SEEN_MS = 60_000;
const SHOP = "海棠小店";
const NOTICE = "电梯年检";
const ADVERT = "周末鸡蛋九折";
const WORDS = {
  "发生了什么，为什么": "一块备份盘在运送途中遗失，盘上有住户名册。",
  可能造成的危害: "可能有人冒充物业打来电话。",
  已采取的补救措施: "已更换全部密钥，其余备份另行加密。",
  本人可以做什么: "不要向来电者提供验证码。",
  联系方式: "服务台 0571-8888 0000。",
} as const;
const PHONE = { width: 390, height: 844 };

/** From a desk that may not send what nobody agreed to, to an incident that everybody reads about. */
describe("what is sent to residents, and what goes wrong", () => {
  const { runId, stateDir } = makeRun("incident");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let founder: Api;
  let browser: Browser;
  let manager: Page;
  let own: Page;
  let officer: Page;
  let incidentId: string;

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    founder = await signIn(demo.signInLink);
    const [person] = (await founder.call(demoEndpoints.state, {})).people;
    if (person === undefined) throw new Error("the demonstration has nobody");
    const params = { id: person.personId };
    const invitation = await founder.call(residentInvitationEndpoints.create, { params });
    manager = await staffPage("manager");
    officer = await staffPage("supervisor", "city");
    own = await openPage(browser, watch, demo.console, PHONE);
    await joinByLink(own, invitation.link);
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  async function staffPage(role: StaffRole, body?: StaffBody): Promise<Page> {
    const page = await openPage(browser, watch, demo.console);
    const made = await founder.call(staffEndpoints.create, {
      body: { displayName: `测试 ${role}`, roles: [role], ...(body === undefined ? {} : { body }) },
    });
    await page.goto(made.signIn.link);
    await page.getByRole("navigation").first().waitFor();
    return page;
  }

  async function writeCommercial(): Promise<void> {
    await manager.goto(`${demo.console}/messages`);
    await manager.getByRole("button", { name: "写商业信息" }).click();
    await pick(manager, "出资方", SHOP);
    await manager.getByLabel("标题").fill(ADVERT);
    await manager.getByLabel("内容").fill("周六周日，凭住户端到店。");
    await manager.getByText(/这个范围里同意接收的/).waitFor();
  }

  it("a notice goes to everybody; a commercial message to nobody who did not agree (row A1)", async () => {
    await manager.goto(`${demo.console}/messages`);
    await manager.getByRole("button", { name: "写通知" }).click();
    await manager.getByLabel("标题").fill(NOTICE);
    await manager.getByLabel("内容").fill("周二上午 3 号楼电梯年检，停用两小时。");
    await manager.getByText(/现在会发给 \d+ 人/).waitFor();
    await lookAt(manager, "console notice", {
      prepare: async () => {
        const begin = manager.getByRole("button", { name: /^(写通知|Write a notice)$/ });
        const title = manager.getByLabel(/^(标题|Title)$/);
        await expect.poll(async () => (await begin.count()) + (await title.count())).toBeGreaterThan(0);
        if ((await title.count()) === 0) await begin.click();
        await title.fill(NOTICE);
        await manager.getByLabel(/^(内容|Text)$/).fill("周二上午 3 号楼电梯年检，停用两小时。");
      },
    });
    await manager.goto(`${demo.console}/messages`);
    await manager.getByRole("button", { name: "写通知" }).click();
    await manager.getByLabel("标题").fill(NOTICE);
    await manager.getByLabel("内容").fill("周二上午 3 号楼电梯年检，停用两小时。");
    await manager.getByRole("button", { name: "发出通知" }).click();
    await manager.getByText(NOTICE).first().waitFor();

    await writeCommercial();
    await manager.getByRole("button", { name: "发给同意的人" }).click();
    await manager
      .getByText(/没有发出：这里没有人同意接收商业信息/)
      .first()
      .waitFor();
    expect((await founder.call(messageEndpoints.commercial, {})).items).toEqual([]);
  });

  it("agreed to, it comes; off by one press, and nothing of it is sent or shown any more (row A1)", async () => {
    await own.goto(`${demo.console}/resident/#/messages`);
    await own.getByText("商业信息已关闭").waitFor();
    await own.getByRole("link", { name: /在“我的同意”里打开/ }).click();
    const asked = own.getByRole("region", { name: "接收商业信息" });
    await asked.getByRole("button", { name: "同意这一项" }).click();
    await asked.getByText("已同意", { exact: true }).waitFor();
    await writeCommercial();
    await manager.getByRole("button", { name: "发给同意的人" }).click();
    await manager.getByText(`出资方：${SHOP}`).waitFor();
    await lookAt(manager, "console messages");

    await own.goto(`${demo.console}/resident/#/community`);
    await own.getByRole("link", { name: /消息/ }).click();
    await own.locator("summary", { hasText: NOTICE }).click();
    await own.getByText("周二上午 3 号楼电梯年检，停用两小时。").waitFor();
    // The two look different, and say which they are.
    const offers = own.getByRole("region", { name: "商业信息" });
    await offers.getByRole("article", { name: `广告: ${ADVERT}` }).waitFor();
    expect(await own.getByRole("region", { name: "通知" }).getByText(ADVERT).count()).toBe(0);
    await lookAt(own, "resident messages", { prepare: () => own.locator(".offer").first().waitFor() });
    await own.setViewportSize(PHONE);
    for (const door of ["home", "pass", "visitors", "tokens"]) {
      await own.goto(`${demo.console}/resident/#/${door}`);
      await own.locator("h1").first().waitFor();
      expect(await own.getByText(ADVERT).count(), door).toBe(0);
    }
    await own.goto(`${demo.console}/resident/#/messages`);
    await offers.getByRole("button", { name: "关闭商业信息" }).click();
    await offers.getByText("已关闭，立即生效。同意也已撤回，回执在“我的同意”里。").waitFor();
    expect(await own.getByText(ADVERT).count()).toBe(0);
    await writeCommercial();
    await manager.getByRole("button", { name: "发给同意的人" }).click();
    await manager
      .getByText(/没有发出：这里没有人同意接收商业信息/)
      .first()
      .waitFor();
  });

  it("data go to a registered recipient by a consent for exactly that one; the refusal says why (row A3)", async () => {
    await manager.goto(`${demo.console}/messages/recipients`);
    const shop = manager.getByRole("region", { name: SHOP });
    await shop.getByRole("button", { name: "向它提供一位住户的信息" }).click();
    await manager.getByRole("button", { name: "住户来问" }).click();
    const person = manager.getByRole("combobox", { name: "哪位住户" });
    await person.click();
    await manager.locator(".ant-select-item-option").first().click();
    const give = shop.locator(".reason-form").getByRole("button", { name: "提供", exact: true });
    await chooseReason(shop, "住户要求");
    await give.click();
    await shop.getByText(/没有提供：这位住户没有同意把信息给这个单位/).waitFor();
    await lookAt(manager, "console recipients");
  });

  it("an incident: the affected computed, both notices with the three items, the clock rings where the day is worked (rows B1, B2)", async () => {
    await manager.goto(`${demo.console}/incidents`);
    await manager.getByRole("button", { name: "立案", exact: true }).click();
    await pick(manager, "发生了什么", "个人信息丢失");
    await manager.getByRole("checkbox", { name: "住户名册" }).check();
    await manager.getByLabel("从什么时候起").fill(localTime(Date.now() - 600_000));
    await manager.getByRole("button", { name: "立案，开始计时" }).click();
    await manager.waitForURL(/\/incidents\/[0-9a-f-]{36}$/);
    incidentId = new URL(manager.url()).pathname.split("/").at(-1) ?? "";
    const { affected } = await founder.call(incidentEndpoints.get, { params: { id: incidentId } });
    expect(affected).toBeGreaterThan(50);
    await manager.getByText(`${affected} 人受影响`).first().waitFor();
    await manager
      .getByText(/还缺：/)
      .first()
      .waitFor();
    expect(await manager.getByRole("button", { name: "已交给省级网信部门" }).isDisabled()).toBe(true);
    await lookAt(manager, "console incident opened");
    for (const [label, said] of Object.entries(WORDS)) await manager.getByLabel(label).fill(said);
    await manager.getByRole("button", { name: "保存", exact: true }).click();
    await manager.getByText("三项内容齐全").first().waitFor();
    for (const said of Object.values(WORDS)) {
      await manager.getByRole("article", { name: "给受影响的人的告知" }).filter({ hasText: said }).waitFor();
    }

    // Four hours pass behind the server's back, but for a few minutes.
    await changeBehind(
      join(stateDir, "community"),
      `update incident_clock set started_at = now() - interval '3 hours 50 minutes', due_at = now() + interval '10 minutes' where incident_id = '${incidentId}'`,
    );
    await manager.goto(demo.console);
    await manager
      .getByText(/安全事件的报告期限只剩十分之一/)
      .first()
      .waitFor({ timeout: SEEN_MS });
    await manager.getByRole("link", { name: "详情" }).first().waitFor();
    await manager.goto(`${demo.console}/incidents/${incidentId}`);
    await manager.getByText("只剩十分之一").waitFor();
    await manager.getByRole("button", { name: "已交给省级网信部门" }).click();
    await manager.getByText("已报告", { exact: true }).waitFor();
  });

  it("nobody is told only for a reason in public, and the city has them told (row B3)", async () => {
    await manager.getByRole("button", { name: "不必告诉本人……" }).click();
    const decide = manager.getByRole("button", { name: "认定并公开理由" });
    expect(await decide.isDisabled()).toBe(true);
    await manager.getByLabel("为什么不必告诉").fill("盘上的数据全部加密，密钥没有遗失，任何人都读不出来。");
    await decide.click();
    await manager.getByText("认定不必告诉，理由已公开").waitFor();

    await officer.goto(`${demo.console}/incidents/${incidentId}`);
    await officer.getByLabel("哪个部门").fill("浙江省互联网信息办公室");
    await officer.getByLabel("文号").fill("浙网信函〔2026〕3 号");
    await officer.getByRole("button", { name: "要求告知，立即发出" }).click();
    await officer.getByText("已告诉每一位受影响的人").waitFor();
    await lookAt(officer, "console incident officer");
    await manager.reload();
    await manager.getByRole("button", { name: "公开", exact: true }).click();
    await manager.getByText("看公开页").waitFor();
    await lookAt(manager, "console incident");
    await manager.goto(`${demo.console}/incidents`);
    await manager.getByRole("heading", { name: "安全事件" }).waitFor();
    await lookAt(manager, "console incidents");
  });

  it("whom it concerns reads it in the app; everybody reads what happened, and no name (rows B1, B3)", async () => {
    await own.goto(`${demo.console}/resident/#/community`);
    await own.goto(`${demo.console}/resident/#/messages`);
    const notice = own.locator(".message--incident").first();
    await notice.getByText("与您的信息有关的安全事件").waitFor();
    await notice.locator("summary").click();
    await notice.getByText(/不要向来电者提供验证码/).waitFor();
    await notice.getByRole("link", { name: "这件事的公开记录" }).waitFor();
    await lookAt(own, "resident incident", {
      prepare: async () => {
        const one = own.locator(".message--incident").first();
        await one.waitFor();
        if (!(await one.evaluate((element) => (element as HTMLDetailsElement).open)))
          await one.locator("summary").click();
      },
    });

    await eventually("the log has the entries", SEEN_MS, async () => {
      const { items } = await founder.call(incidentEndpoints.published, {});
      return items.some(({ id, leaves }) => id === incidentId && leaves.length === 3);
    });
    const stranger = await openPage(browser, watch, demo.console);
    await stranger.goto(`${demo.console}/public/incidents`);
    const shown = stranger.getByRole("article", { name: "个人信息丢失 · 一般" });
    await shown.getByText("按时报告").waitFor();
    await shown.getByText(/浙江省互联网信息办公室要求告知本人/).waitFor();
    await shown.getByText(/理由：盘上的数据全部加密/).waitFor();
    // The demonstration's own: an incident that was dealt with, and a penalty.
    await stranger.getByRole("article", { name: "门禁凭证被批量复制 · 一般" }).waitFor();
    await stranger.getByText("3,000 元").waitFor();
    await lookAt(stranger, "public incidents");
    const json = await (
      await stranger.request.get(`${demo.console}${incidentEndpoints.published.path}`)
    ).json();
    expect(json.items[0]).toMatchObject({ id: incidentId, telling: "told" });
  });

  it("a penalty is published with ground and amount, and leaves a trace when it goes (row K3)", async () => {
    await officer.goto(`${demo.console}/penalties`);
    await officer.getByRole("button", { name: "公布处罚" }).click();
    await pick(officer, "谁被处罚", "物业公司");
    await officer.getByLabel("作出处罚的机关").fill("杭州市市场监督管理局");
    await officer.getByLabel("文号").fill("杭市监处〔2026〕17 号");
    await officer.getByLabel("作出日期").fill("2026-11-20");
    await officer.getByLabel("罚款（元）").fill("50,000");
    const ground = officer.getByLabel("违反了什么（事由和条款）");
    await ground.fill("对 13812345678 强制刷脸");
    await officer.getByRole("button", { name: "公布", exact: true }).click();
    await officer
      .getByText(/没有公布：文字里有住户的/)
      .first()
      .waitFor();
    await ground.fill("强制业主刷脸（杭州市物业管理条例第五十条）");
    await officer.getByRole("button", { name: "公布", exact: true }).click();
    const one = officer.getByRole("region", { name: /杭市监处/ });
    await one.getByText("50,000 元").waitFor();
    await one.getByRole("button", { name: "移出名单" }).click();
    await one.getByLabel("为什么移出").fill("行政复议撤销");
    await one.getByRole("button", { name: "移出并公开理由" }).click();
    await one.getByText("已移出名单").first().waitFor();
    await lookAt(officer, "console penalties");
    await eventually("both entries are in the log", SEEN_MS, async () => {
      const { items } = await founder.call(evidenceEndpoints.statements, {
        query: { topic: "penalty-removed", limit: 20 },
      });
      return items.some(({ index }) => index !== undefined);
    });
    expect([watch.troubles, watch.foreign]).toEqual([[], []]);
  });
});

/** As a field for date and time in the community's zone has it. */
function localTime(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 16);
}
