import { type ConnectionOptions, connect } from "node:tls";
import { p256Generate, signingKeyToPem } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import {
  certificateToPem,
  createCommunityCa,
  issueGateCertificate,
  makeCertificateRequest,
} from "@menshen/trust";
import { downFilter, downTopic, upTopic } from "@menshen/wire";
import type { Pool } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestDatabase } from "../testing/test-database.ts";
import { eventually } from "./testing/eventually.ts";
import { COMMUNITY, START, startLink, TestGate, type TestLink } from "./testing/test-gate.ts";

let pool: Pool;
let test: TestLink;
let gate: TestGate;
let other: TestGate;

beforeAll(async () => {
  pool = (await startTestDatabase()).pool;
  test = await startLink(pool);
  gate = await TestGate.enrolled(test);
  other = await TestGate.enrolled(test);
});

afterEach(async () => {
  await gate.disconnect();
  await other.disconnect();
});

afterAll(async () => {
  await test.link.stop();
});

async function eventCount(of: TestGate): Promise<number> {
  const { rows } = await pool.query("select count(*)::int as n from event where gate_id = $1", [of.gateId]);
  return rows[0].n;
}

async function alarms(of: TestGate): Promise<readonly string[]> {
  const { rows } = await pool.query("select kind from gate_alarm where gate_id = $1 order by id", [
    of.gateId,
  ]);
  return rows.map((row) => row.kind);
}

describe("a connection is refused", () => {
  /** How a TLS connection ends when nothing is said over it. */
  async function visit(options: ConnectionOptions): Promise<string> {
    const [, port] = test.addresses.mqtt.split(":");
    const socket = connect({
      host: "127.0.0.1",
      port: Number(port),
      servername: "localhost",
      ca: certificateToPem(test.ca.certificate),
      ...options,
    });
    return await new Promise((resolve) => {
      socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
      socket.on("close", () => resolve("closed"));
    });
  }

  it("without a certificate", async () => {
    expect(await visit({})).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
  });

  it("by TLS 1.2", async () => {
    const certificate = certificateToPem(gate.enrolment?.certificate ?? new Uint8Array());
    const options = { key: signingKeyToPem(gate.key), cert: certificate, maxVersion: "TLSv1.2" } as const;
    expect(await visit(options)).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });

  it("with a certificate of another authority", async () => {
    const foreign = await createCommunityCa(COMMUNITY);
    const request = await makeCertificateRequest(gate.key, gate.gateId);
    const issued = await issueGateCertificate(foreign, {
      request,
      gateId: gate.gateId,
      now: Instant(Date.now()),
    });
    await expect(gate.connect(test, { cert: certificateToPem(issued.certificate) })).rejects.toThrow();
  });

  it("with a certificate of ours for a key that is not on record", async () => {
    const key = p256Generate();
    const request = await makeCertificateRequest(key, gate.gateId);
    const issued = await issueGateCertificate(test.ca, {
      request,
      gateId: gate.gateId,
      now: Instant(Date.now()),
    });
    await expect(
      gate.connect(test, { cert: certificateToPem(issued.certificate), key: signingKeyToPem(key) }),
    ).rejects.toThrow();
  });

  it("with a server certificate in a gate's place", async () => {
    await expect(
      gate.connect(test, { cert: certificateToPem(test.ca.certificate), key: signingKeyToPem(test.ca.key) }),
    ).rejects.toThrow();
  });

  it.each([
    ["another gate's client id", () => ({ clientId: other.gateId })],
    ["no client id", () => ({ clientId: "" })],
    ["a session that should last", () => ({ clean: false })],
    [
      "a will",
      () => ({ will: { topic: upTopic(gate.gateId, "status"), payload: Buffer.from("x"), qos: 1 as const } }),
    ],
    ["MQTT 5", () => ({ protocolVersion: 5 as const })],
    ["no keep-alive", () => ({ keepalive: 0 })],
  ])("with %s", async (_what, overrides) => {
    await expect(gate.connect(test, overrides())).rejects.toThrow();
  });
});

describe("a connection ends", () => {
  it.each([
    ["another gate's topic", () => upTopic(other.gateId, "status"), {}],
    ["a topic towards gates", () => downTopic(gate.gateId, "snapshot"), {}],
    ["a topic towards another gate", () => downTopic(other.gateId, "modes"), {}],
    ["a topic of the broker", () => "$SYS/x/heartbeat", {}],
    ["a topic that nobody knows", () => `menshen/v1/${gate.gateId}/up/other`, {}],
    ["its own topic with QoS 2", () => upTopic(gate.gateId, "status"), { qos: 2 as const }],
    ["its own topic, retained", () => upTopic(gate.gateId, "status"), { retain: true }],
  ])("on a publish to %s", async (_what, topic, options) => {
    await gate.connect(test);
    await expect(gate.publish(topic(), Buffer.from("x"), options)).rejects.toThrow("connection closed");
  });

  it("on a publish with QoS 0", async () => {
    await gate.connect(test);
    await gate.publish(upTopic(gate.gateId, "status"), Buffer.from("x"), { qos: 0 });
    await eventually("closed", () => (gate.client?.connected ? undefined : true));
  });

  it.each([
    ["another gate's", () => downFilter(other.gateId)],
    ["all gates'", () => "menshen/v1/+/down/+"],
    ["every", () => "#"],
    ["its own upward", () => upTopic(gate.gateId, "journal")],
  ])("on a subscription to %s topics", async (_what, filter) => {
    await expect(gate.connect(test, {}, filter())).rejects.toThrow("connection closed");
  });

  it("on a packet that is too long, before it is all there", async () => {
    await gate.connect(test);
    // PUBLISH with QoS 1, claiming 20 MiB to come.
    gate.client?.stream.write(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x0a]));
    await eventually("closed", () => (gate.client?.connected ? undefined : true));
  });

  it.each(["hello", "applied", "time", "status", "journal"] as const)(
    "on a %s that is no message",
    async (kind) => {
      await gate.connect(test);
      await expect(gate.send(kind, Uint8Array.from([0xa1, 0x00]))).rejects.toThrow("connection closed");
    },
  );

  it("on a status that speaks of another gate", async () => {
    await gate.connect(test);
    await expect(gate.send("status", other.status())).rejects.toThrow("connection closed");
    expect((await test.link.readGate(other.gateId)).status).toBeUndefined();
  });
});

describe("a batch is refused and raises an alarm", () => {
  it("signed by another key, for another purpose, or for another gate", async () => {
    const own = await TestGate.enrolled(test);
    own.record(2);
    const attempts = [
      own.batch(1, 2, { key: other.key }),
      own.batch(1, 2, { type: "hello" }),
      own.batch(1, 2, { gateId: other.gateId }),
    ];
    for (const message of attempts) {
      await own.connect(test);
      await expect(own.send("journal", message)).rejects.toThrow("connection closed");
    }
    expect(await eventCount(own)).toBe(0);
    expect(await alarms(own)).toEqual(["bad-signature", "bad-batch"]);
    await own.connect(test);
    await own.send("journal", own.batch(1, 2));
    expect(await eventCount(own)).toBe(2);
    await own.disconnect();
  });
});

describe("a revoked gate", () => {
  it("is cut off at once and does not come back", async () => {
    const own = await TestGate.enrolled(test);
    await own.connect(test);
    await own.sayStatus();
    const revokedAtMs = performance.now();
    await test.link.revoke(own.gateId);
    await eventually("cut off", () => (own.client?.connected ? undefined : true));
    expect(performance.now() - revokedAtMs).toBeLessThan(5_000);
    await expect(own.connect(test)).rejects.toThrow();
    const state = await test.link.readGate(own.gateId);
    expect([state.enrolment, state.online]).toEqual(["revoked", false]);
    await expect(test.link.makeEnrolmentCode(own.gateId)).rejects.toMatchObject({ code: "revoked" });
    await own.disconnect();
  });

  it("is cut off within 5 s when another server revoked it", async () => {
    const own = await TestGate.enrolled(test);
    await own.connect(test);
    const revokedAtMs = performance.now();
    await pool.query("update gate_device set enrolment = 'revoked', revoked_at = now() where gate_id = $1", [
      own.gateId,
    ]);
    await eventually("cut off", () => (own.client?.connected ? undefined : true));
    expect(performance.now() - revokedAtMs).toBeLessThan(5_000);
    await expect(own.connect(test)).rejects.toThrow();
    await own.disconnect();
  });
});

it("keeps the other gate's connection through all of this", async () => {
  await other.connect(test);
  await gate.connect(test);
  await expect(gate.publish(upTopic(other.gateId, "status"), Buffer.from("x"))).rejects.toThrow();
  other.record(1, START);
  await other.send("journal", other.batch(1, 1));
  expect(await eventCount(other)).toBe(1);
});
