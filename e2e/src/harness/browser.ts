import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** Debian's Chromium without a window, and without any service that would reach out of the machine. */
export function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk`);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Serious and critical findings of axe on the page as it stands, each in one line. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated rather than added as a script element: the console's content security policy allows no inline script.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const findings: unknown = await page.evaluate(
    `axe.run().then((result) => result.violations
      .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
      .map((violation) => violation.id + ": " + violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")))`,
  );
  if (!Array.isArray(findings)) throw new Error("axe gave no list");
  return findings.map(String);
}
