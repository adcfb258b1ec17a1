import { connect } from "node:tls";
import { fromHex, hpkeOpen, sha256, toHex } from "@menshen/crypto/node";
import { Instant, PortalId } from "@menshen/domain";
import { codeVouchesFor, makeCertificateRequest, parseEnrolmentCode, readCertificate } from "@menshen/trust";
import {
  deltaMessage,
  externalAad,
  keyring,
  modesMessage,
  renewRequest,
  renewResponse,
  resumeMessage,
  sealedKeyring,
  snapshotMessage,
  timeMessage,
} from "@menshen/wire";
import type { Pool } from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase } from "../testing/test-database.ts";
import { eventually } from "./testing/eventually.ts";
import {
  desiredDocuments,
  post,
  refusalOf,
  START,
  startLink,
  TestGate,
  type TestLink,
} from "./testing/test-gate.ts";
import type { LiveMessage } from "./types.ts";

let pool: Pool;
const running: TestLink[] = [];
const gates: TestGate[] = [];

beforeAll(async () => {
  pool = (await startTestDatabase()).pool;
});

afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.disconnect();
  for (const test of running.splice(0)) await test.link.stop();
});

async function start(overrides: Parameters<typeof startLink>[1] = {}): Promise<TestLink> {
  const test = await startLink(pool, overrides);
  running.push(test);
  return test;
}

async function enrolledGate(test: TestLink): Promise<TestGate> {
  const gate = await TestGate.enrolled(test);
  gates.push(gate);
  return gate;
}

const text = (value: string) => new TextEncoder().encode(value);

describe("enrolment", () => {
  it("gives a gate its certificate, once per code", async () => {
    const test = await start();
    const gate = await TestGate.make();
    const { code, enrolUrl } = await test.link.makeEnrolmentCode(gate.gateId);
    expect(code).toMatch(/^[A-Z2-7]{16}-[A-Z2-7]{16}$/);
    expect((await test.link.readGate(gate.gateId)).enrolment).toBe("new");

    const answer = await gate.enrol(test, enrolUrl, code);
    expect(answer.status).toBe(200);
    expect((await test.link.readGate(gate.gateId)).enrolment).toBe("enrolled");

    // The answer may get lost: the same device may ask again, another one may not.
    expect((await gate.enrol(test, enrolUrl, code)).status).toBe(200);
    const thief = await TestGate.make(gate.gateId);
    const refused = await thief.enrol(test, enrolUrl, code);
    expect([refused.status, refusalOf(refused)]).toEqual([403, "code-refused"]);
    await expect(test.link.makeEnrolmentCode(gate.gateId)).rejects.toMatchObject({
      code: "already-enrolled",
    });
  });

  it("shows the authority that the code vouches for", async () => {
    const test = await start();
    const { code, enrolUrl } = await test.link.makeEnrolmentCode((await TestGate.make()).gateId);
    for (const address of [enrolUrl.replace("https://", ""), test.addresses.mqtt]) {
      const port = Number(address.split(":")[1]);
      const socket = connect({ host: "127.0.0.1", port, servername: "localhost", rejectUnauthorized: false });
      const authority = await new Promise<Uint8Array>((resolve, reject) => {
        socket.on("error", reject);
        socket.on("secureConnect", () => resolve(socket.getPeerCertificate(true).issuerCertificate.raw));
      });
      socket.destroy();
      expect(codeVouchesFor(parseEnrolmentCode(code), authority)).toBe(true);
    }
  });

  it("refuses codes that are wrong, voided or expired", async () => {
    let now = START;
    const test = await start({ clock: { now: () => now } });
    const gate = await TestGate.make();
    const first = await test.link.makeEnrolmentCode(gate.gateId);
    const second = await test.link.makeEnrolmentCode(gate.gateId);
    for (const code of [first.code, `${"A".repeat(16)}-${second.code.slice(17)}`, "nonsense"]) {
      const refused = await gate.enrol(test, second.enrolUrl, code);
      expect([refused.status, refusalOf(refused)]).toEqual([403, "code-refused"]);
    }
    now = Instant(START + 24 * 3_600_000);
    expect(refusalOf(await gate.enrol(test, second.enrolUrl, second.code))).toBe("code-refused");
    now = Instant(now - 1);
    expect((await gate.enrol(test, second.enrolUrl, second.code)).status).toBe(200);
    // A device that died before it could store the answer comes back when it comes back.
    now = Instant(START + 48 * 3_600_000);
    expect((await gate.enrol(test, second.enrolUrl, second.code)).status).toBe(200);
    const thief = await TestGate.make(gate.gateId);
    expect(refusalOf(await thief.enrol(test, second.enrolUrl, second.code))).toBe("code-refused");
  });

  it("refuses bodies that are not requests", async () => {
    const test = await start();
    const { enrolUrl } = await test.link.makeEnrolmentCode((await TestGate.make()).gateId);
    for (const body of [new Uint8Array(), fromHex("a10001"), new Uint8Array(9_000)]) {
      const answer = await post(test.ca.certificate, `${enrolUrl}/gate/v1/enrol`, body);
      expect([answer.status, refusalOf(answer)]).toEqual([400, "invalid"]);
    }
    expect((await post(test.ca.certificate, `${enrolUrl}/gate/v1/other`, new Uint8Array())).status).toBe(404);
  });

  it("renews a certificate that has expired, for the same key only", async () => {
    const early = Instant(Date.now() - 200 * 86_400_000);
    const test = await start({ clock: { now: () => early } });
    const gate = await enrolledGate(test);
    const { keys } = test.dependencies;
    // TLS looks at the real clock: this certificate ended 110 days ago.
    await expect(gate.connect(test)).rejects.toThrow();
    await test.link.stop();
    running.splice(0);

    const later = await start({ keys });
    const url = `https://${later.addresses.gateTls}/gate/v1/renew`;
    const request = async (by: TestGate, at: Instant) => {
      const csr = await makeCertificateRequest(by.key, gate.gateId);
      const payload = renewRequest.encode({ version: 1, gateId: gate.gateId, csr, at });
      return gate.signed("renew", payload);
    };
    const answer = await post(later.ca.certificate, url, await request(gate, START));
    expect(answer.status).toBe(200);
    const renewed = renewResponse.decode(answer.body);
    expect(readCertificate(renewed.certificate).commonName).toBe(gate.gateId);
    if (gate.enrolment !== undefined) gate.enrolment = { ...gate.enrolment, ...renewed, version: 1 };
    await gate.connect(later);

    const stranger = await TestGate.make(gate.gateId);
    const otherKey = await post(later.ca.certificate, url, await request(stranger, START));
    expect(refusalOf(otherKey)).toBe("invalid");
    const unknown = stranger.signed("renew", text("x"));
    expect(refusalOf(await post(later.ca.certificate, url, unknown))).toBe("not-enrolled");
    await later.link.revoke(gate.gateId);
    expect(refusalOf(await post(later.ca.certificate, url, await request(gate, START)))).toBe("not-enrolled");
  });
});

describe("a connected gate", () => {
  it("learns the time, where its journal goes on, and what it should hold", async () => {
    const portalId = PortalId("99999999-2222-4333-8444-555555555555");
    const test = await start({
      compileFor: async (_gateId, request) => ({
        ...desiredDocuments(text(`document ${request.snapshotVersion}`)),
        modes: [{ portalId, mode: "locked", lockdown: 1, generation: 4 }],
      }),
    });
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayHello();
    const got = async (kind: string) =>
      await eventually(kind, () => gate.received.find((message) => message.kind === kind));

    const time = timeMessage.decode(gate.open(await got("time")));
    expect(toHex(time.nonce)).toBe("09".repeat(16));
    expect(Math.abs(time.at - Date.now())).toBeLessThan(10_000);

    const resume = resumeMessage.decode(gate.open(await got("resume")));
    expect([resume.nextSequence, toHex(resume.hash)]).toEqual([1, "00".repeat(32)]);

    const snapshot = snapshotMessage.decode(gate.open(await got("snapshot")));
    expect([snapshot.snapshotVersion, new TextDecoder().decode(snapshot.document)]).toEqual([
      1,
      "document 1",
    ]);

    const sealed = sealedKeyring.decode(gate.open(await got("keyring")));
    const opened = await hpkeOpen({
      key: gate.sealingKey,
      enc: sealed.encapsulatedKey,
      info: externalAad("keyring"),
      ciphertext: sealed.ciphertext,
    });
    expect(keyring.decode(opened ?? new Uint8Array()).trailKeys).toEqual([]);

    const modes = modesMessage.decode(gate.open(await got("modes")));
    expect(modes.portals).toEqual([{ portalId, mode: "locked", lockdown: 1, generation: 4 }]);

    await gate.sayApplied({ what: "snapshot", documentVersion: 1, ok: true });
    await gate.sayApplied({ what: "keyring", documentVersion: 1, ok: false, error: "cannot-store" });
    expect((await test.link.readGate(gate.gateId)).documents).toEqual({
      snapshot: { desired: 1, applied: 1 },
      keyring: { desired: 1, applied: 0, error: "cannot-store" },
      passes: { desired: 0, applied: 0 },
      "door-rules": { desired: 0, applied: 0 },
      trail: { desired: 1, applied: 0 },
      modes: { desired: 1, applied: 0 },
    });
  });

  it("gets changes as deltas, and the whole when its base differs", async () => {
    let content = "one";
    const test = await start({
      compileFor: async (_gateId, { snapshotVersion, current }) => {
        const document = text(`a long document about ${content}`);
        const unchanged = current !== undefined && toHex(current.document) === toHex(document);
        const { snapshot: _, ...others } = desiredDocuments(document);
        return unchanged
          ? others
          : { ...others, snapshot: snapshotVersion > 0 ? document : new Uint8Array() };
      },
      deltaOf: (base, next) => (base.length === next.length ? next.slice(-3) : undefined),
    });
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayHello();
    await eventually("snapshot 1", () => gate.received.find(({ kind }) => kind === "snapshot"));
    await gate.sayApplied({ what: "snapshot", documentVersion: 1, ok: true });
    gate.received.splice(0);

    // Nothing changed: nothing goes out.
    await test.link.pushDesired(gate.gateId);
    expect(gate.received).toEqual([]);

    content = "two";
    await test.link.pushDesired(gate.gateId);
    const first = await eventually("delta", () => gate.received.find(({ kind }) => kind === "delta"));
    const delta = deltaMessage.decode(gate.open(first));
    expect([delta.baseVersion, delta.snapshotVersion, new TextDecoder().decode(delta.delta)]).toEqual([
      1,
      2,
      "two",
    ]);
    expect(toHex(delta.documentHash)).toBe(toHex(sha256(text("a long document about two"))));

    await gate.sayApplied({ what: "snapshot", documentVersion: 2, ok: false, error: "base-differs" });
    const second = await eventually("whole", () => gate.received.find(({ kind }) => kind === "snapshot"));
    expect(snapshotMessage.decode(gate.open(second)).snapshotVersion).toBe(2);
  });

  it("gets again at its next connection what it has not applied", async () => {
    const test = await start();
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayHello();
    await eventually("modes", () => gate.received.find(({ kind }) => kind === "modes"));
    await gate.disconnect();
    gate.received.splice(0);
    await gate.connect(test);
    await gate.sayHello({ snapshotVersion: 1, modesGeneration: 1 });
    await eventually("trail", () => gate.received.find(({ kind }) => kind === "trail"));
    expect(gate.received.map(({ kind }) => kind)).toEqual(["time", "resume", "keyring", "trail"]);
  });

  it("that holds a higher version than was ever made gets one above it", async () => {
    const test = await start();
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayHello({ snapshotVersion: 41 });
    const message = await eventually("snapshot", () => gate.received.find(({ kind }) => kind === "snapshot"));
    expect(snapshotMessage.decode(gate.open(message)).snapshotVersion).toBe(42);
  });

  it("that says so while its first documents are compiled gets them above it all the same", async () => {
    const compiling = Promise.withResolvers<void>();
    const greeted = Promise.withResolvers<void>();
    const test = await start({
      compileFor: async () => {
        compiling.resolve();
        await greeted.promise;
        return desiredDocuments(text("document 1"));
      },
    });
    const gate = await enrolledGate(test);
    const pushed = test.link.pushDesired(gate.gateId);
    await compiling.promise;
    await gate.connect(test);
    await gate.sayHello({ snapshotVersion: 41 });
    greeted.resolve();
    await pushed;
    const message = await eventually("snapshot", () => gate.received.find(({ kind }) => kind === "snapshot"));
    expect(snapshotMessage.decode(gate.open(message)).snapshotVersion).toBe(42);
  });

  it("keeps what it has while compiling fails, and is stale until it works", async () => {
    let fails = true;
    const test = await start({
      compileFor: async () => {
        if (fails) throw new Error("the rules contradict each other");
        return desiredDocuments(text("mended"));
      },
    });
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayHello();
    await expect(test.link.pushDesired(gate.gateId)).rejects.toThrow("contradict");
    // What could not be made is owed, and said so: nobody may take the gate for current.
    expect(await test.link.readGate(gate.gateId)).toMatchObject({ stale: true });
    fails = false;
    await test.link.pushDesired();
    expect(await test.link.readGate(gate.gateId)).toMatchObject({ stale: false });
    const message = await eventually("snapshot", () => gate.received.find(({ kind }) => kind === "snapshot"));
    expect(new TextDecoder().decode(snapshotMessage.decode(gate.open(message)).document)).toBe("mended");
  });

  it("is online while it speaks, and its last status stays", async () => {
    const test = await start({ offlineAfterMs: 600 });
    const live: LiveMessage[] = [];
    test.link.onLive((message) => live.push(message));
    const gate = await enrolledGate(test);
    await gate.connect(test);
    await gate.sayStatus(12);
    const online = await eventually("online", async () => {
      const state = await test.link.readGate(gate.gateId);
      return state.online ? state : undefined;
    });
    expect(online.status?.journalBacklog).toBe(12);
    // Silence, although the connection stands.
    const offline = await eventually("offline", async () => {
      const state = await test.link.readGate(gate.gateId);
      return state.online ? undefined : state;
    });
    expect(offline.status?.journalBacklog).toBe(12);
    expect(offline.lastSeenAt).toBeDefined();
    await eventually("told live", () =>
      live.some((message) => message.type === "gate" && message.state.online) &&
      live.some((message) => message.type === "gate" && !message.state.online)
        ? true
        : undefined,
    );
  });

  it("makes its events visible live and by cursor, in one order", async () => {
    const test = await start();
    const live: LiveMessage[] = [];
    const stop = test.link.onLive((message) => live.push(message));
    const gate = await enrolledGate(test);
    await gate.connect(test);
    const before = await test.link.lastPosition();
    gate.record(5);
    await gate.send("journal", gate.batch(1, 3));
    await gate.send("journal", gate.batch(4, 2));
    const seen = live.flatMap((message) => (message.type === "events" ? message.events() : []));
    expect(seen.map(({ position, sequence }) => [position - before, sequence])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
    ]);
    expect(await test.link.readEventsAfter(before, 100)).toEqual(seen);
    expect(await test.link.readEventsAfter(before + 3, 1)).toEqual(seen.slice(3, 4));
    expect(seen[0]?.entry?.body).toMatchObject({ granted: false, reasons: [{ code: "credential-unknown" }] });
    expect(seen[0]?.at).toBe(START);
    stop();
    gate.record(1);
    await gate.send("journal", gate.batch(6, 1));
    expect(live.flatMap((message) => (message.type === "events" ? message.events() : []))).toHaveLength(5);
    expect((await test.link.readGate(gate.gateId)).journal).toEqual({
      lastSequence: 6,
      gaps: [],
      forked: false,
      rereading: false,
    });
  });
});
