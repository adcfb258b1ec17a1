import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** So long each act of a hand takes, for whoever wants to see a test at the pace of a person; none by default. */
const PACE_MS = Number(process.env.MENSHEN_PACE_MS ?? 0);

/**
 * Debian's Chromium without a window, and without any service that would reach out of the machine.
 *
 * @param more arguments of its command line
 */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk`);
  return chromium.launch({
    executablePath: CHROMIUM,
    slowMo: PACE_MS,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/** So long a page may take for one step: it costs nothing where it is quick, and a busy machine is no fault of the page. */
const STEP_MS = 60_000;

/** What pages did that none may do. */
export interface Watch {
  /** Errors that nothing caught. */
  readonly troubles: string[];
  /** Requests to anybody but the pages' own server. */
  readonly foreign: string[];
}

/**
 * A page in a browser profile of its own, in Chinese until it is told otherwise.
 *
 * @param home origin of the only server that it may ask
 * @param size in CSS pixels
 */
export async function openPage(
  browser: Browser,
  watch: Watch,
  home: string,
  size = { width: 1440, height: 900 },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: size,
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  await context.addInitScript(
    `localStorage.setItem("menshen.language", localStorage.getItem("menshen.language") ?? "zh-CN")`,
  );
  context.setDefaultTimeout(STEP_MS);
  const page = await context.newPage();
  page.on("pageerror", (error) => watch.troubles.push(String(error)));
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    // What a page made itself: an image in its own text, a file that it saves.
    if (origin !== home && protocol !== "data:" && protocol !== "blob:") watch.foreign.push(request.url());
  });
  return page;
}
