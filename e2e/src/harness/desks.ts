import type { Page } from "playwright-core";

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
  await settings.getByRole("combobox", { name: "原因" }).click();
  await settings.getByTitle("安全", { exact: true }).click();
  await settings.getByRole("button", { name: "指定这三方" }).click();
  await settings.getByRole("button", { name: "指定保管人" }).waitFor();
}
