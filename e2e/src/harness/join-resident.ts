import type { Page } from "playwright-core";

/**
 * Joins by the link of the desk's paper as a resident does, and copies the recovery code.
 *
 * @returns the recovery code, groups joined by hyphens
 */
export async function joinByLink(page: Page, link: string): Promise<string> {
  await page.goto(link);
  await page.getByRole("button", { name: "加入" }).click();
  await page.getByRole("heading", { name: "您的恢复码" }).waitFor();
  await page.locator(".recovery__group").first().waitFor();
  const groups = await page.locator(".recovery__group").allTextContents();
  for (const label of await page.locator(".code-fields label").allTextContents()) {
    const number = Number(/\d+/.exec(label)?.[0]);
    await page.getByLabel(label).fill((groups[number - 1] ?? "").toLowerCase());
  }
  await page.getByRole("button", { name: "抄好了" }).click();
  await page.locator(".rights").waitFor();
  return groups.join("-");
}
