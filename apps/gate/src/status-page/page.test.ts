import { describe, expect, test } from "vitest";
import { FINDING_SEVERITY, type FindingCode, makeFindings } from "../findings.ts";
import type { GateView } from "../gate-view.ts";
import { renderStatusPage } from "./page.ts";
import { startStatusPage } from "./server.ts";
import { FINDING_TEXTS } from "./texts.ts";

const codes = Object.keys(FINDING_SEVERITY) as FindingCode[];

const view: GateView = {
  gateId: undefined,
  softwareVersion: "0.1.0<script>",
  timeZone: "Asia/Shanghai",
  clock: {
    earliestMs: 1_800_057_600_000,
    latestMs: 1_800_057_602_500,
    systemMs: 1_800_057_601_000,
    start: "first",
    sinceServerMs: undefined,
    injected: false,
  },
  snapshot: undefined,
  keyring: undefined,
  modesGeneration: 0,
  journal: { lastSequence: 12, acknowledged: 5, waiting: 0, degraded: false },
  link: { connected: false, server: undefined, certificateUntilMs: undefined },
  readers: [],
  portals: [],
  findings: codes.map((code) => ({ code, severity: FINDING_SEVERITY[code] })),
};

describe("the page", () => {
  test.each(["zh", "en"] as const)(
    "names every finding in %s and lets nothing through unescaped",
    (language) => {
      const html = renderStatusPage(view, language, "n0nce");
      for (const code of codes) expect(html).toContain(FINDING_TEXTS[code][language]);
      expect(html).not.toContain("<script>");
      expect(html).toContain('<style nonce="n0nce">');
      expect(html).toContain(language === "zh" ? '<html lang="zh-CN">' : '<html lang="en">');
      expect(html).toContain("2.5 s");
    },
  );

  test("an all-clear is said, not left blank", () => {
    expect(renderStatusPage({ ...view, findings: [] }, "en", "n")).toContain("All is well");
  });

  test("the first word of the person's language decides, a choice on the page above it", async () => {
    const page = await startStatusPage({ host: "127.0.0.1", port: 0, view: () => view });
    const read = async (path: string, language: string) =>
      (
        await (await fetch(`${page.url}${path}`, { headers: { "accept-language": language } })).text()
      ).includes('<html lang="en">');
    expect(await read("/", "en-GB,en")).toBe(true);
    expect(await read("/", "de,zh")).toBe(false);
    expect(await read("/?lang=zh", "en")).toBe(false);
    expect(await read("//?lang=en", "zh")).toBe(false);
    const response = await fetch(page.url);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    await page.close();
  });
});

describe("findings", () => {
  test("are told once, worst first, and cleared one by one", () => {
    let changes = 0;
    const findings = makeFindings(() => {
      changes += 1;
    });
    findings.raise("no-tpm");
    findings.raise("no-tpm");
    findings.raise("reader-flooded", "r1");
    findings.raise("reader-flooded", "r2");
    findings.set("no-snapshot", true);
    expect(changes).toBe(4);
    expect(findings.list().map(({ code }) => code)).toEqual([
      "no-snapshot",
      "reader-flooded",
      "reader-flooded",
      "no-tpm",
    ]);
    findings.set("reader-flooded", false, "r1");
    findings.clear("reader-flooded", "r1");
    expect(findings.has("reader-flooded", "r1")).toBe(false);
    expect(findings.has("reader-flooded", "r2")).toBe(true);
    expect(changes).toBe(5);
  });
});
