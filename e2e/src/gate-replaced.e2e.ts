import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  processesOfRun,
  ROOT,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
  startProcess,
} from "@menshen/testkit/system";
import { eventEndpoints, gateEndpoints, installerEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endInOrder, makeRun } from "./harness/run.ts";

/** A gate dies with records that nobody has; another box takes its place, and its disk is read. */
describe("a broken gate is replaced and loses nothing", () => {
  const { runId, stateDir } = makeRun("replaced");
  let server: CommunityServer;
  let api: Api;
  let old: SiteGate;
  let card: SiteCard;
  let door: SiteDoor;
  let gateProcess: GateProcess | undefined;
  let nextId: string;
  const nextConfig = join(stateDir, "next", "gate.json");

  const configOf = (file: string) => JSON.parse(readFileSync(file, "utf8"));

  async function isUpToDate(gateId: string): Promise<boolean> {
    const { snapshot, keyring, gate } = await api.call(gateEndpoints.status, { params: { id: gateId } });
    return (
      gate.link === "online" &&
      (snapshot.applied ?? 0) > 0 &&
      snapshot.applied === snapshot.desired &&
      (keyring.applied ?? 0) > 0
    );
  }

  async function tap(): Promise<void> {
    await eventually("the strike is held", 20_000, () => !door.door.released);
    const before = door.releases.length;
    // What a reader kept from before its session opens nothing: the person presents the card again.
    await eventually("the strike is released", 60_000, async () => {
      await door.reader.hold(card.card);
      return door.releases.length > before;
    });
  }

  const sequencesOf = async (gateId: string) => {
    const { items } = await api.call(eventEndpoints.list, { query: { gateId, limit: 100 } });
    return items.map(({ sequence }) => sequence).sort((a, b) => a - b);
  };

  function lastOnDisk(): number {
    const journal = new DatabaseSync(join(old.stateDir, "state", "journal.db"), { readOnly: true });
    try {
      return Number(journal.prepare("select max(sequence) as last from journal").get()?.last);
    } finally {
      journal.close();
    }
  }

  beforeAll(async () => {
    server = await startCommunity({ runId, stateDir });
    api = await signIn(server.signInLink);
    const site = await makeSmallSite(api);
    const folder = join(stateDir, "old");
    mkdirSync(folder);
    old = await makeSiteGate({ api, server, site, name: "北区", stateDir: folder, doorCount: 1 });
    const [only] = old.doors;
    if (only === undefined) throw new Error("the gate has no door");
    door = only;
    card = await makeResident(api, site, "陈静", "desfire");
    gateProcess = await startGate({ runId, configFile: old.configFile });
    await eventually("the gate has its rules", 60_000, () => isUpToDate(old.gateId));
    await eventually("the reader is on its secure channel", 30_000, () => door.reader.link.secure);
    await tap();
    await endInOrder(gateProcess);
  }, 240_000);

  afterAll(async () => {
    await endInOrder(gateProcess, server);
    await door?.close();
  });

  it("dies with entries that the server never saw", async () => {
    const config = configOf(old.configFile);
    // Nobody listens there: as if the network was cut.
    config.community.mqtt = "127.0.0.1:1";
    writeFileSync(old.configFile, JSON.stringify(config));
    gateProcess = await startGate({ runId, configFile: old.configFile });
    await eventually("the reader is on its secure channel", 30_000, () => door.reader.link.secure);
    for (const _ of [1, 2, 3]) await tap();
    const gate = processesOfRun(runId).find(({ command }) => /apps\/gate\/src\/main\.ts/.test(command));
    process.kill(gate?.pid ?? 0, "SIGKILL");
    await gateProcess.process.ended;
    gateProcess = undefined;
    const stored = await sequencesOf(old.gateId);
    expect(lastOnDisk()).toBeGreaterThanOrEqual(stored.length + 3);
  }, 120_000);

  it("hands over its doors, and the new box its readers' keys and its journal from the disk, each entry once", async () => {
    const before = await sequencesOf(old.gateId);
    const installation = await api.call(installerEndpoints.replace, { params: { gateId: old.gateId } });
    nextId = installation.gate.id;
    expect(installation.oldJournal).toMatchObject({ storedUpTo: before.length, handedOver: 0 });
    const { code } = await api.call(gateEndpoints.enrolmentCode, { params: { id: nextId } });
    const { community, ...config } = configOf(old.configFile);
    mkdirSync(join(stateDir, "next"));
    writeFileSync(
      nextConfig,
      JSON.stringify({
        ...config,
        stateDir: join(stateDir, "next", "state"),
        community: { enrolUrl: community.enrolUrl, enrolmentCode: code },
      }),
    );
    gateProcess = await startGate({ runId, configFile: nextConfig, keyless: "wait" });
    await eventually("the new gate has its rules", 60_000, () => isUpToDate(nextId));

    const last = lastOnDisk();
    const takeOver = () =>
      startProcess(
        join(ROOT, "apps/cli/bin/menshen.js"),
        ["gate", "take-over", join(old.stateDir, "state"), "--config", nextConfig, "--json"],
        { runId },
      );
    const first = takeOver();
    const [line] = await first.waitForOutput(/^\{.*\}$/m, 60_000);
    expect(JSON.parse(line)).toMatchObject({
      gateId: old.gateId,
      readers: expect.arrayContaining([door.readerId]),
      journal: { sent: last - before.length, lastSequence: last },
    });
    expect(await sequencesOf(old.gateId)).toEqual(Array.from({ length: last }, (_, at) => at + 1));
    const again = takeOver();
    const [second] = await again.waitForOutput(/^\{.*\}$/m, 60_000);
    expect(JSON.parse(second)).toMatchObject({ readers: [], journal: { sent: 0, lastSequence: last } });
    expect(await sequencesOf(old.gateId)).toHaveLength(last);
    const read = await api.call(installerEndpoints.get, { params: { gateId: nextId } });
    expect(read.oldJournal).toMatchObject({ lastSequence: last, handedOver: last - before.length });
  }, 180_000);

  it("opens at once: its readers go on under their keys, without an install window", async () => {
    await eventually("the reader is on its secure channel", 60_000, () => door.reader.link.secure);
    await eventually("all devices are served", 60_000, async () => {
      const { readers } = await api.call(gateEndpoints.status, { params: { id: nextId } });
      return readers.length === 2 && readers.every(({ online, secureChannel }) => online && secureChannel);
    });
    await tap();
    const { items } = await api.call(eventEndpoints.list, { query: { gateId: nextId, limit: 100 } });
    expect(items.map(({ event }) => event)).not.toContain("install-window-opened");
  }, 120_000);
});
