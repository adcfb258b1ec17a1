import { makeVirtualAuthenticator } from "@menshen/testkit/virtual-authenticator";
import { cityIncidentEndpoints, citySessionEndpoints, officerPasskeyEndpoints } from "@menshen/wire";
import { beforeEach, expect, test } from "vitest";
import { type Browser, codeOf, startTestCity, type TestCity } from "../../testing/test-city.ts";

const HOUR_MS = 3_600_000;
let city: TestCity;
beforeEach(async () => {
  city = await startTestCity();
});

test("a link works once, for a day", async () => {
  const officer = await city.officer();
  const { link } = await officer.call(citySessionEndpoints.addOfficer, { body: { name: "李" } });
  expect(link).toMatch(/\/#\/sign-in\?code=[\w-]{43}$/);
  const colleague = city.browser();
  const signedIn = await colleague.call(citySessionEndpoints.signIn, { body: { code: codeOf(link) } });
  expect(signedIn).toMatchObject({ signedIn: true, city: "Test City", officer: { name: "李" } });
  const again = await city.browser().refused(citySessionEndpoints.signIn, { body: { code: codeOf(link) } });
  expect(again.code).toBe("code-invalid");
  const late = await officer.call(citySessionEndpoints.addOfficer, { body: { name: "王" } });
  city.clock.advance(24 * HOUR_MS);
  const refused = await city
    .browser()
    .refused(citySessionEndpoints.signIn, { body: { code: codeOf(late.link) } });
  expect(refused.code).toBe("code-invalid");
});

test("a session ends when signed out, after an hour without use, and after twelve", async () => {
  const officer = await city.officer();
  const newBrowser = async () => {
    const { link } = await officer.call(citySessionEndpoints.addOfficer, { body: { name: "李" } });
    const browser = city.browser();
    await browser.call(citySessionEndpoints.signIn, { body: { code: codeOf(link) } });
    return browser;
  };
  const left = await newBrowser();
  await left.call(cityIncidentEndpoints.list);
  await left.call(citySessionEndpoints.signOut);
  expect((await left.refused(cityIncidentEndpoints.list)).code).toBe("not-signed-in");
  const used = await newBrowser();
  const unused = await newBrowser();
  for (let hour = 0; hour < 13; hour++) {
    city.clock.advance(0.9 * HOUR_MS);
    await used.call(cityIncidentEndpoints.list);
  }
  expect((await unused.refused(cityIncidentEndpoints.list)).code).toBe("not-signed-in");
  city.clock.advance(0.5 * HOUR_MS);
  expect((await used.refused(cityIncidentEndpoints.list)).code).toBe("not-signed-in");
});

test("an officer who was removed is out at once, and nobody removes themselves", async () => {
  const officer = await city.officer();
  const added = await officer.call(citySessionEndpoints.addOfficer, { body: { name: "李" } });
  const colleague = city.browser();
  await colleague.call(citySessionEndpoints.signIn, { body: { code: codeOf(added.link) } });
  const { officer: me } = await officer.call(citySessionEndpoints.get);
  const self = await officer.refused(citySessionEndpoints.removeOfficer, { params: { id: me?.id ?? "" } });
  expect(self.code).toBe("conflict");
  await officer.call(citySessionEndpoints.removeOfficer, { params: { id: added.officer.id } });
  expect((await colleague.refused(cityIncidentEndpoints.list)).code).toBe("not-signed-in");
  const link = await officer.refused(citySessionEndpoints.renewLink, { params: { id: added.officer.id } });
  expect(link.code).toBe("conflict");
});

test("pages of other sites change nothing, and other names of this machine get nothing", async () => {
  const { path } = citySessionEndpoints.signIn;
  const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
  const foreign = await fetch(city.http + path, {
    ...init,
    headers: { ...init.headers, origin: "https://evil.example" },
  });
  expect(foreign.status).toBe(403);
  const page = await fetch(`${city.http}/`);
  expect(page.status).toBe(503);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
});

test("guessing is slow", async () => {
  const browser = city.browser();
  const codes: string[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    const code = "x".repeat(43);
    codes.push((await browser.refused(citySessionEndpoints.signIn, { body: { code } })).code);
  }
  expect(codes.slice(0, 10)).toEqual(Array(10).fill("code-invalid"));
  expect(codes.at(-1)).toBe("rate-limited");
});

/** Makes a passkey for whoever is signed in there. */
async function register(browser: Browser, name: string) {
  const authenticator = makeVirtualAuthenticator("localhost", city.http);
  const { challengeId, options } = await browser.call(officerPasskeyEndpoints.options);
  const body = { challengeId, response: authenticator.create(options), name };
  const passkey = await browser.call(officerPasskeyEndpoints.register, { body });
  return { authenticator, passkey, body };
}

async function challenge(browser: Browser) {
  return browser.call(citySessionEndpoints.passkeyOptions);
}

test("a passkey that an officer made signs them in, each challenge once", async () => {
  const officer = await city.officer();
  const { authenticator, passkey, body } = await register(officer, " 办公室电脑 ");
  expect(passkey).toMatchObject({ name: "办公室电脑", createdAt: city.clock.now() });
  expect((await officer.refused(officerPasskeyEndpoints.register, { body })).code).toBe("passkey-refused");
  const browser = city.browser();
  const { challengeId, options } = await challenge(browser);
  const answer = { challengeId, response: authenticator.get(options) };
  const session = await browser.call(citySessionEndpoints.signInWithPasskey, { body: answer });
  expect(session).toMatchObject({ signedIn: true, officer: { name: "管理员 Administrator" } });
  await browser.call(cityIncidentEndpoints.list);
  const [listed] = (await browser.call(officerPasskeyEndpoints.list)).items;
  expect(listed).toMatchObject({ id: passkey.id, lastUsedAt: city.clock.now() });
  const again = await city.browser().refused(citySessionEndpoints.signInWithPasskey, { body: answer });
  expect(again.code).toBe("passkey-refused");
});

test("answers from elsewhere, to other challenges, too late, or in another form are refused alike", async () => {
  const officer = await city.officer();
  const { authenticator } = await register(officer, "a");
  const browser = city.browser();
  const refused = async (change: (made: { challengeId: string; options: object }) => object) => {
    const made = await challenge(browser);
    const body = { challengeId: made.challengeId, response: { ...change(made) } };
    return browser.refused(citySessionEndpoints.signInWithPasskey, { body });
  };
  const answers = [
    await refused(({ options }) => authenticator.get(options, { origin: "https://evil.example" })),
    await refused(() => authenticator.get({ challenge: "AAAA" })),
    await refused(({ options }) => makeVirtualAuthenticator("localhost", city.http).get(options)),
    await refused(() => ({ id: 7 })),
  ];
  city.clock.advance(HOUR_MS);
  const late = await challenge(browser);
  city.clock.advance(5 * 60_000);
  const body = { challengeId: late.challengeId, response: authenticator.get(late.options) };
  answers.push(await browser.refused(citySessionEndpoints.signInWithPasskey, { body }));
  expect(answers.map(({ code, detail }) => [code, detail])).toEqual(
    Array(5).fill(["passkey-refused", "this passkey was not accepted"]),
  );
});

test("a passkey is its officer's alone, may be removed by them, and ends with their access", async () => {
  const officer = await city.officer();
  const added = await officer.call(citySessionEndpoints.addOfficer, { body: { name: "李" } });
  const colleague = city.browser();
  await colleague.call(citySessionEndpoints.signIn, { body: { code: codeOf(added.link) } });
  const { authenticator, passkey } = await register(colleague, "b");
  const params = { id: passkey.id };
  expect((await officer.call(officerPasskeyEndpoints.list)).items).toEqual([]);
  expect((await officer.refused(officerPasskeyEndpoints.remove, { params })).code).toBe("not-found");
  const second = await register(colleague, "c");
  await colleague.call(officerPasskeyEndpoints.remove, { params: { id: second.passkey.id } });
  expect((await colleague.call(officerPasskeyEndpoints.list)).items).toHaveLength(1);
  const stranger = await city.browser().refused(officerPasskeyEndpoints.list);
  expect(stranger.code).toBe("not-signed-in");
  await officer.call(citySessionEndpoints.removeOfficer, { params: { id: added.officer.id } });
  const { challengeId, options } = await challenge(city.browser());
  const body = { challengeId, response: authenticator.get(options) };
  const out = await city.browser().refused(citySessionEndpoints.signInWithPasskey, { body });
  expect(out.code).toBe("passkey-refused");
  expect(await city.db.selectFrom("officer_passkey").select("id").execute()).toEqual([]);
});

test("a restart gives no link once an officer has a passkey", async () => {
  const officer = await city.officer();
  await register(officer, "a");
  await officer.call(citySessionEndpoints.signOut);
  expect(await city.firstLink()).toBeUndefined();
  await city.db.deleteFrom("officer_passkey").execute();
  expect(await city.firstLink()).toBeDefined();
});
