import { Duration } from "@menshen/domain";
import { makeVirtualAuthenticator } from "@menshen/testkit/virtual-authenticator";
import { passkeyEndpoints, sessionEndpoints, staffEndpoints } from "@menshen/wire";
import { beforeEach, describe, expect, test } from "vitest";
import { ORIGIN, startTestServer, type TestClient } from "../../testing/test-server.ts";

const server = await startTestServer();
const authenticator = makeVirtualAuthenticator("localhost", ORIGIN);

/** Registers the authenticator for whoever is signed in. */
async function register(client: TestClient, device = authenticator) {
  const { challengeId, options } = await client.call(passkeyEndpoints.options);
  return client.call(passkeyEndpoints.register, {
    body: { challengeId, response: device.create(options), name: "desk key" },
  });
}

async function signIn(client: TestClient, device = authenticator) {
  const { challengeId, options } = await client.call(sessionEndpoints.passkeyOptions);
  return client.ask(sessionEndpoints.signInWithPasskey, {
    body: { challengeId, response: device.get(options) },
  });
}

// Attempts refill: ten at once, then one each six seconds.
beforeEach(() => server.clock.advance(Duration.minutes(5)));

describe("the first sign-in", () => {
  test("a visitor learns the community's name and that it waits to be set up", async () => {
    const session = await server.visitor().call(sessionEndpoints.get);
    expect(session).toMatchObject({ signedIn: false, setUp: true, community: { name: "海棠苑" } });
  });

  test("a one-time code signs in once", async () => {
    const link = await server.staff.makeBootstrapCode();
    expect(link?.link).toBe(`${ORIGIN}/sign-in#code=${link?.code}`);
    const client = server.visitor();
    const session = await client.call(sessionEndpoints.signInWithCode, { body: { code: link?.code ?? "" } });
    expect(session).toMatchObject({
      signedIn: true,
      duty: "operate",
      duties: ["operate", "secure", "audit"],
      signedInBy: "code",
    });
    const again = await server
      .visitor()
      .refused(sessionEndpoints.signInWithCode, { body: { code: link?.code ?? "" } });
    expect(again).toMatchObject({ status: 401, code: "code-invalid" });
  });

  test("a new link voids the one before, and an old one expires", async () => {
    const first = await server.staff.makeBootstrapCode();
    const second = await server.staff.makeBootstrapCode();
    const refused = (code = "") =>
      server.visitor().refused(sessionEndpoints.signInWithCode, { body: { code } });
    expect(await refused(first?.code)).toMatchObject({ code: "code-invalid" });
    server.clock.advance(Duration.hours(25));
    expect(await refused(second?.code)).toMatchObject({ code: "code-invalid" });
  });

  test("the cookie is out of reach for scripts and other sites", async () => {
    const link = await server.staff.makeBootstrapCode();
    const response = await server.app.inject({
      method: "POST",
      url: "/api/v1/sign-in/bootstrap",
      headers: { host: "localhost:8080" },
      payload: { code: link?.code },
    });
    expect(response.headers["set-cookie"]).toMatch(
      /^menshen_session=[\w-]{43}; .*Path=\/;.*HttpOnly; SameSite=Strict/,
    );
  });

  test("too many attempts have to wait", async () => {
    const attempt = () =>
      server.visitor().ask(sessionEndpoints.signInWithCode, { body: { code: "x".repeat(43) } });
    const answers = [];
    for (let i = 0; i < 11; i += 1) answers.push(await attempt());
    expect(answers.slice(0, 10).every((answer) => answer.status === 401)).toBe(true);
    expect(answers[10]).toMatchObject({
      status: 429,
      problem: { code: "rate-limited", retryAfterSeconds: 6 },
    });
  });
});

describe("sessions", () => {
  test("end after an hour without use, and after 14 hours with use", async () => {
    const idle = await server.founder();
    server.clock.advance(Duration.minutes(59));
    expect(await idle.call(sessionEndpoints.get)).toMatchObject({ signedIn: true });
    server.clock.advance(Duration.minutes(61));
    expect(await idle.call(sessionEndpoints.get)).toMatchObject({ signedIn: false });

    const busy = await server.founder();
    for (let i = 0; i < 16; i += 1) {
      server.clock.advance(Duration.minutes(50));
      expect(await busy.call(sessionEndpoints.get)).toMatchObject({ signedIn: true });
    }
    server.clock.advance(Duration.minutes(50));
    expect(await busy.call(sessionEndpoints.get)).toMatchObject({ signedIn: false });
  });

  test("end at sign-out, on the server too", async () => {
    const client = await server.founder();
    const { cookie } = client;
    await client.call(sessionEndpoints.signOut);
    expect(client.cookie).toBeUndefined();
    client.cookie = cookie;
    expect(await client.refused(staffEndpoints.list)).toMatchObject({ status: 401, code: "not-signed-in" });
  });

  test("act in one duty at a time", async () => {
    const client = await server.founder();
    expect(
      await client.refused(staffEndpoints.create, { body: { displayName: "a", roles: ["desk"] } }),
    ).toMatchObject({
      status: 403,
      code: "wrong-duty",
      duty: "secure",
    });
    const changed = await client.call(sessionEndpoints.changeDuty, { body: { duty: "secure" } });
    expect(changed).toMatchObject({ duty: "secure" });
    expect(changed.signedIn && changed.permissions.includes("homes.read")).toBe(false);
  });

  test("never change to a duty that the account does not have", async () => {
    const desk = await server.member("desk");
    expect(await desk.refused(sessionEndpoints.changeDuty, { body: { duty: "audit" } })).toMatchObject({
      code: "forbidden",
    });
    expect(
      await server.visitor().refused(sessionEndpoints.changeDuty, { body: { duty: "audit" } }),
    ).toMatchObject({
      code: "not-signed-in",
    });
  });
});

describe("staff accounts", () => {
  test("are made with roles of one duty only (privacy row L6)", async () => {
    const secure = await server.founder("secure");
    const create = (roles: ("manager" | "guard" | "security" | "auditor")[]) =>
      secure.ask(staffEndpoints.create, { body: { displayName: "x", roles } });
    expect(await create(["manager", "guard"])).toMatchObject({ status: 201 });
    expect(await create(["manager", "auditor"])).toMatchObject({
      status: 400,
      problem: { code: "invalid-request" },
    });
    expect(await create(["guard", "security"])).toMatchObject({ status: 400 });
  });

  test("lose their sessions when their roles change, and cannot change their own", async () => {
    const secure = await server.founder("secure");
    const { staff, signIn } = await secure.call(staffEndpoints.create, {
      body: { displayName: "王", roles: ["guard"] },
    });
    const guard = server.visitor();
    await guard.call(sessionEndpoints.signInWithCode, { body: { code: signIn.code } });
    const updated = await secure.call(staffEndpoints.update, {
      params: { id: staff.id },
      body: { displayName: "王", roles: ["desk"], revision: staff.revision },
    });
    expect(updated).toMatchObject({ roles: ["desk"], revision: 2 });
    expect(await guard.call(sessionEndpoints.get)).toMatchObject({ signedIn: false });
    expect(
      await secure.refused(staffEndpoints.update, {
        params: { id: staff.id },
        body: { displayName: "王", roles: ["guard"], revision: 1 },
      }),
    ).toMatchObject({ status: 409, code: "stale-revision" });
  });

  test("are closed and opened again; a closed one cannot sign in", async () => {
    const secure = await server.founder("secure");
    const { staff, signIn } = await secure.call(staffEndpoints.create, {
      body: { displayName: "李", roles: ["desk"] },
    });
    await secure.call(staffEndpoints.remove, { params: { id: staff.id } });
    expect(
      await server.visitor().refused(sessionEndpoints.signInWithCode, { body: { code: signIn.code } }),
    ).toMatchObject({ code: "code-invalid" });
    const invite = { params: { id: staff.id }, reason: { code: "other", text: "forgot" } as const };
    expect(await secure.refused(staffEndpoints.invite, invite)).toMatchObject({ code: "conflict" });
    await secure.call(staffEndpoints.restore, { params: { id: staff.id } });
    expect(await secure.refused(staffEndpoints.invite, { params: { id: staff.id } })).toMatchObject({
      code: "reason-required",
    });
    const fresh = await secure.call(staffEndpoints.invite, invite);
    expect(
      await server.visitor().call(sessionEndpoints.signInWithCode, { body: { code: fresh.code } }),
    ).toMatchObject({ signedIn: true, displayName: "李" });
  });

  test("are nobody's business without the permission", async () => {
    const guard = await server.member("guard");
    const id = "7a5f2a0e-3a44-4a53-8f57-0a1f6f3b7c11";
    const body = { displayName: "x", roles: ["guard" as const] };
    const reason = { code: "test" } as const;
    expect(await guard.refused(staffEndpoints.list)).toMatchObject({ code: "forbidden" });
    expect(await guard.refused(staffEndpoints.create, { body })).toMatchObject({ code: "wrong-duty" });
    const update = { params: { id }, body: { ...body, revision: 1 } };
    expect(await guard.refused(staffEndpoints.update, update)).toMatchObject({ code: "wrong-duty" });
    expect(await guard.refused(staffEndpoints.invite, { params: { id }, reason })).toMatchObject({
      code: "wrong-duty",
    });
    expect(await guard.refused(staffEndpoints.remove, { params: { id } })).toMatchObject({
      code: "wrong-duty",
    });
    expect(await guard.refused(staffEndpoints.restore, { params: { id } })).toMatchObject({
      code: "wrong-duty",
    });
    const secure = await server.founder("secure");
    expect(await secure.refused(staffEndpoints.remove, { params: { id } })).toMatchObject({
      code: "not-found",
    });
  });
});

describe("passkeys", () => {
  test("a wrong origin, another challenge and a replay are refused", async () => {
    const client = await server.member("manager");
    const phished = makeVirtualAuthenticator("localhost", "https://evil.example");
    const { challengeId, options } = await client.call(passkeyEndpoints.options);
    expect(
      await client.refused(passkeyEndpoints.register, {
        body: { challengeId, response: phished.create(options), name: "x" },
      }),
    ).toMatchObject({ status: 401, code: "passkey-refused" });
    const device = makeVirtualAuthenticator("localhost", ORIGIN);
    expect(
      await client.refused(passkeyEndpoints.register, {
        body: { challengeId, response: device.create(options), name: "used challenge" },
      }),
    ).toMatchObject({ code: "passkey-refused" });
    expect(
      await client.refused(passkeyEndpoints.register, {
        body: { challengeId, response: {}, name: "no form" },
      }),
    ).toMatchObject({ code: "passkey-refused" });
    const other = await server.member("manager");
    const foreign = await client.call(passkeyEndpoints.options);
    expect(
      await other.refused(passkeyEndpoints.register, {
        body: { challengeId: foreign.challengeId, response: device.create(foreign.options), name: "x" },
      }),
    ).toMatchObject({ code: "passkey-refused" });
    expect(await server.visitor().refused(passkeyEndpoints.options)).toMatchObject({ code: "not-signed-in" });
    expect(await server.visitor().refused(passkeyEndpoints.list)).toMatchObject({ code: "not-signed-in" });
  });

  test("an unknown passkey is refused", async () => {
    expect(await signIn(server.visitor(), makeVirtualAuthenticator("localhost", ORIGIN))).toMatchObject({
      status: 401,
      problem: { code: "passkey-refused" },
    });
  });

  test("registered by the founder: sign in, no further one-time link, the last one stays", async () => {
    const founder = await server.founder();
    const passkey = await register(founder);
    expect(passkey).toMatchObject({ name: "desk key", backedUp: false });
    expect(await server.staff.makeBootstrapCode()).toBeUndefined();
    const client = server.visitor();
    expect(await signIn(client)).toMatchObject({
      status: 200,
      body: { signedIn: true, signedInBy: "passkey" },
    });
    expect(await client.call(passkeyEndpoints.list)).toMatchObject({ items: [{ id: passkey.id }] });
    const { challengeId, options } = await server.visitor().call(sessionEndpoints.passkeyOptions);
    const answer = authenticator.get(options);
    const body = { challengeId, response: answer };
    expect(await server.visitor().call(sessionEndpoints.signInWithPasskey, { body })).toMatchObject({
      signedIn: true,
    });
    expect(await server.visitor().refused(sessionEndpoints.signInWithPasskey, { body })).toMatchObject({
      code: "passkey-refused",
    });
    expect(await client.refused(passkeyEndpoints.remove, { params: { id: passkey.id } })).toMatchObject({
      code: "last-of-its-kind",
    });
    const second = await register(client, makeVirtualAuthenticator("localhost", ORIGIN));
    await client.call(passkeyEndpoints.remove, { params: { id: second.id } });
    expect(await client.refused(passkeyEndpoints.remove, { params: { id: second.id } })).toMatchObject({
      code: "not-found",
    });
  });

  test("once another has a duty, the founder no longer stands in for it", async () => {
    const founder = server.visitor();
    await signIn(founder);
    await founder.call(sessionEndpoints.changeDuty, { body: { duty: "secure" } });
    const { staff, signIn: link } = await founder.call(staffEndpoints.create, {
      body: { displayName: "安全员", roles: ["security"] },
    });
    const security = server.visitor();
    await security.call(sessionEndpoints.signInWithCode, { body: { code: link.code } });
    const device = makeVirtualAuthenticator("localhost", ORIGIN);
    await register(security, device);
    expect(await founder.call(sessionEndpoints.get)).toMatchObject({
      duty: "operate",
      duties: ["operate", "audit"],
    });
    expect(await security.refused(staffEndpoints.remove, { params: { id: staff.id } })).toMatchObject({
      code: "forbidden",
    });
    // A second one may appoint too; both cannot go.
    const another = await security.call(staffEndpoints.create, {
      body: { displayName: "另一位", roles: ["security"] },
    });
    const client = server.visitor();
    await client.call(sessionEndpoints.signInWithCode, { body: { code: another.signIn.code } });
    await client.call(staffEndpoints.remove, { params: { id: staff.id } });
    expect(await founder.call(sessionEndpoints.get)).toMatchObject({
      duties: ["operate", "secure", "audit"],
    });
  });
});
