import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** A security key inside the browser, which keeps secrets for pages (WebAuthn PRF). */
export async function givePasskeys(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
    },
  });
}

/** The identity key that a custodian's desk shows, in hexadecimal. */
export async function keyOn(desk: Page): Promise<string> {
  return (await desk.locator(".identity-key").textContent()) ?? "";
}

/** Staff in the secure duty appoints by Settings: keys of committee, property company and city, in hexadecimal. */
export async function appoint(settings: Page, keys: readonly [string, string, string]): Promise<void> {
  await settings.getByRole("button", { name: "指定保管人" }).click();
  const [committee, property, city] = keys;
  await settings.getByLabel("业主委员会的身份公钥").fill(committee);
  await settings.getByLabel("物业公司的身份公钥").fill(property);
  await settings.getByLabel("市级监督的身份公钥").fill(city);
  await chooseReason(settings, "安全");
  await settings.getByRole("button", { name: "指定这三方" }).click();
  await settings.getByRole("button", { name: "指定保管人" }).waitFor();
}

/**
 * Chooses in a list of the console. A list that closes while it moves, since the page was drawn again, is opened again.
 *
 * @param where the page, or a part of it that holds the field
 */
export async function pick(where: Page | Locator, label: string, option: string): Promise<void> {
  const page = "page" in where ? where.page() : where;
  const named = page.getByRole("combobox", { name: label });
  const box = where.locator(".ant-select").filter({ has: named });
  const chosen = box.getByText(option, { exact: true });
  await box.waitFor();
  await expect
    .poll(
      async () => {
        if ((await chosen.count()) > 0) return true;
        await box.click({ timeout: 2_000 }).catch(() => {});
        const found = page.locator(".ant-select-item-option").getByText(option, { exact: true });
        await found
          .last()
          .click({ timeout: 2_000 })
          .catch(() => {});
        return (await chosen.count()) > 0;
      },
      { timeout: 30_000 },
    )
    .toBe(true);
}

/** Chooses why something is done. */
export function chooseReason(where: Page | Locator, title: string): Promise<void> {
  return pick(where, "原因", title);
}
