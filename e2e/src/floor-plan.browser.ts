import { floorPlanEndpoints, sessionEndpoints } from "@menshen/wire";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { expectFit, lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const SOON = { timeout: 30_000 };
const TABLET = { width: 1024, height: 768 };
const FLOOR =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400"><script>alert(1)</script>' +
  '<rect x="40" y="40" width="520" height="320" fill="none" stroke="#333" stroke-width="6"/>' +
  '<path d="M300 40V360M40 200H300" stroke="#333" stroke-width="3" onclick="alert(2)"/></svg>';

/** Floor plans as an installer makes them and guards see them, and the reception, on a tablet. */
describe("floor plans and reception", () => {
  const run = makeRun("floor-plan");
  let demo: RunningDemo;
  let browser: Browser;
  let page: Page;
  const watch: Watch = { troubles: [], foreign: [] };

  async function takeDuty(duty: "operate" | "secure"): Promise<void> {
    const answer = await page.context().request.fetch(demo.console + sessionEndpoints.changeDuty.path, {
      method: sessionEndpoints.changeDuty.method,
      data: { duty },
      headers: { origin: demo.console },
    });
    expect(answer.ok()).toBe(true);
  }
  const upload = (label: string, name: string, mimeType: string, buffer: Buffer) =>
    page.getByLabel(label, { exact: true }).last().setInputFiles({ name, mimeType, buffer });
  /** Takes what stands at one place to another by mouse. */
  async function drag(handle: Locator, to: { readonly x: number; readonly y: number }): Promise<void> {
    const from = await handle.boundingBox();
    const box = await page.locator(".plan-edit").boundingBox();
    if (from === null || box === null) throw new Error("nothing to drag");
    const plan = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 };
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(plan.x + plan.width / 2, plan.y + plan.height / 2, { steps: 4 });
    await page.mouse.move(plan.x + plan.width * to.x, plan.y + plan.height * to.y, { steps: 4 });
    await page.mouse.up();
  }
  /** Waits until the server has it. */
  const saved = () => page.locator(".plan-editor__state").getByText("已保存").waitFor();
  async function plans() {
    const answer = await page.context().request.get(demo.console + floorPlanEndpoints.list.path);
    const {
      items,
    }: { items: { name: string; doors: { x: number; y: number }[]; areas: { corners: object[] }[] }[] } =
      await answer.json();
    return items;
  }
  const planNamed = async (name: string) => (await plans()).find((plan) => plan.name === name);

  /** Opens the editor, at one of its plans. */
  async function edit(name?: string): Promise<void> {
    await takeDuty("secure");
    await page.goto(`${demo.console}/doors/plans`);
    await page.getByRole("button", { name: "上传平面图" }).waitFor();
    if (name === undefined) return;
    await page.locator(".plan-choice").getByText(name).click();
    await page.getByRole("img", { name: `${name}的平面图` }).waitFor();
  }
  async function guard(): Promise<void> {
    await takeDuty("operate");
    await page.setViewportSize(TABLET);
    await page.goto(`${demo.console}/guard`);
    await page.getByRole("img", { name: /的平面图$/ }).waitFor();
  }

  beforeAll(async () => {
    demo = await startDemo({ ...run, pace: 6 });
    browser = await launchBrowser();
    page = await openPage(browser, watch, demo.console, TABLET);
    await page.goto(demo.signInLink);
    await page.getByRole("heading", { name: "此刻" }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("shows guards the doors of a fresh start live on a drawing", async () => {
    await guard();
    await page.getByRole("img", { name: "总平面的平面图" }).waitFor();
    await expect.poll(() => page.locator(".plan .plan-door").count(), SOON).toBe(8);
    await expect.poll(() => page.locator(".plan__areas polygon").count(), SOON).toBe(6);
    const picture = page.locator(".plan__picture");
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), SOON)
      .toBe(1200);
  });

  it("says why a file is not taken", async () => {
    await edit();
    await upload("上传平面图", "big.png", "image/png", Buffer.alloc(11 * 1024 * 1024));
    await page.getByRole("alert").getByText("这个文件有 11 MB，最多 10 MB").waitFor();
    await upload("上传平面图", "plan.pdf", "application/pdf", Buffer.from("%PDF-1.7"));
    await page.getByRole("alert").getByText("这不是 SVG、PNG 或 JPEG").waitFor();
  });

  it("takes a drawing without its script, says what it took out, and shows it", async () => {
    await edit();
    await upload("上传平面图", "3号楼一层.svg", "image/svg+xml", Buffer.from(FLOOR));
    await page.getByText("为安全去掉了：脚本 1 处、事件代码 1 处").waitFor();
    await page.getByRole("img", { name: "3号楼一层的平面图" }).waitFor();
    await page.getByText("门（0/8 已在图上）").waitFor();
  });

  it("puts doors on it by mouse and by keyboard, moves them, and undoes that", async () => {
    await edit("3号楼一层");
    const door = page.locator(".plan-edit__door", { hasText: "3 号楼单元门" });
    const row = page.locator(".plan-list li", { hasText: "3 号楼单元门" });
    await drag(row.locator("[data-handle]"), { x: 0.25, y: 0.5 });
    await door.waitFor();
    await saved();
    expect(await planNamed("3号楼一层")).toMatchObject({ doors: [{ x: 250, y: 500 }] });
    await drag(door.locator(".plan-door__shape"), { x: 0.75, y: 0.25 });
    await page.getByRole("button", { name: "3 号楼单元门：距左 75%，距上 25%" }).waitFor();
    await door.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Shift+ArrowDown");
    await page.getByRole("button", { name: "3 号楼单元门：距左 76%，距上 30%" }).waitFor();
    await saved();
    expect(await planNamed("3号楼一层")).toMatchObject({ doors: [{ x: 760, y: 300 }] });
    await page.getByRole("button", { name: "撤销" }).click();
    await page.getByRole("button", { name: "3 号楼单元门：距左 75%，距上 25%" }).waitFor();
    for (let time = 0; time < 3; time++) {
      await page.getByRole("button", { name: "放到图上: 5 号楼单元门" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "5 号楼单元门：距左 50%，距上 50%" }).waitFor();
      await page.keyboard.press("Control+z");
      await page.getByText("门（1/8 已在图上）").waitFor();
    }
    await saved();
    // It was taken from another plan, and what is saved includes that it stands there again.
    expect((await planNamed("总平面"))?.doors).toHaveLength(7);
  });

  it("draws an area corner by corner, by keyboard as a list, and takes it off", async () => {
    await edit("3号楼一层");
    const plan = page.locator(".plan-edit");
    await page.getByRole("button", { name: "在图上描" }).click();
    const box = await plan.boundingBox();
    if (box === null) throw new Error("no plan");
    for (const [x, y] of [
      [0.1, 0.15],
      [0.45, 0.15],
      [0.45, 0.45],
    ] as const) {
      await plan.click({ position: { x: box.width * x, y: box.height * y } });
    }
    await page.getByText("已有 3 个").waitFor();
    await page.getByRole("button", { name: "闭合" }).last().click();
    await page.getByText("区域（1）").waitFor();
    await saved();
    const [drawn] = (await planNamed("3号楼一层"))?.areas ?? [];
    expect(drawn?.corners).toHaveLength(3);
    await page.getByRole("button", { name: "在角 3 之后加一个角" }).click();
    await page.getByRole("spinbutton", { name: "角 4: 距左" }).fill("12.5");
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: /^角 4：距左 12\.5%/ }).waitFor();
    await saved();
    expect((await planNamed("3号楼一层"))?.areas[0]?.corners).toMatchObject([{}, {}, {}, { x: 125 }]);
    await page.getByRole("button", { name: /^从图上去掉: / }).click();
    await page.getByText("区域（0）").waitFor();
    await page.getByRole("button", { name: "撤销" }).click();
    await page.getByText("区域（1）").waitFor();
    await saved();
  });

  it("is whole and readable in both languages, on a tablet, a desk and a telephone", async () => {
    await edit();
    await page.setViewportSize(TABLET);
    await expectFit(page, "floor plans on a tablet");
    await lookAt(page, "floor plans", { prepare: () => page.locator(".plan-edit").waitFor() });
  });

  it("removes a plan and puts it back in place of asking whether one is sure", async () => {
    await edit("3号楼一层");
    await page.getByRole("textbox", { name: "平面图名称" }).fill("3 号楼首层");
    await page.keyboard.press("Enter");
    await page.locator(".plan-choice").getByText("3 号楼首层").waitFor();
    await page.getByRole("button", { name: "移除", exact: true }).click();
    await page.getByRole("img", { name: "总平面的平面图" }).waitFor();
    await page.locator(".ant-notification").getByRole("button", { name: "撤销" }).click();
    await page.locator(".plan-choice").getByText("3 号楼首层").waitFor();
  });

  it("lets a guard change between plans, each with its doors", async () => {
    await guard();
    await page.locator(".plan-choice").getByText("3 号楼首层").click();
    await page.getByRole("img", { name: "3 号楼首层的平面图" }).waitFor();
    await expect.poll(() => page.locator(".plan .plan-door").count(), SOON).toBe(1);
    await page.locator(".plan-choice").getByText("总平面").click();
    await page.getByRole("img", { name: "总平面的平面图" }).waitFor();
    await expect.poll(() => page.locator(".plan .plan-door").count(), SOON).toBe(7);
    await expectFit(page, "guard with plans");
  });

  it("opens the reception's list to whoever is on duty, and says so before", async () => {
    await guard();
    await page.getByRole("link", { name: "访客接待" }).click();
    await page.getByText("先开始当班").waitFor();
    await expectFit(page, "reception before a shift");
    await page.getByRole("button", { name: "开始当班" }).click();
    await page.getByText("现在没有登记过的访客在里面").waitFor();
  });

  it("checks visitors in with the least that is needed, and out, and undoes that", async () => {
    await takeDuty("operate");
    await page.goto(`${demo.console}/reception`);
    await page.getByRole("button", { name: "登记临时访客" }).click();
    await page.getByRole("combobox", { name: "去哪一户" }).fill("3 号楼 502");
    await page.locator(".ant-select-item-option").getByText("3 号楼 502").click();
    await page.getByText("送货", { exact: true }).click();
    await page.getByRole("spinbutton", { name: "几个人" }).fill("2");
    await page.getByRole("button", { name: "登记并放行" }).click();
    const visit = page.getByRole("listitem").filter({ hasText: "送货，2 人" });
    await visit.getByText("3 号楼 502").waitFor();
    await page.getByText("在里面（2 人）").waitFor();
    await visit.getByRole("button", { name: /^登记离开/ }).click();
    await page.getByText("在里面（0 人）").waitFor();
    await page.getByText("今天已离开（1）").waitFor();
    await page.locator(".ant-notification").getByRole("button", { name: "撤销" }).click();
    await page.getByText("在里面（2 人）").waitFor();
    await lookAt(page, "reception", { prepare: () => page.locator(".reception").waitFor() });
  });

  it("asked nobody but its own server, and threw no error", () => {
    expect(watch.foreign).toEqual([]);
    expect(watch.troubles).toEqual([]);
  });
});
