import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RistrettoScalar, randomBytes, toHex } from "@menshen/crypto/node";
import { encodePartial, makePartial, parseSealedEntry, type StoreContents } from "@menshen/custody";
import { canonicalJson, parseCanonicalJson } from "@menshen/domain";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  ROOT,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  sealsEntries,
  signIn,
  startCommunity,
  startGate,
  startProcess,
  waitForGate,
} from "@menshen/testkit/system";
import {
  type CustodianOpening,
  custodianOpeningEndpoints,
  custodyEndpoints,
  eventEndpoints,
  openingEndpoints,
  staffEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callAs, readStore, sendTo } from "./harness/custodian-store.ts";
import { relabel, rerandomise, sealedOf, withSealed } from "./harness/forged-entries.ts";
import { type LyingServer, startLyingServer } from "./harness/lying-server.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

const BODIES = ["committee", "property", "city"] as const;
type Body = (typeof BODIES)[number];
const MENSHEN = join(ROOT, "apps/cli/bin/menshen.js");
const PASSPHRASE = "海棠苑 correct horse 2026";
const DAY_MS = 86_400_000;
const SCAN = Buffer.from("%PDF-1.4 调证〔2026〕114号");

/** From a tap at a real gate to a package that verifies offline; each body's program is a process of its own. */
describe("a lawful opening", () => {
  const { runId, stateDir } = makeRun("opening");
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
  let untilNeighbour = 0;
  let liar: LyingServer;
  /** As its gate wrote it: the neighbour's passage, and the one in scope. */
  let neighbours = "";
  let inScope = "";

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
  const storeOf = (body: Body) => readStore(join(stateDir, body), PASSPHRASE);
  /** What the server shows to a custodian, read with its key. */
  async function shownTo(body: Body, id: string): Promise<CustodianOpening> {
    const { status, answer } = await callAs(await storeOf(body), server.http, custodianOpeningEndpoints.get, {
      id,
    });
    expect(status).toBe(200);
    return answer;
  }
  async function request(door: SiteDoor, changes: object = {}): Promise<string> {
    const { accepted, refusals, opening } = await records.call(openingEndpoints.request, {
      body: {
        path: "ordinary",
        authority: "某市公安局某分局",
        documentNumber: "调证〔2026〕114号",
        documentSha256: createHash("sha256").update(SCAN).digest("hex"),
        accessPointIds: [door.accessPointId],
        from,
        until,
        purpose: "crime-investigation",
        deadline: Date.now() + 3 * DAY_MS,
        sealUntil: Date.now() + 30 * DAY_MS,
        entryCap: 10,
        ...changes,
      },
    });
    expect(refusals).toEqual([]);
    expect(accepted).toBe(true);
    const id = opening?.id ?? "";
    await eventually("it is in the log", 20_000, async () => {
      return (await records.call(openingEndpoints.get, { params: { id } })).logged;
    });
    return id;
  }
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
    await waitForGate(api, gate.gateId, { readers: 4, and: sealsEntries });
  });

  afterAll(async () => {
    await endInOrder(gateProcess, server);
    await liar?.close();
    for (const door of gate?.doors ?? []) await door.close();
  });

  it("a request for one door and some minutes is logged before a custodian sees it", async () => {
    from = Date.now();
    await tap(0, suspect);
    until = Date.now() + 1;
    // A neighbour at another door at the same time, and at the same door later.
    await tap(1, neighbour);
    untilNeighbour = Date.now() + 1;
    await eventually("the door is locked again", 10_000, () => !doorOf(0).door.released);
    await tap(0, neighbour);
    const { documentSha256 } = await records.call(openingEndpoints.addDocument, {
      body: { kind: "application/pdf", content: SCAN.toString("base64") },
    });
    expect(documentSha256).toBe(createHash("sha256").update(SCAN).digest("hex"));
    requestId = await request(doorOf(0));
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

  it("two who never had it logged get nothing from their programs (privacy row P6)", async () => {
    const truth = await shownTo("committee", requestId);
    inScope = truth.entries[0]?.entry ?? "";
    // A request for the neighbour's door that nobody logged, with the proof of one that is.
    const id = randomUUID();
    const statement = parseCanonicalJson(truth.statement);
    if (typeof statement !== "object" || statement === null || Array.isArray(statement)) throw new Error();
    const unlogged = { ...statement, requestId: id, accessPointIds: [doorOf(1).accessPointId] };
    liar = await startLyingServer(server.http);
    liar.invent({ ...truth, id, statement: canonicalJson(unlogged) });
    const two = ["committee", "city"] as const;
    for (const body of two) sendTo(join(stateDir, body), liar.url);
    const ends = await Promise.all(two.map((body) => custodian(body, "open", id, "--yes")));
    for (const body of two) sendTo(join(stateDir, body), server.http);
    for (const { code, out, err } of ends) {
      expect(code, err).toBe(1);
      expect(out).toContain('"inOrder":false,"refusal":"not-in-log"');
      expect(err).toContain("The evidence log does not hold this request.");
    }
    expect((await storeOf("city")).refused).toMatchObject([{ requestId: id, refusal: "not-in-log" }]);
    // With programs of their own they have nowhere to put what they make.
    const partials = [toHex(partialBy(await storeOf("city"), sealedOf(inScope)))];
    const { status } = await callAs(
      await storeOf("city"),
      server.http,
      custodianOpeningEndpoints.answer,
      { id },
      { partials },
    );
    expect(status).toBe(404);
  });

  it("a neighbour's entry slipped in by a lying server stays sealed", async () => {
    const old = await shownTo("property", requestId);
    const other = await request(doorOf(1), { until: untilNeighbour });
    neighbours = (await shownTo("property", other)).entries[0]?.entry ?? "";
    const [own, theirs] = [sealedOf(inScope), sealedOf(neighbours)];
    const { shares } = await storeOf("property");
    const key = shares.find((share) => share.key.epoch === parseSealedEntry(theirs).epoch)?.key;
    if (key === undefined) throw new Error("property has no share of the epoch");
    const property = join(stateDir, "property");
    sendTo(property, liar.url);
    const open = () => custodian("property", "open", requestId, "--yes");
    const gateId = old.entries[0]?.gateId ?? "";

    const entries = [
      withSealed(inScope, relabel(theirs, own)),
      withSealed(inScope, relabel(rerandomise(theirs, key), own)),
      neighbours,
    ].map((entry) => ({ gateId, entry }));
    const slip = (truth: CustodianOpening) => ({ ...truth, entries });
    liar.tell(slip, slip);
    const slipped = await open();
    expect(slipped.code, slipped.err).toBe(1);
    expect(slipped.err).toContain("#1: The seal of this entry does not hold: it was given another label");
    expect(slipped.err).toContain("#2: The seal of this entry does not hold");
    expect(slipped.err).toContain("#3: This entry is of a door that the request does not name.");
    expect(slipped.err).toContain("there was no entry to answer for");

    const statement = parseCanonicalJson(old.statement);
    if (typeof statement !== "object" || statement === null || Array.isArray(statement)) throw new Error();
    const doors = gate.doors.map(({ accessPointId }) => accessPointId);
    const proofOfFirst = await (await fetch(new URL("/log/proof/0", server.http))).text();
    liar.tell(
      (truth) => ({ ...truth, proof: "" }),
      (truth) => ({ ...truth, proof: proofOfFirst }),
      (truth) => ({ ...truth, statement: canonicalJson({ ...statement, accessPointIds: doors }) }),
    );
    for (const { code, out, err } of await Promise.all([open(), open(), open()])) {
      expect(code, err).toBe(1);
      expect(out).toContain('"inOrder":false,"refusal":"not-in-log"');
      expect(err).toContain("What is not logged is not answered.");
    }

    // The log as it was before: the program has seen more of it by now, and stops until its person has looked.
    liar.tell(() => old);
    const back = await open();
    expect(back.code, back.err).toBe(1);
    expect(back.err).toContain("THE LOG WENT BACK");
    sendTo(property, server.http);
    const stopped = await open();
    expect(stopped.code, stopped.err).toBe(1);
    expect(stopped.out).toContain('"refusal":"log-forked"');
    const acknowledged = await custodian("property", "acknowledge-log", "--yes");
    expect(acknowledged.code, acknowledged.err).toBe(0);

    const status = await custodian("property", "status");
    const { refused }: { refused: { refusal: string }[] } = JSON.parse(status.out);
    expect(refused.map(({ refusal }) => refusal).toSorted()).toEqual([
      ...["forged", "forged", "log-forked", "not-in-log", "outside-doors"],
    ]);
    const { custodians } = await shownTo("property", requestId);
    expect(custodians.map(({ answeredCount }) => answeredCount)).toEqual([0, 0, 0]);
  });

  it("two of three open it; one alone does not, and the third may refuse (privacy row P3)", async () => {
    const first = await custodian("committee", "open", requestId, "--yes");
    expect(first.code, first.err).toBe(0);
    expect(first.out).toContain('"answered":1,"refused":0,"rejected":[],"state":"requested"');
    const no = await custodian("city", "refuse", requestId, "--reason", "document-doubtful");
    expect(no.code, no.err).toBe(0);
  });

  it("forged and replayed answers, posted with a custodian's key, are refused and named", async () => {
    const [committee, property] = [await storeOf("committee"), await storeOf("property")];
    const entry = sealedOf(inScope);
    const good = partialBy(property, entry);
    const forged = new Uint8Array(good);
    forged.set(RistrettoScalar.random(randomBytes).toBytes(), forged.length - 32);
    const cases: readonly [StoreContents, readonly Uint8Array[], readonly string[]][] = [
      [
        property,
        [forged, good.subarray(1), partialBy(property, sealedOf(neighbours)), partialBy(committee, entry)],
        ["invalid-proof", "malformed", "not-asked", "not-yours"],
      ],
      // It answered already: a second answer, good as it is, counts no second time.
      [committee, [partialBy(committee, entry)], ["twice"]],
    ];
    for (const [contents, partials, faults] of cases) {
      const body = { partials: partials.map(toHex) };
      const params = { id: requestId };
      const { answer, again } = await callAs(
        contents,
        server.http,
        custodianOpeningEndpoints.answer,
        params,
        body,
      );
      expect(answer).toEqual({
        counted: 0,
        rejected: faults.map((fault, position) => ({ position, fault })),
        state: "requested",
      });
      expect(await again()).toBe(401);
    }
    const { custodians } = await shownTo("property", requestId);
    expect(
      custodians.map(({ body, answeredCount, rejectedCount }) => [body, answeredCount, rejectedCount]),
    ).toEqual([
      ["committee", 1, 0],
      ["property", 0, 4],
      ["city", 0, 0],
    ]);
  });

  it("the one who was lied to answers honestly when the truth is told again", async () => {
    const second = await custodian("property", "open", requestId, "--yes");
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

/** A partial decryption by a custodian's own share, whatever the entry is: no program of ours is asked. */
function partialBy({ shares }: StoreContents, sealed: Uint8Array): Uint8Array {
  const entry = parseSealedEntry(sealed);
  const share = shares.find(({ key }) => key.epoch === entry.epoch);
  if (share === undefined) throw new Error("no share of the epoch");
  const { key, index, secret } = share;
  const result = makePartial({
    key,
    share: { epoch: entry.epoch, index, secret },
    label: entry.label,
    entry,
    random: randomBytes,
  });
  if (!result.made) throw new Error(result.reason);
  return encodePartial(result.partial);
}
