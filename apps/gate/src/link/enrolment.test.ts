import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:tls";
import { hpkeGenerate, p256Generate, signingKeyToPem, toHex } from "@menshen/crypto/node";
import { Instant } from "@menshen/domain";
import {
  certificateToPem,
  createCommunityCa,
  formatEnrolmentCode,
  issueServerCertificate,
  readCertificate,
} from "@menshen/trust";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestCommunity, TEST_COMMUNITY_ID, type TestCommunity } from "../testing/test-community.ts";
import { GATE } from "../testing/test-site.ts";
import { enrol, gateEndpoint, renewCertificate } from "./enrolment.ts";
import { connectVerified } from "./verified-socket.ts";

const makeKeys = async () => ({ deviceKey: p256Generate(), sealingKey: await hpkeGenerate() });
const keys = await makeKeys();
const now = { earliest: Instant(Date.now()), latest: Instant(Date.now() + 1_000) };

describe("enrolment", () => {
  let community: TestCommunity;
  beforeAll(async () => {
    community = await startTestCommunity(GATE);
  });
  afterAll(() => community.close());

  test("a code that another authority's server printed is not sent to this one", async () => {
    const other = await createCommunityCa(TEST_COMMUNITY_ID);
    const code = formatEnrolmentCode(new Uint8Array(10).fill(1), other.certificate);
    await expect(enrol({ enrolUrl: community.enrolUrl, code, keys, now })).rejects.toMatchObject({
      code: "link-failed",
    });
    expect(community.enrolments).toBe(0);
  });

  test("a configured fingerprint that does not fit stops it too", async () => {
    const fingerprint = { enrolUrl: community.enrolUrl, code: community.enrolmentCode, keys, now };
    await expect(enrol({ ...fingerprint, pinnedFingerprint: "00".repeat(32) })).rejects.toMatchObject({
      code: "link-failed",
    });
    expect(community.enrolments).toBe(0);
  });

  test("the right code gives an identity whose certificate is for the gate's own key, to that key only", async () => {
    const asked = { enrolUrl: community.enrolUrl, code: community.enrolmentCode.toLowerCase(), keys, now };
    const identity = await enrol(asked);
    expect(identity.gateId).toBe(GATE);
    const facts = readCertificate(identity.certificate);
    expect(facts.commonName).toBe(GATE);
    expect(facts.publicKey.publicKey).toEqual(identity.deviceKey.publicKey);
    expect((await enrol(asked)).gateId).toBe(GATE);
    await expect(enrol({ ...asked, keys: await makeKeys() })).rejects.toMatchObject({
      code: "enrolment-failed",
    });
    expect(community.enrolments).toBe(1);

    const renewed = await renewCertificate(identity, community.enrolUrl, now);
    expect(toHex(renewed)).not.toBe(toHex(identity.certificate));
    expect(readCertificate(renewed).publicKey.publicKey).toEqual(identity.deviceKey.publicKey);
    const stranger = { ...identity, deviceKey: p256Generate() };
    await expect(renewCertificate(stranger, community.enrolUrl, now)).rejects.toMatchObject({
      code: "enrolment-failed",
    });
  });

  test("nobody there, no TLS, no address", async () => {
    const code = community.enrolmentCode;
    await expect(enrol({ enrolUrl: "https://127.0.0.1:9", code, keys, now })).rejects.toMatchObject({
      code: "link-failed",
    });
    expect(() => gateEndpoint("http://server")).toThrow(expect.objectContaining({ code: "config-invalid" }));
    expect(() => gateEndpoint("server")).toThrow(expect.objectContaining({ code: "config-invalid" }));
    expect(gateEndpoint("https://[::1]:8443")).toEqual({ host: "::1", port: 8443 });
    expect(gateEndpoint("https://server")).toEqual({ host: "server", port: 443 });
  });
});

describe("the server's certificate", () => {
  const key = p256Generate();
  let server: Server | undefined;

  async function listen(cert: string, maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3"): Promise<number> {
    server?.close();
    server = createServer({ key: signingKeyToPem(key), cert, maxVersion });
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }
  afterAll(() => server?.close());

  const connect = async (port: number, ca: Uint8Array, at = now, host = "127.0.0.1") => {
    const { socket } = await connectVerified({ host, port, trust: { ca }, now: at, timeoutMs: 3_000 });
    socket.destroy();
    return "connected";
  };

  test("must be the pinned authority's, for a server, by this name, valid at the gate's own time", async () => {
    const ca = await createCommunityCa(TEST_COMMUNITY_ID);
    const other = await createCommunityCa(TEST_COMMUNITY_ID);
    const { certificate } = await issueServerCertificate(ca, {
      hosts: ["127.0.0.1"],
      key,
      now: now.earliest,
    });
    const port = await listen(certificateToPem(certificate));
    expect(await connect(port, ca.certificate)).toBe("connected");
    await expect(connect(port, other.certificate)).rejects.toMatchObject({ code: "link-failed" });
    await expect(connect(port, ca.certificate, now, "localhost")).rejects.toMatchObject({
      message: expect.stringContaining("localhost"),
    });
    const century = Instant(now.earliest + 100 * 365 * 86_400_000);
    await expect(connect(port, ca.certificate, { earliest: century, latest: century })).rejects.toMatchObject(
      {
        message: "expected a certificate valid now",
      },
    );
    // A clock in doubt that may be right is no reason to stay away from who tells the time.
    expect(await connect(port, ca.certificate, { earliest: now.earliest, latest: century })).toBe(
      "connected",
    );
  });

  test("the authority's own certificate is not a server's", async () => {
    const ca = await createCommunityCa(TEST_COMMUNITY_ID);
    const own = createServer({ key: signingKeyToPem(ca.key), cert: certificateToPem(ca.certificate) });
    own.listen(0, "127.0.0.1");
    await once(own, "listening");
    await expect(connect((own.address() as AddressInfo).port, ca.certificate)).rejects.toMatchObject({
      message: "expected a certificate for a server",
    });
    own.close();
  });

  test("TLS 1.2 is refused", async () => {
    const ca = await createCommunityCa(TEST_COMMUNITY_ID);
    const { certificate } = await issueServerCertificate(ca, {
      hosts: ["127.0.0.1"],
      key,
      now: now.earliest,
    });
    const port = await listen(certificateToPem(certificate), "TLSv1.2");
    await expect(connect(port, ca.certificate)).rejects.toMatchObject({ code: "link-failed" });
  });
});
