import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SoftwareCard } from "@menshen/credentials";
import { listPcscReaders, openApduStream, type ServedCard, serveApduSocket } from "@menshen/credentials/node";
import { FIRST_SLOT, makeTestPcscd, type TestPcscd } from "@menshen/testkit/pcscd";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  ROOT,
  type RunningProcess,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  type SmallSite,
  signIn,
  startCommunity,
  startGate,
  startProcess,
  waitForGate,
} from "@menshen/testkit/system";
import {
  credentialEndpoints,
  decodeJournalEntry,
  type EventItem,
  eventEndpoints,
  gateEndpoints,
  personEndpoints,
  readerEndpoints,
} from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";
import { findDifferences, readDatabase, readJournal } from "./harness/stored.ts";

/** pcscd finds a card that was put on its reader by asking the driver now and then. */
const NOTICED_MS = 15_000;
const READER_NAME = "北区 桌面读卡器";

/**
 * A gate with two doors: the first is opened by a card on a PC/SC reader behind a real pcscd, the second by a card
 * behind an OSDP reader. The daemon is absent at first, is killed, and comes back.
 */
describe("a door with a PC/SC reader", () => {
  const { runId, stateDir } = makeRun("pcsc");
  let server: CommunityServer;
  let api: Api;
  let site: SmallSite;
  let gate: SiteGate;
  let gateProcess: GateProcess;
  let pcscd: TestPcscd;
  let pcscReaderId: string;
  let served: ServedCard | undefined;
  let card: SiteCard;

  const doorOf = (index: number): SiteDoor => {
    const door = gate.doors[index];
    if (door === undefined) throw new Error(`the gate has no door ${index}`);
    return door;
  };
  const status = () => api.call(gateEndpoints.status, { params: { id: gate.gateId } });
  const events = async (door: SiteDoor): Promise<EventItem[]> =>
    (await api.call(eventEndpoints.list, { query: { portalId: door.portalId, kind: "access" } })).items;
  const findingsOfReader = async (): Promise<string[]> =>
    (await status()).findings.filter(({ subject }) => subject === READER_NAME).map(({ code }) => code);
  const isOnline = async (): Promise<boolean> =>
    (await status()).readers.some(({ readerId, online }) => readerId === pcscReaderId && online);

  async function insert(inserted: SoftwareCard): Promise<ServedCard> {
    served = serveApduSocket(await openApduStream({ host: "127.0.0.1", port: pcscd.vpcdPort }), inserted);
    return served;
  }

  async function remove(): Promise<void> {
    served?.close();
    await served?.ended;
    served = undefined;
    await eventually("pcscd has seen the reader empty", NOTICED_MS, isEmpty);
  }

  /** pcscd counts every insertion and every removal: an empty reader whose removal it has seen has an even count. */
  async function isEmpty(): Promise<boolean> {
    const readers = await listPcscReaders(pcscd);
    const slot = readers.find(({ name }) => name === FIRST_SLOT);
    return slot?.cardPresent === false && slot.eventCounter % 2 === 0;
  }

  beforeAll(async () => {
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate-1");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server, site, name: "北区", stateDir: gateDir, doorCount: 2 });
    const { accessPointId } = doorOf(0);
    const reader = await api.call(readerEndpoints.create, {
      body: { gateId: gate.gateId, name: READER_NAME, kind: "pcsc", accessPointId },
    });
    pcscReaderId = reader.id;
    const config = JSON.parse(readFileSync(gate.configFile, "utf8")) as object;
    const pcsc = [{ readerName: FIRST_SLOT, readerId: pcscReaderId, accessPointId }];
    writeFileSync(gate.configFile, JSON.stringify({ ...config, pcsc }));
    card = await makeResident(api, site, "陈静", "desfire");
    pcscd = await makeTestPcscd();
    gateProcess = await startGate({
      runId,
      configFile: gate.configFile,
      env: { PCSCLITE_CSOCK_NAME: pcscd.socketPath },
    });
    await waitForGate(api, gate.gateId, { readers: 4 });
  });

  afterAll(async () => {
    served?.close();
    await endInOrder(gateProcess, server);
    await pcscd?.stop();
    for (const door of gate?.doors ?? []) await door.close();
  });

  it("says that no pcscd is there, and opens for DESFire through OSDP with secure channel on", async () => {
    await eventually("the absent daemon is known", 15_000, async () =>
      (await findingsOfReader()).includes("pcsc-unavailable"),
    );
    expect(await isOnline()).toBe(false);
    const door = doorOf(1);
    expect(door.reader.link).toMatchObject({ online: true, secure: true });
    expect(await door.reader.hold(card.card)).toBe("released");
    await eventually("the strike is released", 2_000, () => door.releases.length === 1);
    await eventually("the event is stored", 5_000, async () => (await events(door)).length === 1);
    expect((await events(door))[0]).toMatchObject({
      granted: true,
      credentialKind: "desfire",
      grade: "B",
      reasons: [{ code: "rule-allows" }],
    });
  });

  it("opens for a card that `menshen card emulate` plays, once pcscd is there", async () => {
    const door = doorOf(0);
    const holder = await api.call(personEndpoints.create, {
      body: { displayName: "王强", residency: { role: "owner", dwellingId: site.dwellingId } },
    });
    const version = (await status()).snapshot.desired;
    const { personalisation } = await api.call(credentialEndpoints.enrol, {
      body: { kind: "desfire", identifier: "04a1b2c3d4e580", personId: holder.id },
    });
    if (personalisation?.applicationId === undefined) throw new Error("no keys for the card");
    await eventually("the gate knows the card", 5_000, async () => {
      const { snapshot, keyring } = await status();
      return (snapshot.applied ?? 0) > version && keyring.applied === keyring.desired;
    });
    await pcscd.start();
    await eventually("the reader is there", 15_000, isOnline);
    expect(await findingsOfReader()).toEqual([]);

    const emulator: RunningProcess = startProcess(
      join(ROOT, "apps/cli/bin/menshen.js"),
      [
        ...["card", "emulate", "desfire", `tcp:127.0.0.1:${pcscd.vpcdPort}`, "--uid", "04a1b2c3d4e580"],
        ...["--application", personalisation.applicationId],
        ...personalisation.keys.flatMap(({ number, value }) => ["--key", `${number}:${value}`]),
      ],
      { runId, env: { LC_ALL: "C" } },
    );
    await emulator.waitForOutput(/^CONNECTED/m, 15_000);
    await eventually("the strike is released", NOTICED_MS, () => door.releases.length === 1);
    await eventually("the event is stored", 5_000, async () => (await events(door)).length === 1);
    expect((await events(door))[0]).toMatchObject({
      granted: true,
      credentialKind: "desfire",
      grade: "B",
      reasons: [{ code: "rule-allows" }],
    });
    emulator.child.kill("SIGTERM");
    expect((await emulator.ended).code).toBe(0);
    await eventually("pcscd has seen the reader empty", NOTICED_MS, isEmpty);
  });

  it("refuses a card that is taken away while it talks, and opens when it is held again", async () => {
    const door = doorOf(0);
    let left = 6;
    await insert({
      ...card.card,
      transceive(command) {
        left -= 1;
        if (left > 0) return card.card.transceive(command);
        served?.close();
        return Uint8Array.of(0x6f, 0x00);
      },
    });
    await eventually("the refusal is stored", NOTICED_MS, async () => (await events(door)).length === 2);
    expect((await events(door))[0]).toMatchObject({
      granted: false,
      reasons: [{ code: "credential-not-authentic", detail: "card-removed" }],
    });
    expect(door.releases.length).toBe(1);
    await remove();
    await insert(card.card);
    await eventually("the strike is released", NOTICED_MS, () => door.releases.length === 2);
    await remove();
  });

  it("reports the reader gone when pcscd dies, decides at the other door, and recovers with it", async () => {
    const [door, other] = [doorOf(0), doorOf(1)];
    await pcscd.kill();
    await eventually("the reader is gone", 15_000, async () => !(await isOnline()));
    expect(await findingsOfReader()).toEqual(["reader-offline", "pcsc-unavailable"]);
    expect(await other.reader.hold(card.card)).toBe("released");
    await eventually("the other strike is released", 2_000, () => other.releases.length === 2);

    await pcscd.start();
    await eventually("the reader is back", 15_000, isOnline);
    expect(await findingsOfReader()).toEqual([]);
    await insert(card.card);
    await eventually("the strike is released", NOTICED_MS, () => door.releases.length === 3);
    await remove();
  });

  it("has every one of these in PostgreSQL as in the gate's journal", async () => {
    await eventually("all events are stored", 10_000, async () => (await events(doorOf(0))).length === 4);
    gateProcess.process.child.kill("SIGTERM");
    await gateProcess.process.ended;
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    const journal = readJournal(gate);
    const { stored } = await readDatabase(join(stateDir, "community"));
    const opened = journal.entries.map(({ entry }) => decodeJournalEntry(entry));
    const taps = opened.filter((entry) => entry.kind === "access");
    expect(taps.map(({ body }) => [body.accessPointId, body.granted])).toEqual([
      [doorOf(1).accessPointId, true],
      [doorOf(0).accessPointId, true],
      [doorOf(0).accessPointId, false],
      [doorOf(0).accessPointId, true],
      [doorOf(1).accessPointId, true],
      [doorOf(0).accessPointId, true],
    ]);
    const lastTap = opened.findLastIndex(({ kind }) => kind === "access") + 1;
    expect(findDifferences(journal, stored, lastTap)).toEqual([]);
  });
});
