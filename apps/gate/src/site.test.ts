import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import {
  AccessPointId,
  AreaId,
  type AreaRule,
  type DoorRules,
  GateId,
  Holder,
  Instant,
  PortalId,
  ReaderId,
} from "@menshen/domain";
import { makeLogger, makeStopOrder } from "@menshen/service-kit";
import { makeUidCard } from "@menshen/virtual-devices";
import { type CommandMessage, uuidBytes } from "@menshen/wire";
import { afterEach, expect, test, vi } from "vitest";
import { parseGateConfig } from "./config.ts";
import { startGate } from "./gate.ts";
import { openCutLines } from "./testing/cut-lines.ts";
import { makeTestAuthority } from "./testing/test-authority.ts";
import { startTestCommunity, type TestCommunity } from "./testing/test-community.ts";
import { CONTACT_INPUT, letReadersTakeKeys } from "./testing/test-config.ts";
import { standTestDoor, type TestDoor } from "./testing/test-door.ts";
import { doorRulesOf, keyringOf, snapshotOf, type TestPerson, uidOf } from "./testing/test-door-documents.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const id = (digit: string, number: number) => `${digit.repeat(8)}-0000-4000-8000-00000000000${number}`;
const STREET = AreaId(id("e", 1));
const HALL = AreaId(id("e", 2));
const NAMES = ["a", "b", "c"] as const;
type Name = (typeof NAMES)[number];
const gateIdOf = (name: Name) => GateId(id("a", NAMES.indexOf(name) + 1));
const accessPointOf = (name: Name) => AccessPointId(id("c", NAMES.indexOf(name) + 1));
const portalOf = (name: Name) => PortalId(id("b", NAMES.indexOf(name) + 1));

const people: readonly TestPerson[] = [["li-card", "li-phone"], ["wang-card"], ["chen-card"]].map(
  (credentials, number) => ({
    holder: Holder(String(number + 1).repeat(16)),
    isStaff: false,
    needsEscort: false,
    credentials,
  }),
);

/** A hall with a door at each gate, where nobody who is inside enters again. */
const rulesWith = (whenApart: AreaRule["whenApart"]): DoorRules => ({
  outsideAreaId: STREET,
  areas: [{ areaId: HALL, antiPassback: "hard", countsOnlyConfirmed: false, whenApart }],
  portals: [],
  accessPoints: NAMES.map((name) => ({
    id: accessPointOf(name),
    portalId: portalOf(name),
    gateId: gateIdOf(name),
    fromAreaId: STREET,
    toAreaId: HALL,
  })),
  presenceMs: 24 * 3_600_000,
});

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Waits as long as a machine under load may take; nothing is said about how long it took. */
const until = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 25 });

function configOf(name: Name, folder: string, { enrolUrl, enrolmentCode }: TestCommunity) {
  const reader = ReaderId(id("d", 1));
  const unit = ReaderId(id("d", 2));
  return {
    stateDir: join(folder, "state"),
    community: { enrolUrl, enrolmentCode },
    statusPage: { host: "127.0.0.1", port: 0 },
    doorGroup: 1,
    site: { host: "127.0.0.1", port: 0 },
    buses: [
      {
        id: "bus-0",
        transport: `unix:${join(folder, "bus.sock")}`,
        readers: [
          {
            readerId: reader,
            address: 0,
            role: "reader" as const,
            accessPointId: accessPointOf(name),
            secureChannel: "install" as const,
          },
          { readerId: unit, address: 1, role: "io" as const, secureChannel: "install" as const },
        ],
      },
    ],
    portals: [
      {
        portalId: portalOf(name),
        lock: { kind: "osdp-output" as const, readerId: unit, output: 0 },
        contact: {
          kind: "osdp-input" as const,
          readerId: unit,
          input: CONTACT_INPUT,
          normallyClosed: true,
        },
      },
    ],
  };
}

/** Runs a gate as a process of its own, to be killed; resolves to its port on the site network. */
async function spawnGate(
  configFile: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [MAIN, "--config", configFile], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  stops.push(() => child.kill("SIGKILL"));
  if (child.stdout === null) throw new Error("expected a pipe");
  const [line]: string[] = await once(createInterface({ input: child.stdout }), "line");
  const facts: { readonly sitePort?: number } = JSON.parse(line ?? "{}");
  return { child, port: facts.sitePort ?? 0 };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

interface Site {
  readonly name: Name;
  readonly community: TestCommunity;
  readonly door: TestDoor;
  readonly folder: string;
}

const entriesOf = ({ community }: Site) => community.entries.filter((entry) => entry.kind === "access");

/** Holds a card up and waits for what the gate made of it. */
async function tap(site: Site, credential: string): Promise<readonly string[]> {
  const before = entriesOf(site).length;
  void site.door.reader.hold(makeUidCard(uidOf(credential)));
  return await until(() => {
    const body = entriesOf(site)[before]?.body;
    if (body === undefined) throw new Error("no entry yet");
    return [body.granted ? "opens" : "refused", ...body.reasons.map(({ code }) => code)];
  });
}

const unlockOf = (name: Name): CommandMessage => ({
  version: 1,
  gateId: gateIdOf(name),
  commandId: new Uint8Array(16).fill(5),
  issuedAt: Instant(Date.now()),
  expiresAt: Instant(Date.now() + 25_000),
  kind: "unlock",
  subject: uuidBytes(portalOf(name)),
});

/** What each gate tells of the hall. */
const seen = (sites: readonly Site[]) =>
  sites.map(({ community }) => {
    const [area] = community.lastPresence()?.areas ?? [];
    return area && `${area.persons}${area.apart ? " apart" : ""}`;
  });

test("three gates: cut, each side does what the setting says; killed, a gate remembers; healed, all agree; a command is never done twice", async () => {
  const authority = await makeTestAuthority();
  const lines = await openCutLines(NAMES);
  stops.push(() => lines.close());
  const base = mkdtempSync(join(tmpdir(), "gate-site-"));
  stops.push(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  const startMs = Date.now() - 60_000;

  const sites: Site[] = [];
  for (const name of NAMES) {
    const folder = join(base, name);
    mkdirSync(folder);
    const community = await startTestCommunity(gateIdOf(name), "127.0.0.1", authority);
    stops.push(() => community.close());
    const door = await standTestDoor(folder);
    stops.push(() => door.line.stop());
    sites.push({ name, community, door, folder });
  }
  const [a, b, c] = sites;
  if (a === undefined || b === undefined || c === undefined) throw new Error("expected three gates");

  const configFile = join(a.folder, "gate.json");
  writeFileSync(configFile, JSON.stringify(configOf("a", a.folder, a.community)));
  let ofA = await spawnGate(configFile);
  await letReadersTakeKeys(configOf("a", a.folder, a.community));
  lines.listens("a", ofA.port);
  const logger = makeLogger({ app: "gate", level: "error" });
  for (const { name, folder, community } of [b, c]) {
    const stopOrder = makeStopOrder(logger);
    stops.push(() => stopOrder.stopAll());
    const config = parseGateConfig(configOf(name, folder, community));
    const gate = await startGate(config, logger, stopOrder);
    await letReadersTakeKeys(config);
    lines.listens(name, gate.sitePort ?? 0);
  }

  const publish = async (version: number, whenApart: AreaRule["whenApart"]) => {
    for (const { name, community } of sites) {
      const peers = sites
        .filter((other) => other.name !== name)
        .map((other) => ({
          gateId: gateIdOf(other.name),
          host: "127.0.0.1",
          port: lines.port(name, other.name),
          keySha256: other.community.deviceKeySha256(),
        }));
      await until(() => expect(community.isConnected()).toBe(true));
      const rules = rulesWith(whenApart);
      if (version === 1) {
        await community.sendSnapshot(snapshotOf(rules, people, gateIdOf(name), startMs));
        await community.sendKeyring(keyringOf(gateIdOf(name), 1, people));
      }
      await community.sendDoorRules(doorRulesOf(rules, gateIdOf(name), version, startMs, peers));
      await until(() =>
        expect(community.applied).toContainEqual(
          expect.objectContaining({ what: "door-rules", documentVersion: version, ok: true }),
        ),
      );
    }
  };
  const online = (site: Site) =>
    until(() =>
      expect(site.community.lastStatus()?.readers.map(({ online }) => online)).toEqual([true, true]),
    );
  await publish(1, "refuse");
  for (const site of sites) await online(site);
  await until(() => expect(seen(sites)).toEqual(["0", "0", "0"]));
  for (const { community } of sites) {
    const [first] = community.statuses;
    // A gate that never knew the time says nothing until it does, and no reader is lost that was never there.
    expect(first?.earliest).toBeGreaterThan(startMs);
    expect(first?.readers.filter(({ online }) => !online)).toEqual([]);
  }

  // Card and phone are one person at all gates.
  expect(await tap(a, "li-card")).toEqual(["opens", "rule-allows"]);
  await until(() => expect(seen(sites)).toEqual(["1", "1", "1"]));
  expect(await tap(b, "li-phone")).toEqual(["refused", "anti-passback"]);

  // Cut, nobody enters where the setting says so.
  lines.cut([["a"], ["b", "c"]]);
  await until(() => expect(seen(sites)).toEqual(["1 apart", "1 apart", "1 apart"]));
  expect(await tap(a, "wang-card")).toEqual(["refused", "gates-apart"]);
  expect(await tap(c, "chen-card")).toEqual(["refused", "gates-apart"]);

  // Where it says otherwise, they enter, and what was not held is noted.
  await publish(2, "admit");
  expect(await tap(a, "wang-card")).toEqual(["opens", "rule-allows"]);
  expect(await tap(c, "chen-card")).toEqual(["opens", "rule-allows"]);
  await until(() => expect(seen(sites)).toEqual(["2 apart", "2 apart", "2 apart"]));
  expect(await tap(b, "chen-card")).toEqual(["opens", "rule-allows", "door-rule-waived"]);

  // Killed while alone: what nobody else can tell it stands on its disk.
  const state = new DatabaseSync(join(a.folder, "state", "state.db"), { readOnly: true });
  await until(() => expect(state.prepare("SELECT count(*) AS count FROM presence").get()?.count).toBe(3));
  state.close();
  await kill(ofA.child);
  a.community.forgetState();
  ofA = await spawnGate(configFile);
  lines.listens("a", ofA.port);
  await online(a);
  expect(await tap(a, "wang-card")).toEqual(["opens", "rule-allows", "door-rule-waived"]);

  lines.heal();
  await until(() => expect(seen(sites)).toEqual(["3", "3", "3"]));
  expect(await tap(c, "wang-card")).toEqual(["refused", "anti-passback"]);
  expect(await tap(a, "chen-card")).toEqual(["refused", "anti-passback"]);

  // Killed with a command on its way: whatever became of it, it is not done again.
  await until(() => expect(a.door.releases.at(-1)).toBe(false));
  const releases = () => a.door.releases.filter((released) => released).length;
  const before = releases();
  const command = unlockOf("a");
  await a.community.sendCommand(command);
  await kill(ofA.child);
  a.community.forgetState();
  await spawnGate(configFile);
  await online(a);
  await a.community.sendCommand(command);
  const first = await until(() => {
    const result = a.community.results.at(-1);
    if (result === undefined) throw new Error("no result yet");
    return result.outcome;
  });
  expect(["done", "interrupted", "no-effect", "late"]).toContain(first);
  await until(() => expect(a.door.releases.at(-1)).toBe(false));
  const said = a.community.results.length;
  await a.community.sendCommand(command);
  await until(() => expect(a.community.results.length).toBeGreaterThan(said));
  expect(releases() - before).toBeLessThanOrEqual(1);
}, 240_000);
