import { Duration } from "@menshen/domain";
import { makeVirtualAuthenticator } from "@menshen/testkit/virtual-authenticator";
import {
  ownRightsEndpoints,
  personEndpoints,
  residentEndpoints,
  residentPasskeyEndpoints,
  residentPasskeyTexts,
  residentTexts,
} from "@menshen/wire";
import { expect, test } from "vitest";
import { joinResident, leave, type TestResident } from "../../testing/test-resident.ts";
import { ORIGIN, startTestServer } from "../../testing/test-server.ts";
import { buildSite } from "../../testing/test-site.ts";

const server = await startTestServer();
const site = await buildSite(server);
const { community } = await server.visitor().call(residentEndpoints.session);
const SEALED = "5e".repeat(60);
let names = 0;

async function newResident(): Promise<TestResident> {
  const residency = { role: "tenant" as const, dwellingId: site.dwellingIds[0] };
  const displayName = `住户 ${++names}`;
  const { id } = await site.operate.call(personEndpoints.create, { body: { displayName, residency } });
  return joinResident(server, site.operate, id);
}

async function answer(of: TestResident, authenticator = makeVirtualAuthenticator("localhost", ORIGIN)) {
  const { challengeId, options } = await of.client.call(residentPasskeyEndpoints.options);
  const signature = of.sign(residentPasskeyTexts.register(community.id, challengeId, SEALED));
  const response = authenticator.create(options);
  return { authenticator, body: { challengeId, response, name: "手机", sealedSeed: SEALED, signature } };
}

async function withPasskey() {
  const resident = await newResident();
  const { authenticator, body } = await answer(resident);
  const passkey = await resident.client.call(residentPasskeyEndpoints.register, { body });
  return { resident, authenticator, passkey };
}

async function signIn(authenticator: ReturnType<typeof makeVirtualAuthenticator>, origin = ORIGIN) {
  const client = server.visitor();
  const { challengeId, options } = await client.call(residentPasskeyEndpoints.signInOptions);
  const body = { challengeId, response: authenticator.get(options, { origin }) };
  return { client, body, answer: await client.ask(residentPasskeyEndpoints.signIn, { body }) };
}

test("X4 (PIPL 45): one's copy names one's passkeys, and has nothing that opens anything", async () => {
  const { resident } = await withPasskey();
  const copy = await resident.client.call(ownRightsEndpoints.copy);
  expect(copy.passkeys).toEqual([{ name: "手机", createdAt: server.clock.now(), lastUsedAt: null }]);
  expect(JSON.stringify(copy)).not.toContain(SEALED);
});

test("a passkey signs in and gives back what was sealed with it", async () => {
  const { resident, authenticator } = await withPasskey();
  const { client, answer } = await signIn(authenticator);
  expect(answer).toMatchObject({
    ok: true,
    body: { sealedSeed: SEALED, me: { personId: resident.personId } },
  });
  expect((await client.call(residentEndpoints.me)).personId).toBe(resident.personId);
  const { items } = await client.call(residentPasskeyEndpoints.list);
  expect(items).toMatchObject([{ name: "手机", lastUsedAt: server.clock.now() }]);
  expect(JSON.stringify(items)).not.toContain(SEALED);
});

test("an answer is taken once, from this site alone, and from a passkey that is known", async () => {
  const { authenticator } = await withPasskey();
  const { client, body } = await signIn(authenticator);
  const refused = { code: "passkey-refused" };
  expect(await client.refused(residentPasskeyEndpoints.signIn, { body })).toMatchObject(refused);
  expect((await signIn(authenticator, "https://elsewhere.example")).answer).toMatchObject({ ok: false });
  const stranger = makeVirtualAuthenticator("localhost", ORIGIN);
  expect((await signIn(stranger)).answer).toMatchObject({ ok: false, problem: refused });
});

test("a session alone registers none, nor a challenge that another was given", async () => {
  const [first, second] = [await newResident(), await newResident()];
  const { body } = await answer(first);
  expect(await second.client.refused(residentPasskeyEndpoints.register, { body })).toMatchObject({
    code: "passkey-refused",
  });
  const { body: unsigned } = await answer(first);
  const signature = second.sign(residentPasskeyTexts.register(community.id, unsigned.challengeId, SEALED));
  expect(
    await first.client.refused(residentPasskeyEndpoints.register, { body: { ...unsigned, signature } }),
  ).toMatchObject({ code: "key-refused" });
  expect((await first.client.call(residentPasskeyEndpoints.list)).items).toEqual([]);
});

test("ends when its owner ends it, changes the key, or leaves; nobody else ends it", async () => {
  const { resident, authenticator, passkey } = await withPasskey();
  const params = { id: passkey.id };
  const other = await newResident();
  expect(await other.client.refused(residentPasskeyEndpoints.remove, { params })).toMatchObject({
    code: "not-found",
  });
  await resident.client.call(residentPasskeyEndpoints.remove, { params });
  expect((await signIn(authenticator)).answer).toMatchObject({ ok: false });

  const changed = await withPasskey();
  const { authKey } = changed.resident.keys;
  const { challenge } = await changed.resident.client.call(residentEndpoints.challenge, {
    body: { authKey },
  });
  const deletion = changed.resident.sign(residentTexts.deleteKey(community.id, challenge));
  await changed.resident.client.call(residentEndpoints.deleteKey, {
    body: { challenge, signature: deletion },
  });
  expect((await signIn(changed.authenticator)).answer).toMatchObject({ ok: false });

  const gone = await withPasskey();
  await leave(gone.resident, site.operate);
  expect((await signIn(gone.authenticator)).answer).toMatchObject({ ok: false });
});

test("a session on a shared screen is short, and its cookie ends with the browser", async () => {
  // The tests before have asked for much from this one address.
  server.clock.advance(Duration.minutes(1));
  const resident = await newResident();
  const { authKey } = resident.keys;
  const open = async (shared: boolean) => {
    const client = server.visitor();
    const { challenge } = await client.call(residentEndpoints.challenge, { body: { authKey } });
    const signature = resident.sign(residentTexts.signIn(community.id, challenge));
    const { headers, statusCode } = await server.app.inject({
      method: "POST",
      url: residentEndpoints.signIn.path,
      headers: { host: "localhost:8080", origin: ORIGIN, "sec-fetch-site": "same-origin" },
      payload: { authKey, challenge, signature, ...(shared ? { shared } : {}) },
    });
    expect(statusCode).toBe(200);
    return String(headers["set-cookie"]);
  };
  expect(await open(false)).toContain("Expires=");
  const cookie = await open(true);
  expect(cookie).not.toMatch(/Expires|Max-Age/i);
  const me = () =>
    server.app.inject({
      method: "GET",
      url: residentEndpoints.me.path,
      headers: { host: "localhost:8080", cookie: cookie.split(";")[0] ?? "" },
    });
  expect((await me()).statusCode).toBe(200);
  server.clock.advance(Duration.minutes(11));
  expect((await me()).statusCode).toBe(401);
});
