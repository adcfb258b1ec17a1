import { eventually } from "@menshen/testkit/system";
import {
  CHANGE_REASON_HEADER,
  demoEndpoints,
  type Endpoint,
  eventEndpoints,
  personEndpoints,
  type ResponseOf,
  residentInvitationEndpoints,
  type StaffRole,
  sessionEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { chooseReason } from "./harness/desks.ts";
import { joinByLink } from "./harness/join-resident.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const DAY_MS = 86_400_000;
const PASSAGE_MS = 4_000;
const MINUTES = Buffer.from("业主大会会议记录");

/** Staff named by decision, with real gates; and a motion on its way, as residents read of it. */
describe("names at the duty desk", () => {
  const { runId, stateDir } = makeRun("naming");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let browser: Browser;
  let founder: Page;
  let guard: Page;
  let auditor: Page;
  let worker: { readonly name: string; readonly personId: string; readonly cardId: string };
  let points: readonly { readonly accessPointId: string }[];

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ runId, stateDir, pace: 1 }), launchBrowser()]);
    [founder, guard, auditor] = await Promise.all([newPage(), newPage(), newPage()]);
    await founder.goto(demo.signInLink);
    await founder.getByRole("heading", { name: "此刻" }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  const newPage = (size?: { width: number; height: number }) => openPage(browser, watch, demo.console, size);

  /** As whoever signed in on a page. */
  async function as<E extends Endpoint>(
    page: Page,
    endpoint: E,
    data?: unknown,
    id = "",
  ): Promise<ResponseOf<E>> {
    const response = await page.request.fetch(demo.console + endpoint.path.replace(":id", id), {
      method: endpoint.method,
      ...(data === undefined ? {} : { data }),
      headers: { [CHANGE_REASON_HEADER]: "test", "menshen-view-reason": "maintenance" },
    });
    if (!response.ok()) throw new Error(`${endpoint.id}: ${response.status()} ${await response.text()}`);
    // What an operation answers is the server's promise, checked by its own tests.
    return (response.status() === 204 ? null : await response.json()) as ResponseOf<E>;
  }

  async function signInAs(page: Page, role: StaffRole): Promise<void> {
    await as(founder, sessionEndpoints.changeDuty, { duty: "secure" });
    const { signIn } = await as(founder, staffEndpoints.create, {
      displayName: `夜班 ${role}`,
      roles: [role],
    });
    await page.goto(signIn.link);
    await page.getByRole("navigation").first().waitFor();
  }

  async function open(page: Page, path: string): Promise<void> {
    await page.goto(demo.console + path);
    await page.locator("h1").first().waitFor();
  }

  async function sayWhy(page: Page, confirm: string): Promise<void> {
    await chooseReason(page, "安全");
    await page.locator(".reason-form").getByRole("button", { name: confirm, exact: true }).click();
  }

  it("nobody is named until the security duty decides it, in the words that staff are told", async () => {
    await open(founder, "/naming");
    await founder.getByText("现在不向值班室显示任何人的姓名。").waitFor();
    expect(await founder.getByRole("button", { name: "开始显示员工姓名" }).count()).toBe(0);
    await as(founder, sessionEndpoints.changeDuty, { duty: "secure" });
    await open(founder, "/naming");
    await founder.getByRole("button", { name: "开始显示员工姓名" }).click();
    await founder.getByLabel("告知的内容").fill("进出门岗的时间与姓名保存三天，值班室因公可查。");
    await founder.getByLabel("可查看天数").fill("3");
    await sayWhy(founder, "开始显示员工姓名");
    // It begins with the published log.
    await founder.getByText("生效中").waitFor({ timeout: 60_000 });
  });

  it("who of the staff was told is recorded one by one", async () => {
    await as(founder, sessionEndpoints.changeDuty, { duty: "operate" });
    const path = `${personEndpoints.list.path}?role=staff`;
    // People get their cards one after the other while the demonstration goes on.
    await eventually("staff with a card", 60_000, async () => {
      const state = await as(founder, demoEndpoints.state);
      points = state.doors.flatMap(({ accessPoints }) => accessPoints);
      const { items } = await as(founder, { ...personEndpoints.list, path });
      const [found] = items.flatMap(({ id, displayName }) => {
        const [card] = state.people.find(({ personId }) => personId === id)?.cards ?? [];
        return card === undefined ? [] : [{ personId: id, name: displayName, cardId: card.cardId }];
      });
      if (found === undefined) return false;
      worker = found;
      return true;
    });
    await open(founder, "/naming");
    await founder.getByRole("button", { name: "住户来问" }).click();
    const row = founder.getByRole("listitem").filter({ hasText: worker.name });
    await row.getByText("没有告知：不显示姓名").waitFor();
    await row.getByRole("button", { name: "记下已告知" }).click();
    await row.getByLabel("哪天").fill("2026-11-20");
    await row.getByRole("button", { name: "记下", exact: true }).click();
    await row.getByText("2026-11-20 已告知（书面）").waitFor();
    const ask = () => founder.getByRole("button", { name: "住户来问" }).click();
    await lookAt(founder, "naming-told", {
      prepare: async () => {
        if ((await founder.getByRole("button", { name: "住户来问" }).count()) > 0) await ask();
      },
    });
  });

  it("the guard sees a name for a reason, entry by entry; no list has it", async () => {
    await signInAs(guard, "guard");
    await as(founder, sessionEndpoints.changeDuty, { duty: "operate" });
    // Gates learn of desk keys and of who was told with their next documents.
    let presentedAt = 0;
    await eventually("a passage that can be named", 60_000, async () => {
      // A passage takes its time: more people than can wait at a door would be sent away.
      if (Date.now() - presentedAt > PASSAGE_MS) {
        presentedAt = Date.now();
        for (const { accessPointId } of points.slice(0, 2)) {
          await as(founder, demoEndpoints.present, { cardId: worker.cardId, accessPointId });
        }
      }
      const { items } = await as(guard, eventEndpoints.list);
      expect(JSON.stringify(items)).not.toContain(worker.name);
      return items.some(({ nameable }) => nameable);
    });
    await open(guard, "/events");
    await guard.getByText("有些记录可以显示姓名。").first().waitFor();
    expect(await guard.getByText(worker.name).count()).toBe(0);
    await guard.getByRole("button", { name: "处理事件" }).click();
    await guard.getByRole("button", { name: "显示姓名", exact: true }).first().click();
    await guard.getByText(worker.name).first().waitFor();
    await lookAt(guard, "events-names", {
      prepare: async () => {
        await guard.getByRole("button", { name: /^(处理事件|An incident)$/ }).click();
        await guard.getByRole("button", { name: /^(显示本页全部姓名|Show all names)/ }).click();
        await guard.getByText(worker.name).first().waitFor();
      },
    });
  });

  it("the owners' motion is counted as it is typed, and confirmed by somebody else", async () => {
    await as(founder, sessionEndpoints.changeDuty, { duty: "secure" });
    await open(founder, "/naming");
    await founder.getByRole("button", { name: "录入通过的议案" }).click();
    await founder.getByLabel("议案名称").fill("为期一个月向值班室显示通行人");
    await founder.getByLabel("决议编号").fill("业主大会〔2026〕3号");
    await founder.getByLabel("会议记录").setInputFiles({
      name: "minutes.pdf",
      mimeType: "application/pdf",
      buffer: MINUTES,
    });
    const day = (fromNowDays: number) =>
      new Date(Date.now() + fromNowDays * DAY_MS).toISOString().slice(0, 10);
    await founder.getByLabel("表决日期").fill(day(-2));
    await founder.getByLabel("从哪天起").fill(day(9));
    await founder.getByLabel("到哪天为止（含）").fill(day(40));
    const heads = founder.getByRole("group", { name: "按人数" });
    const area = founder.getByRole("group", { name: /按专有面积/ });
    const fill = async (group: typeof heads, values: readonly string[]) => {
      for (const [i, value] of values.entries()) await group.getByRole("textbox").nth(i).fill(value);
    };
    await fill(heads, ["300", "200", "100"]);
    await fill(area, ["30000.01", "20000.01", "10000.01"]);
    await founder.getByText("同意的没有超过参加的一半。").waitFor();
    expect(await founder.getByRole("button", { name: "录入，等待确认" }).count()).toBe(0);
    await fill(heads, ["300", "200", "101"]);
    await founder.getByText("两项都通过。").waitFor();
    // Nothing that was typed may be lost by a reload: one look in each width.
    for (const width of [390, 1440]) {
      await founder.setViewportSize({ width, height: 1600 });
      await expectFit(founder, "naming motion form");
    }
    await sayWhy(founder, "录入，等待确认");
    await founder.getByText("等待确认").first().waitFor();
    await signInAs(auditor, "auditor");
    await open(auditor, "/naming");
    await auditor.getByRole("button", { name: "确认议案" }).click();
    await sayWhy(auditor, "确认议案");
    await auditor.getByText("已公示，尚未开始").waitFor();
    await lookAt(auditor, "naming-motion");
  });

  it("a resident reads when it begins, by which motion, for how long", async () => {
    const own = await newPage({ width: 390, height: 844 });
    await as(founder, sessionEndpoints.changeDuty, { duty: "operate" });
    const invitation = await as(founder, residentInvitationEndpoints.create, undefined, worker.personId);
    await joinByLink(own, invitation.link);
    await own.goto(`${demo.console}/resident/#/trail`);
    await own.getByText("为期一个月向值班室显示通行人").first().waitFor();
    await own.getByText("值班室将能看到是谁进出").first().waitFor();
    await lookAt(own, "resident-named", {
      prepare: () => own.locator(".plain-notice--due").first().waitFor(),
    });
    await own.goto(`${demo.console}/resident/#/looks`);
    await own.getByText("某一次进出是您").first().waitFor();
  });

  it("ends at once when one withdraws it", async () => {
    await as(founder, sessionEndpoints.changeDuty, { duty: "operate" });
    await open(founder, "/naming");
    await founder.getByRole("button", { name: "立即撤回" }).first().click();
    await sayWhy(founder, "立即撤回");
    await founder.getByText("现在不向值班室显示任何人的姓名。").waitFor();
    await guard.reload();
    await guard.getByRole("table").first().waitFor();
    expect(await guard.getByText("有些记录可以显示姓名。").count()).toBe(0);
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});
