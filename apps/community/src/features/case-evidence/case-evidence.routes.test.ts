import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type EvidenceKeys, parsePackageKeys, readStoredZip, verifyEvidencePackage } from "@menshen/custody";
import { Duration, Instant } from "@menshen/domain";
import { makeTestAuthority } from "@menshen/testkit/time-stamping";
import { caseEndpoints, caseEvidenceEndpoints, openingEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../gate-link/testing/eventually.ts";
import { connectGate, type JournalGate } from "../../testing/test-journal.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { buildSite, CARD_UID, type TestSite } from "../../testing/test-site.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SHANGHAI_HOURS = 8;
const REASON = "asked for by the police station of the district";
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A card whose counter went back, as its gate told it; answers the case. */
async function makeCase(server: TestServer, site: TestSite, gate: JournalGate): Promise<string> {
  for (const [minutes, counter] of [
    [-300, 100],
    [-200, 101],
    [-190, 140],
    [-100, 102],
  ] as const) {
    await gate.access({
      at: Instant(server.clock.now() + minutes * MINUTE),
      accessPointId: site.points.northIn,
      granted: true,
      reasons: [{ code: "rule-allows" }],
      card: { kind: "desfire", identifier: CARD_UID },
      evidence: { counter },
    });
  }
  server.clock.advance(Duration.minutes(1));
  const earliest = server.clock.now();
  await gate.gate.sayStatus(0, [], { earliest, latest: earliest });
  await eventually("status", async () =>
    (await server.gateLink.readGates()).some(({ status }) => status?.earliest === earliest),
  );
  await server.detection.settle();
  const [found] = (await site.operate.call(caseEndpoints.list, { query: {} })).items;
  if (found === undefined) throw new Error("no case was raised");
  return found.id;
}

function unpack(archive: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "menshen-evidence-"));
  folders.push(folder);
  for (const { name, bytes } of readStoredZip(archive)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

describe("evidence of a case", () => {
  let server: TestServer;
  let site: TestSite;
  let params: { readonly id: string };
  let keys: EvidenceKeys;
  let archive: Uint8Array;

  beforeAll(async () => {
    server = await startTestServer();
    site = await buildSite(server);
    params = { id: await makeCase(server, site, await connectGate(server, site)) };
    keys = parsePackageKeys(await site.operate.call(openingEndpoints.keys));
  });

  test("B4: is fixed, told to the log, sealed with its proofs, and holds for a stranger", async () => {
    const { operate } = site;
    expect(
      await operate.refused(caseEvidenceEndpoints.make, { params, body: { reason: "because" } }),
    ).toMatchObject({ status: 400 });
    const made = await operate.call(caseEvidenceEndpoints.make, { params, body: { reason: REASON } });
    expect(made).toMatchObject({ state: "waiting", reason: REASON });
    const fetched = {
      params: { ...params, packageId: made.id },
      body: { recipient: "某区公安分局", reason: REASON },
    };
    await server.logRunner.settle();
    await eventually("sealed", async () => {
      const [item] = (await operate.call(caseEvidenceEndpoints.list, { params })).items;
      return item?.state === "ready";
    });
    const { file, sha256 } = await operate.call(caseEvidenceEndpoints.fetch, fetched);
    archive = Uint8Array.from(Buffer.from(file, "base64"));
    const verdict = await verifyEvidencePackage(archive, keys);
    if (!verdict.verified) throw new Error(JSON.stringify(verdict.faults));
    expect(verdict).toMatchObject({ pinned: true, batches: 3, time: { stamped: false } });
    expect(verdict.events.map(({ entry, stated }) => [entry.body.evidence?.counter, stated.half])).toEqual([
      [100, "first"],
      [101, "first"],
      [140, "second"],
      [102, "first"],
    ]);
    expect(verdict.record.signs.map(({ rule }) => rule)).toContain("R2");
    const { items, stamps } = await operate.call(caseEvidenceEndpoints.list, { params });
    expect(stamps).toBe(false);
    expect(items[0]).toMatchObject({ packageSha256: sha256, sizeBytes: archive.length });
    expect(items[0]?.custody.map(({ what, recipient }) => [what, recipient])).toEqual([
      ["made", undefined],
      ["sealed", undefined],
      ["fetched", "某区公安分局"],
    ]);
  });

  test("P4: nobody is named in it, and what identifies the holder stays sealed", () => {
    const files = readStoredZip(archive);
    const all = files.map(({ bytes }) => Buffer.from(bytes).toString("latin1")).join("\n");
    expect(all).not.toContain(site.resident.personId);
    expect(all).not.toContain(site.resident.credentialId);
    expect(all.toLowerCase()).not.toContain(CARD_UID);
    expect(all).not.toContain(Buffer.from(CARD_UID, "hex").toString("latin1"));
  });

  test("verifies with OpenSSL alone, by the commands that lie in it, and not once something is changed", () => {
    const folder = unpack(archive);
    const readme = readStoredZip(archive).find(({ name }) => name === "README.txt");
    const commands = new TextDecoder()
      .decode(readme?.bytes)
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line.startsWith("openssl ") && !line.includes(" ts "))
      .map((line) => line.replaceAll("/tmp/", `${folder}/`));
    expect(commands).toHaveLength(10);
    const run = () =>
      execFileSync("bash", ["-euo", "pipefail", "-c", commands.join("\n")], { cwd: folder, stdio: "pipe" });
    expect(run().toString()).toContain("Verified OK");
    writeFileSync(join(folder, "events/0003.signed"), "x", { flag: "a" });
    expect(run).toThrow();
  });

  test("the report can be read: a PDF with text in both languages", () => {
    const folder = unpack(archive);
    const text = execFileSync("pdftotext", ["-layout", join(folder, "report.pdf"), "-"]).toString();
    expect(text).toContain("门禁卡疑似被复制");
    expect(text).toContain("卡内计数倒退");
    expect(text).toContain("the card's counter went back");
    expect(text).toContain("北门");
    expect(text).not.toContain("〓");
  });

  test("whoever only reads cases makes none and takes none out", async () => {
    const body = { reason: REASON };
    const audit = await server.founder("audit");
    await audit.call(caseEvidenceEndpoints.list, { params });
    const refused = await audit.refused(caseEvidenceEndpoints.make, { params, body });
    expect(refused.status).toBe(403);
  });

  test("goes with the case's records; the digests and the custody list stay, signatures of batches go", async () => {
    const batches = async () => (await server.pool.query("select from gate_batch")).rowCount;
    expect(await batches()).toBe(4);
    await server.tidy();
    expect(await batches()).toBe(4);
    expect((await site.operate.call(caseEvidenceEndpoints.list, { params })).items[0]?.state).toBe("ready");
    await server.pool.query("update gate_batch set received_at = '2020-01-01'");
    await server.pool.query(
      "update detection_case set credential = null, signs = '[]', forgotten_at = now()",
    );
    await server.tidy();
    expect(await batches()).toBe(0);
    const [item] = (await site.operate.call(caseEvidenceEndpoints.list, { params })).items;
    expect(item?.state).toBe("forgotten");
    expect(item?.custody.map(({ what }) => what)).toEqual(["made", "sealed", "fetched", "forgotten"]);
    const call = {
      params: { ...params, packageId: item?.id ?? "" },
      body: { recipient: "某区公安分局", reason: REASON },
    };
    expect(await site.operate.refused(caseEvidenceEndpoints.fetch, call)).toMatchObject({ code: "conflict" });
    const again = await site.operate.refused(caseEvidenceEndpoints.make, {
      params,
      body: { reason: REASON },
    });
    expect(again.code).toBe("conflict");
  });
});

describe("time stamps", () => {
  const authority = makeTestAuthority();
  afterAll(authority.remove);

  /** The machine's time, but in the small hours the evening before: no day before a community's first has an epoch. */
  function foundedAt(): Instant {
    const isSmallHours = (Date.now() / HOUR + SHANGHAI_HOURS) % 24 < 6;
    return Instant(isSmallHours ? Date.now() - 6 * HOUR : Date.now());
  }

  async function packageOf(url: string): Promise<Uint8Array> {
    const server = await startTestServer({ timeStamp: { url } }, foundedAt());
    const site = await buildSite(server);
    const params = { id: await makeCase(server, site, await connectGate(server, site)) };
    const made = await site.operate.call(caseEvidenceEndpoints.make, { params, body: { reason: REASON } });
    await server.logRunner.settle();
    await eventually("sealed", async () => {
      const { items, stamps } = await site.operate.call(caseEvidenceEndpoints.list, { params });
      return stamps && items[0]?.state === "ready";
    });
    const { file } = await site.operate.call(caseEvidenceEndpoints.fetch, {
      params: { ...params, packageId: made.id },
      body: { recipient: "某区公安分局", reason: REASON },
    });
    return Uint8Array.from(Buffer.from(file, "base64"));
  }

  test("are asked for where an authority is configured, and OpenSSL checks them", async () => {
    const { url, close } = await authority.listen();
    const archive = await packageOf(url);
    await close();
    const verdict = await verifyEvidencePackage(archive);
    if (!verdict.verified || !verdict.time.stamped) throw new Error("expected a stamped package");
    expect(Math.abs(verdict.time.at - Date.now())).toBeLessThan(120_000);
    const command = "openssl ts -verify -in time/content.tsr -data CONTENT.sha256 -CAfile TSA.pem";
    const readme = readStoredZip(archive).find(({ name }) => name === "README.txt");
    expect(new TextDecoder().decode(readme?.bytes)).toContain(command);
    const checked = execFileSync("bash", ["-c", command.replace("TSA.pem", authority.root)], {
      cwd: unpack(archive),
      stdio: "pipe",
    });
    expect(checked.toString()).toContain("Verification: OK");
  });

  test("that cannot be had do not hinder: the package says why there is none", async () => {
    const { url, close } = await authority.listen();
    await close();
    const verdict = await verifyEvidencePackage(await packageOf(url));
    if (!verdict.verified || verdict.time.stamped) throw new Error("expected a package without a stamp");
    expect(verdict.time.why).toContain(`${url} did not answer`);
  });
});
