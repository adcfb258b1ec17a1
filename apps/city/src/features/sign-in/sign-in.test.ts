import { cityIncidentEndpoints, citySessionEndpoints } from "@menshen/wire";
import { beforeEach, expect, test } from "vitest";
import { codeOf, startTestCity, type TestCity } from "../../testing/test-city.ts";

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
