import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeLogger } from "@menshen/service-kit";
import { startPostgres } from "@menshen/service-kit/postgres";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
  waitForGate,
} from "@menshen/testkit/system";
import { eventEndpoints, gateEndpoints } from "@menshen/wire";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "./harness/ports.ts";
import { endInOrder, makeRun } from "./harness/run.ts";

/** A server whose database is an older copy, and a gate whose disk is one: real processes on both sides. */
describe("restored from an older copy", () => {
  const { runId, stateDir } = makeRun("restored");
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let ports: { http: number; gateTls: number; mqtt: number };
  let server: CommunityServer | undefined;
  let gateProcess: GateProcess | undefined;
  let api: Api;
  let gate: SiteGate;
  let door: SiteDoor;
  let card: SiteCard;

  async function query(database: string, text: string) {
    const client = new pg.Client({ ...postgres.connection, database });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  async function start(database: string): Promise<CommunityServer> {
    const { host, port, user, password } = postgres.connection;
    const url = new URL(`postgres://localhost/${database}`);
    url.username = user ?? "";
    url.password = password ?? "";
    url.searchParams.set("host", host ?? "");
    url.searchParams.set("port", String(port));
    server = await startCommunity({ runId, stateDir, ports, databaseUrl: url.href });
    return server;
  }

  async function stopServer(): Promise<void> {
    await endInOrder(server);
    server = undefined;
  }

  async function startTheGate(): Promise<void> {
    gateProcess = await startGate({ runId, configFile: gate.configFile });
    await eventually("the reader is on its secure channel", 30_000, () => door.reader.link.secure);
  }

  async function stopGate(): Promise<void> {
    gateProcess?.process.child.kill("SIGTERM");
    await gateProcess?.process.ended;
    gateProcess = undefined;
  }

  async function tap(): Promise<void> {
    const before = door.releases.length;
    await door.reader.hold(card.card);
    await eventually("the strike is released", 5_000, () => door.releases.length > before);
    await eventually("the strike is held again", 5_000, () => !door.door.released);
  }

  const status = () => api.call(gateEndpoints.status, { params: { id: gate.gateId } });
  const codes = async () => (await api.call(gateEndpoints.health, {})).items.map((finding) => finding.code);
  const taps = async () =>
    (await api.call(eventEndpoints.list, { query: { kind: "access", limit: 100 } })).items.length;

  beforeAll(async () => {
    chmodSync(stateDir, 0o711);
    const home = join(stateDir, "postgres");
    mkdirSync(home);
    chmodSync(home, 0o711);
    postgres = await startPostgres({
      stateDirectory: home,
      logger: makeLogger({ app: "e2e", level: "error" }),
    });
    await query("template1", "create database site");
    const [http, gateTls, mqtt] = await freePorts(3);
    if (http === undefined || gateTls === undefined || mqtt === undefined) throw new Error("no free ports");
    ports = { http, gateTls, mqtt };
    const first = await start("site");
    api = await signIn(first.signInLink);
    const site = await makeSmallSite(api);
    const gateDir = join(stateDir, "gate-1");
    mkdirSync(gateDir);
    gate = await makeSiteGate({ api, server: first, site, name: "北区", stateDir: gateDir, doorCount: 1 });
    const [only] = gate.doors;
    if (only === undefined) throw new Error("the gate has no door");
    door = only;
    card = await makeResident(api, site, "陈静", "desfire");
    await startTheGate();
    await waitForGate(api, gate.gateId);
  });

  afterAll(async () => {
    await stopGate();
    await stopServer();
    await postgres?.stop();
    await door?.close();
  });

  it("a server is told what it lost, and says that it lost it", async () => {
    await tap();
    await eventually("one tap is stored", 10_000, async () => (await taps()) === 1);
    await stopServer();
    await query("template1", "create database backup template site");
    await start("site");
    await tap();
    await tap();
    await eventually("three taps are stored", 30_000, async () => (await taps()) === 3);
    expect(await codes()).not.toContain("server-behind");

    await stopServer();
    await start("backup");
    await eventually("the lost taps are there again", 30_000, async () => (await taps()) === 3);
    await eventually("somebody is told", 10_000, async () => (await codes()).includes("server-behind"));
    const [before, after] = await Promise.all(
      ["site", "backup"].map((database) =>
        query(database, "select sequence::int, encode(entry, 'hex') as entry from event order by sequence"),
      ),
    );
    expect(after?.slice(0, before?.length)).toEqual(before);

    // One of the journal, and one of a document that this database never made.
    const alarms = (await status()).alarms.filter(({ kind }) => kind === "server-behind");
    expect(alarms.length).toBeGreaterThan(0);
    for (const { id } of alarms) {
      await api.call(gateEndpoints.clearAlarm, { params: { id: gate.gateId, alarmId: id } });
    }
    expect(await codes()).not.toContain("server-behind");
  });

  it("a gate is refused until somebody accepts its journal, and what gave way is kept", async () => {
    const state = join(gate.stateDir, "state");
    const aside = join(gate.stateDir, "aside");
    await stopGate();
    cpSync(state, aside, { recursive: true, filter: (path) => !statSync(path).isSocket() });
    await startTheGate();
    await tap();
    await eventually("the tap is stored", 10_000, async () => (await taps()) === 4);
    await stopGate();
    rmSync(state, { recursive: true });
    renameSync(aside, state);
    await startTheGate();
    // The door opens all the same.
    await tap();
    await eventually("somebody is told", 30_000, async () => (await codes()).includes("journal-forked"));
    expect(await taps()).toBe(4);

    await api.call(gateEndpoints.acceptJournal, { params: { id: gate.gateId } });
    await eventually("the gate's journal is stored", 30_000, async () => {
      const { journal } = await status();
      return !journal.rereading && !journal.forked;
    });
    await eventually("the records say what gave way", 10_000, async () =>
      (await codes()).includes("journal-replaced"),
    );
    await eventually("the tap on the set-back disk is stored", 30_000, async () => (await taps()) === 4);
    const replaced = await query("backup", "select count(*)::int as n from event_replaced where kind = 1");
    expect(replaced).toEqual([{ n: 1 }]);
  });
});
