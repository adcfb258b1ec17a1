import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** Where pictures of every page that is looked at go, for whoever wants to see them; nowhere by default. */
const PICTURES = process.env.MENSHEN_PICTURES;
const WIDTHS_PX = [1440, 390];

/** How a page is dressed. */
export interface Look {
  readonly language: "zh-CN" | "en";
  readonly colorScheme: "light" | "dark";
  readonly widthPx: number;
}

/** Both languages, both appearances and both widths, in two looks. */
export const LOOKS: readonly Look[] = [
  { language: "zh-CN", colorScheme: "light", widthPx: 1440 },
  { language: "en", colorScheme: "dark", widthPx: 390 },
];

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Serious and critical findings of axe on the page as it stands, each in one line. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // Evaluated rather than added as a script element: the pages' content security policy allows no inline script.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(AXE);
  const findings: unknown = await page.evaluate(
    `axe.run({ resultTypes: ["violations"] }).then((result) => result.violations
      .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
      .map((violation) => violation.id + ": " + violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 120)).join(" | ")))`,
  );
  if (!Array.isArray(findings)) throw new Error("axe gave no list");
  return findings.map(String);
}

/** Changes the language where the page has a switch for it, so that nothing typed or unlocked is lost. */
export async function speak(page: Page, language: Look["language"]): Promise<void> {
  const name = language === "en" ? "English" : "中文";
  if ((await page.locator(".desk").count()) > 0) return page.getByText(name, { exact: true }).click();
  await page.evaluate((chosen) => localStorage.setItem("menshen.language", chosen), language);
  await page.reload();
  await page.locator("h1").first().waitFor();
}

const spoken = (page: Page) => page.evaluate("document.documentElement.lang");

async function dress(page: Page, { colorScheme, widthPx }: Omit<Look, "language">): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width: widthPx, height: 900 });
}

/** Dresses the page and changes its language; what is loaded anew may still be reading. */
export async function wear(page: Page, look: Look): Promise<void> {
  await dress(page, look);
  await speak(page, look.language);
}

/** The innermost elements that make the page wider than the window, each by its tag, class and how far it reaches. */
const BESIDE_THE_EDGE = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= innerWidth) return [];
  const wide = [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth);
  return wide.filter((one) => !wide.some((other) => other !== one && one.contains(other))).slice(0, 5)
    .map((one) => one.tagName + "." + one.className + " +" + (one.getBoundingClientRect().right - innerWidth)
      + " " + (one.textContent ?? "").slice(0, 60))
    .concat("page +" + (root.scrollWidth - innerWidth));
})()`;

/** Nothing serious stands against the page as it is, and nothing lies beside its edge: it would be lost at 200 % zoom. */
export async function expectFit(page: Page, name: string): Promise<void> {
  // A colour on its way to another is neither.
  await page.evaluate(
    `Promise.allSettled(document.getAnimations()
      .filter((moving) => moving instanceof CSSTransition).map(({ finished }) => finished))`,
  );
  const width = page.viewportSize()?.width;
  if (PICTURES !== undefined) {
    mkdirSync(PICTURES, { recursive: true });
    const language = await page.evaluate("document.documentElement.lang");
    const file = `${name}-${width}-${String(language)}.png`.replaceAll(/[^\w.-]+/g, "-");
    await page.screenshot({ path: join(PICTURES, file), fullPage: true });
  }
  // A page that was just resized may begin to change after that; what stands against it as it is goes on to.
  await expect
    .poll(() => seriousFindings(page), { timeout: 30_000, message: `${name}, ${width} px` })
    .toEqual([]);
  expect(await page.evaluate(BESIDE_THE_EDGE), `${name}, ${width} px`).toEqual([]);
}

/**
 * Looks at one page in all looks.
 *
 * @param options.prepare brings a page that was loaded anew to where it is looked at
 * @param options.isCrowded both languages in both widths: where a line of text more or less decides
 */
export async function lookAt(
  page: Page,
  name: string,
  options: { readonly prepare?: () => Promise<unknown>; readonly isCrowded?: boolean } = {},
): Promise<void> {
  for (const look of LOOKS) {
    // A page that needs no preparing and speaks the language already is looked at as it is.
    const stays = options.prepare === undefined && (await spoken(page)) === look.language;
    await (stays ? dress(page, look) : wear(page, look));
    await options.prepare?.();
    for (const width of options.isCrowded ? WIDTHS_PX : [look.widthPx]) {
      await page.setViewportSize({ width, height: 900 });
      await expectFit(page, name);
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await speak(page, "zh-CN");
}
