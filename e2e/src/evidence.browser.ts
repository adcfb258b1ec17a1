import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readStoredZip } from "@menshen/custody";
import { ROOT } from "@menshen/testkit/system";
import {
  type BodyOf,
  type CaseItem,
  caseEndpoints,
  type DemoState,
  type DetectionSettings,
  demoEndpoints,
  detectionEndpoints,
  openingEndpoints,
  sessionEndpoints,
} from "@menshen/wire";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser, openPage, type Watch } from "./harness/browser.ts";
import { type RunningDemo, startDemo } from "./harness/demo.ts";
import { lookAt } from "./harness/looks.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const SLOW = { timeout: 90_000 };
const REASON = "公安机关调取，调证〔2026〕0147号";

/** From two doors at once to what a stranger verifies, with what stands in the documentation. */
describe("evidence of a copied card", () => {
  const run = makeRun("evidence");
  const folder = join(run.stateDir, "handed-over");
  const file = join(folder, "evidence.zip");
  const keys = join(folder, "keys.json");
  const watch: Watch = { troubles: [], foreign: [] };
  let demo: RunningDemo;
  let browser: Browser;
  let desk: Page;
  let found: CaseItem;

  async function ask(path: string, method: string, data?: unknown): Promise<unknown> {
    const answer = await desk.context().request.fetch(demo.console + path, {
      method,
      ...(data === undefined ? {} : { data }),
      headers: { origin: demo.console },
    });
    expect(answer.ok(), `${path} ${answer.ok() ? "" : await answer.text()}`).toBe(true);
    return answer.status() === 204 ? undefined : await answer.json();
  }

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo({ ...run, pace: 1 }), launchBrowser()]);
    mkdirSync(folder, { recursive: true });
    desk = await openPage(browser, watch, demo.console);
    await desk.goto(demo.signInLink);
    await desk.getByRole("heading", { name: "此刻" }).waitFor();
    await ask(demoEndpoints.pace.path, "POST", { perMinute: 0 });
  });

  afterAll(async () => {
    await browser?.close();
    await endInOrder(demo);
  });

  it("a card at two doors that are far apart becomes a case", async () => {
    const { doors, people } = (await ask(demoEndpoints.state.path, "GET")) as DemoState;
    const resident = people.find(
      ({ cards, dwellingName }) => dwellingName?.startsWith("1 号楼") && cards.length > 0,
    );
    const points = ["北门", "1 号楼单元门"].map(
      (name) => doors.find((door) => door.name.startsWith(name))?.accessPoints[0]?.accessPointId ?? "",
    );
    const duty = sessionEndpoints.changeDuty;
    await ask(duty.path, duty.method, { duty: "secure" });
    const { change, settings } = detectionEndpoints;
    const now = (await ask(settings.path, "GET")) as DetectionSettings;
    const [a = "", b = ""] = points.toSorted();
    // Doors two hours apart, and whoever is in two places is told at the first time.
    await ask(change.path, change.method, {
      tuned: { ...now.tuned, watchScore: 1 },
      walks: [{ a, b, seconds: 7_200 }],
      revision: now.revision,
      reason: "two doors of the test lie far apart",
    } satisfies BodyOf<typeof change>);
    await ask(duty.path, duty.method, { duty: "operate" });
    await expect
      .poll(
        async () => {
          for (const accessPointId of points) {
            await ask(demoEndpoints.present.path, "POST", { personId: resident?.personId, accessPointId });
          }
          const { items } = (await ask(caseEndpoints.list.path, "GET")) as { items: CaseItem[] };
          const one = items.find(({ rules }) => rules.includes("R5"));
          if (one !== undefined) found = one;
          return one?.rules;
        },
        { ...SLOW, interval: 3_000 },
      )
      .toContain("R5");
  });

  it("its evidence is made on its page, sealed by the log, and taken out with a reason", async () => {
    await desk.goto(`${demo.console}/cases/${found.id}`);
    const section = desk.getByRole("region", { name: "证据" });
    await section.getByText("制作证据包").first().click();
    await section.getByLabel("为什么制作").fill(REASON);
    await section.getByRole("button", { name: "制作证据包" }).click();
    await section.getByText("可以移交").waitFor(SLOW);
    await section.getByText("取出并移交").click();
    await section.getByLabel("交给谁").fill("某区公安分局 李警官");
    await section.getByLabel("为什么取出").fill(REASON);
    const [download] = await Promise.all([
      desk.waitForEvent("download"),
      section.getByRole("button", { name: "保存文件" }).click(),
    ]);
    await download.saveAs(file);
    await section.getByText("经手记录（3）").click();
    await section.getByText("某区公安分局 李警官", { exact: false }).first().waitFor();
    await lookAt(desk, "evidence of a case", {
      prepare: () => desk.locator("#evidence").waitFor(),
    });
    writeFileSync(keys, JSON.stringify(await ask(openingEndpoints.keys.path, "GET")));
  });

  it("OpenSSL verifies it by the commands of the documentation", () => {
    const unpacked = join(folder, "unpacked");
    for (const { name, bytes } of readStoredZip(Uint8Array.from(readFileSync(file)))) {
      mkdirSync(dirname(join(unpacked, name)), { recursive: true });
      writeFileSync(join(unpacked, name), bytes);
    }
    const page = readFileSync(join(ROOT, "docs/protocol/evidence-package.md"), "utf8");
    const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
    expect(commands.match(/^openssl /gm)).toHaveLength(10);
    const verify = () =>
      execFileSync("bash", ["-euo", "pipefail", "-c", commands], { cwd: unpacked, stdio: "pipe" }).toString();
    expect(verify()).toContain("Verified OK");
    writeFileSync(join(unpacked, "case.json"), " ", { flag: "a" });
    expect(verify).toThrow();
  });

  it("the command line verifies it, and refuses it with one byte changed", () => {
    const menshen = join(ROOT, "apps/cli/bin/menshen.js");
    const said = execFileSync(process.execPath, [menshen, "verify", file, "--keys", keys], {
      encoding: "utf8",
    });
    expect(said).toContain("✓ verified");
    expect(said).toContain("signed with the pinned key");
    writeFileSync(join(folder, "changed.zip"), changed(readFileSync(file)));
    expect(() =>
      execFileSync(process.execPath, [menshen, "verify", join(folder, "changed.zip"), "--keys", keys], {
        stdio: "pipe",
      }),
    ).toThrow();
  });

  it("the page verifies it without a network, and refuses it with one byte changed", async () => {
    const stranger = await openPage(browser, watch, demo.console, { width: 390, height: 844 });
    await stranger.goto(`${demo.console}/public/evidence`);
    await stranger.getByRole("heading", { name: "核验证据包" }).waitFor();
    await stranger.context().setOffline(true);
    await stranger.getByLabel("证据包", { exact: true }).and(stranger.locator("input")).setInputFiles(file);
    await stranger.getByText("证据包完整，没有改动").waitFor(SLOW);
    await stranger.getByText("没有核对密钥出自谁", { exact: false }).waitFor();
    await stranger.getByLabel("登记的密钥（可选）").setInputFiles(keys);
    await stranger.getByText("由登记的密钥签名。").waitFor(SLOW);
    await stranger.getByText("R5 两次刷卡间隔短于最快行走时间").first().waitFor();
    await stranger
      .getByLabel("证据包", { exact: true })
      .and(stranger.locator("input"))
      .setInputFiles({
        name: "changed.zip",
        mimeType: "application/zip",
        buffer: changed(readFileSync(file)),
      });
    await stranger.getByText("核验未通过：不要采信").waitFor(SLOW);
    await stranger.context().setOffline(false);
    await lookAt(stranger, "page that verifies evidence", {
      prepare: async () => {
        for (const input of [file, keys]) {
          await stranger
            .locator('input[type="file"]')
            .nth(input === file ? 0 : 1)
            .setInputFiles(input);
        }
        await stranger.locator(".evidence-table").waitFor(SLOW);
      },
    });
    expect(watch).toEqual({ troubles: [], foreign: [] });
  });
});

function changed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[Math.floor(copy.length / 2)] = (copy[Math.floor(copy.length / 2)] ?? 0) ^ 1;
  return copy;
}
