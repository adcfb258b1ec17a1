import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  killRun,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  ROOT,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
  startProcess,
} from "@menshen/testkit/system";
import {
  custodyEndpoints,
  eventEndpoints,
  gateEndpoints,
  openingEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const BODIES = ["committee", "property", "city"] as const;
type Body = (typeof BODIES)[number];
const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const PASSPHRASE = "海棠苑 correct horse 2026";
const DAY_MS = 86_400_000;
const SCAN = Buffer.from("%PDF-1.4 调证〔2026〕114号");

/** From a tap at a real gate to a package that verifies offline; each body's program is a process of its own. */
describe("a lawful opening", () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-opening-"));
  const passphraseFile = join(stateDir, "passphrase");
  let server: CommunityServer;
  let api: Api;
  let records: Api;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let suspect: SiteCard;
  let neighbour: SiteCard;
  let requestId = "";
  let from = 0;
  let until = 0;

  const doorOf = (index: number): SiteDoor => {
    const door = gate.doors[index];
    if (door === undefined) throw new Error(`the gate has no door ${index}`);
    return door;
  };
  async function menshen(...args: readonly string[]) {
    const process = startProcess(MENSHEN, args, { runId, env: { LC_ALL: "C" } });
    const { code } = await process.ended;
    return { code, out: process.stdout(), err: process.stderr() };
  }
  const custodian = (body: Body, command: string, ...args: readonly string[]) =>
    menshen(
      ...["custodian", command, ...args, "--json"],
      ...["--state", join(stateDir, body), "--passphrase-file", passphraseFile],
    );
  async function tap(index: number, card: SiteCard): Promise<void> {
    const { portalId, reader } = doorOf(index);
    const count = async () =>
      (await api.call(eventEndpoints.list, { query: { portalId, kind: "access" } })).items.length;
    const before = await count();
    expect(await reader.hold(card.card)).toBe("released");
    await eventually("the entry is stored", 10_000, async () => (await count()) > before);
  }

  beforeAll(async () => {
    writeFileSync(passphraseFile, `${PASSPHRASE}\n`, { mode: 0o600 });
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    const inits = await Promise.all(
      BODIES.map((body) => custodian(body, "init", "--server", server.http, "--yes")),
    );
    const members = inits.map(({ out, err, code }, i) => {
      expect(code, err).toBe(0);
      const { identityKey }: { identityKey: string } = JSON.parse(out);
      return { body: BODIES[i] ?? "", identityKey };
    });
    await api.call(custodyEndpoints.appoint, { body: { threshold: 2, members } });
    for (const { code, err } of await Promise.all(
      BODIES.map((body) => custodian(body, "ceremony", "--yes")),
    )) {
      expect(code, err).toBe(0);
    }
    const { signIn: link } = await api.call(staffEndpoints.create, {
      body: { displayName: "档案员", roles: ["records"] },
    });
    records = await signIn(`${server.http}/#code=${link.code}`);
    const site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 2 });
    suspect = await makeResident(api, site, "陈静", "desfire");
    neighbour = await makeResident(api, site, "王强", "desfire");
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await eventually("readers, rules and keys are there, those to seal with among them", 60_000, async () => {
      const { readers, snapshot, keyring, ...rest } = await api.call(gateEndpoints.status, {
        params: { id: gate.gateId },
      });
      return (
        readers.length === 4 &&
        readers.every((reader) => reader.online && reader.secureChannel) &&
        snapshot.applied === snapshot.desired &&
        keyring.applied === keyring.desired &&
        !JSON.stringify(rest).includes("no-epoch-key")
      );
    });
  });

  afterAll(async () => {
    for (const process of [gateProcess?.process, server?.process]) {
      process?.child.kill("SIGTERM");
      await process?.ended;
    }
    for (const door of gate?.doors ?? []) await door.close();
    killRun(runId);
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("a request for one door and some minutes is logged before a custodian sees it", async () => {
    from = Date.now();
    await tap(0, suspect);
    until = Date.now() + 1;
    // A neighbour at another door at the same time, and at the same door later.
    await tap(1, neighbour);
    await eventually("the door is locked again", 10_000, () => !doorOf(0).door.released);
    await tap(0, neighbour);
    const { documentSha256 } = await records.call(openingEndpoints.addDocument, {
      body: { kind: "application/pdf", content: SCAN.toString("base64") },
    });
    expect(documentSha256).toBe(createHash("sha256").update(SCAN).digest("hex"));
    const { accepted, refusals, opening } = await records.call(openingEndpoints.request, {
      body: {
        path: "ordinary",
        authority: "某市公安局某分局",
        documentNumber: "调证〔2026〕114号",
        documentSha256,
        accessPointIds: [doorOf(0).accessPointId],
        from,
        until,
        purpose: "crime-investigation",
        deadline: Date.now() + 3 * DAY_MS,
        sealUntil: Date.now() + 30 * DAY_MS,
        entryCap: 10,
      },
    });
    expect(refusals).toEqual([]);
    expect(accepted).toBe(true);
    requestId = opening?.id ?? "";
    await eventually("it is in the log", 20_000, async () => {
      return (await records.call(openingEndpoints.get, { params: { id: requestId } })).logged;
    });
  });

  it("a custodian's program shows it checked, and answers nothing without a yes", async () => {
    const { code, out, err } = await custodian("committee", "requests");
    expect(code, err).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      id: requestId,
      entries: 1,
      inOrder: true,
      statement: { authority: "某市公安局某分局", from, until },
    });
    const silent = await custodian("committee", "open", requestId);
    expect(silent.code).toBe(2);
    expect(silent.err).toContain("no terminal to say yes at");
  });

  it("two of three open it; one alone does not, and the third may refuse (privacy row P3)", async () => {
    const first = await custodian("committee", "open", requestId, "--yes");
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain('"answered":1,"refused":0,"rejected":[],"state":"requested"');
    const no = await custodian("property", "refuse", requestId, "--reason", "document-doubtful");
    expect(no.code, no.err).toBe(0);
    const second = await custodian("city", "open", requestId, "--yes");
    expect(second.code, second.err).toBe(0);
    expect(second.out).toContain('"state":"answered"');
  });

  it("the package names one passage and one person, and verifies offline (privacy row P4)", async () => {
    const { package: text } = await records.call(openingEndpoints.handOver, { params: { id: requestId } });
    const file = join(stateDir, "case.json");
    writeFileSync(file, text);
    const keys = join(stateDir, "keys.json");
    writeFileSync(keys, JSON.stringify(await api.call(openingEndpoints.keys, {})));
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    const { code, out, err } = await menshen("verify", "package", file, "--keys", keys);
    expect(code, out + err).toBe(0);
    expect(text).toContain("陈静");
    expect(text).not.toContain("王强");
    writeFileSync(file, readFileSync(file, "utf8").replace("陈静", "王强"));
    expect((await menshen("verify", "package", file, "--keys", keys)).code).toBe(1);
  });
});
