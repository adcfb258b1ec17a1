import { randomInt, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { toHex } from "@menshen/crypto/node";
import { makeLogger, startPostgres } from "@menshen/service-kit";
import { seededRandom } from "@menshen/virtual-devices";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Api, signIn } from "./harness/api.ts";
import { findLosses, type JournalCopy, type StoredEvent, type TapRecord } from "./harness/ledger.ts";
import { freePorts } from "./harness/ports.ts";
import { eventually, killRun, processesOfRun } from "./harness/processes.ts";
import { type CommunityServer, startCommunity, startGate } from "./harness/servers.ts";
import { makeResident, makeSiteGate, makeSmallSite, type SiteCard, type SiteGate } from "./harness/site.ts";

const KILLS = Number(process.env.LOSS_KILLS ?? "200");
const SEED = process.env.LOSS_SEED ?? String(randomInt(1_000_000));
const TAPS_PER_SECOND = 500;
const ACKNOWLEDGED_AT_LEAST = 250 * KILLS;
const GATES = 3;
const DOORS_PER_GATE = 8;
const CARDS = 60;
/** A reader that shows nothing for this long is on a gate that is down: the tap counts as not acknowledged. */
const PATIENCE_MS = 1_500;

type Victim = "gate" | "server" | "postgres";

describe(`loss under kill -9 (seed ${SEED})`, () => {
  const runId = randomUUID();
  const stateDir = mkdtempSync(join(tmpdir(), "menshen-loss-"));
  const random = seededRandom(`loss/${SEED}`);
  const taps: TapRecord[] = [];
  const kills: Record<Victim, number> = { gate: 0, server: 0, postgres: 0 };
  let ports: { http: number; gateTls: number; mqtt: number };
  let server: CommunityServer;
  let api: Api;
  let gates: SiteGate[];
  let cards: SiteCard[];
  let running = true;

  /** Starts a program again whenever it ends, as an operator's service manager does. */
  async function keepRunning(start: () => Promise<{ process: { ended: Promise<unknown> } }>): Promise<void> {
    while (running) {
      try {
        const { process } = await start();
        await process.ended;
      } catch {
        // It was killed while it started.
        await delay(50);
      }
    }
  }

  /** Taps at one door, one after the other, each until the reader shows an outcome. */
  async function tapAt(gate: SiteGate, index: number): Promise<void> {
    const door = gate.doors[index];
    if (door === undefined) throw new Error("no such door");
    let answered: (() => void) | undefined;
    door.onReaderEvent((event) => {
      if (event.kind === "led" && event.control.temporary.control === 2) answered?.();
    });
    const periodMs = (1_000 * GATES * DOORS_PER_GATE) / TAPS_PER_SECOND;
    for (let turn = index; running; turn++) {
      const begin = performance.now();
      const card = cards[turn % cards.length];
      if (card === undefined) throw new Error("no cards");
      if (!door.reader.link.secure) {
        await delay(20);
        continue;
      }
      const tap: TapRecord = {
        accessPointId: door.accessPointId,
        credentialId: card.credential.id,
        acknowledged: false,
      };
      taps.push(tap);
      const answer = new Promise<boolean>((resolve) => {
        answered = () => resolve(true);
        setTimeout(() => resolve(false), PATIENCE_MS).unref();
      });
      await door.reader.hold(card.card);
      tap.acknowledged = await answer;
      // A late answer must not be taken for the next tap's: after a missed one, let the link settle.
      if (!tap.acknowledged) await delay(PATIENCE_MS);
      const restMs = periodMs - (performance.now() - begin);
      if (restMs > 0) await delay(restMs);
    }
  }

  function processOf(victim: Victim): number | undefined {
    const processes = processesOfRun(runId);
    if (victim === "server")
      return processes.find(({ command }) => command.includes("apps/community/src/main.ts"))?.pid;
    if (victim === "gate") {
      const gatesNow = processes.filter(({ command }) => command.includes("apps/gate/src/main.ts"));
      return gatesNow[Math.floor(random.next() * gatesNow.length)]?.pid;
    }
    return processes.find(({ command }) => /\/postgres\b.* -D /.test(command))?.pid;
  }

  beforeAll(async () => {
    const [http, gateTls, mqtt] = await freePorts(3);
    if (http === undefined || gateTls === undefined || mqtt === undefined) throw new Error("no free ports");
    ports = { http, gateTls, mqtt };
    server = await startCommunity({ runId, stateDir, ports });
    if (server.signInLink === undefined) throw new Error("no sign-in link at a first start");
    api = await signIn(server.signInLink);
    const site = await makeSmallSite(api);
    gates = [];
    for (let index = 0; index < GATES; index++) {
      const dir = join(stateDir, `gate-${index}`);
      mkdirSync(dir);
      gates.push(
        await makeSiteGate({
          api,
          server,
          site,
          name: `控制器 ${index + 1}`,
          stateDir: dir,
          doorCount: DOORS_PER_GATE,
        }),
      );
    }
    cards = [];
    for (let index = 0; index < CARDS; index++)
      cards.push(await makeResident(api, site, `住户 ${index}`, "uid"));
  });

  afterAll(async () => {
    running = false;
    killRun(runId);
    for (const gate of gates ?? []) for (const door of gate.doors) await door.close();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it(
    "loses nothing acknowledged and doubles nothing",
    async () => {
      const services = [
        keepRunning(async () => {
          if (server.process.child.exitCode === null && server.process.child.signalCode === null)
            return server;
          server = await startCommunity({ runId, stateDir, ports });
          return server;
        }),
        ...gates.map((gate) => keepRunning(() => startGate({ runId, configFile: gate.configFile }))),
      ];
      await eventually("every door is ready", 60_000, () =>
        gates.every((gate) => gate.doors.every((door) => door.reader.link.secure)),
      );
      const begin = performance.now();
      const tapping = gates.flatMap((gate) => gate.doors.map((_, index) => tapAt(gate, index)));

      const least = Math.floor(KILLS / 4);
      while (
        kills.gate + kills.server + kills.postgres < KILLS ||
        Math.min(...Object.values(kills)) < least
      ) {
        await delay(300 + random.next() * 1_300);
        const wanted = (["gate", "server", "postgres"] as const)[Math.floor(random.next() * 3)] ?? "gate";
        const pid = processOf(wanted);
        if (pid === undefined) continue;
        try {
          process.kill(pid, "SIGKILL");
          kills[wanted]++;
        } catch {
          // It ended by itself in this moment: not a kill.
        }
      }
      const acknowledged = () => taps.filter((tap) => tap.acknowledged).length;
      await eventually(
        "enough taps are acknowledged",
        600_000,
        () => acknowledged() >= ACKNOWLEDGED_AT_LEAST,
      );
      const seconds = (performance.now() - begin) / 1_000;
      running = false;
      await Promise.all(tapping);
      running = true;

      await eventually("every event has arrived", 180_000, async () => {
        try {
          for (const gate of gates) {
            const response = await fetch(
              `http://localhost:${ports.http}/api/v1/gates/${gate.gateId}/status`,
              {
                headers: { cookie: api.cookie() },
              },
            );
            if (!response.ok) return false;
            const { journal } = (await response.json()) as { journal: { lastSequence: number } };
            if (journal.lastSequence < lastSequence(gate)) return false;
          }
          return true;
        } catch {
          return false;
        }
      });
      running = false;
      killRun(runId);
      await Promise.all(services);

      const journals = gates.map(journalOf);
      const { stored, pseudonyms } = await readDatabase(join(stateDir, "community"));
      process.stdout.write(
        `loss: seed ${SEED}, ${seconds.toFixed(0)} s, kills ${JSON.stringify(kills)}, ${taps.length} taps, ` +
          `${acknowledged()} acknowledged, ${stored.length} stored\n`,
      );
      expect(findLosses(taps, journals, stored, pseudonyms)).toEqual([]);
      expect(acknowledged()).toBeGreaterThanOrEqual(ACKNOWLEDGED_AT_LEAST);

      // The checker itself: a loss planted on either side is found, and so is a double.
      const victim = Math.floor(stored.length / 2);
      expect(findLosses(taps, journals, stored.toSpliced(victim, 1), pseudonyms)).not.toEqual([]);
      expect(
        findLosses(taps, journals, [...stored, ...stored.slice(victim, victim + 1)], pseudonyms),
      ).not.toEqual([]);
      const [first, ...others] = journals;
      if (first === undefined) throw new Error("no journals");
      const shortened = { ...first, entries: first.entries.slice(0, -50) };
      expect(findLosses(taps, [shortened, ...others], stored, pseudonyms)).not.toEqual([]);
    },
    // Kills at about one a second, then the rest of the taps, then the uploads.
    120_000 + KILLS * 6_000,
  );
});

function openJournal(gate: SiteGate): DatabaseSync {
  return new DatabaseSync(join(gate.stateDir, "state", "journal.db"), { readOnly: true });
}

function lastSequence(gate: SiteGate): number {
  const database = openJournal(gate);
  try {
    const row = database.prepare("select max(sequence) as last from journal").get();
    return Number(row?.last ?? 0);
  } finally {
    database.close();
  }
}

function journalOf(gate: SiteGate): JournalCopy {
  const database = openJournal(gate);
  try {
    const rows = database.prepare("select sequence, entry, hash from journal order by sequence").all();
    return {
      gateId: gate.gateId,
      entries: rows.map((row) => {
        const { entry, hash } = row;
        if (!(entry instanceof Uint8Array) || !(hash instanceof Uint8Array))
          throw new Error("not a journal row");
        return { sequence: Number(row.sequence), entry, hash };
      }),
    };
  } finally {
    database.close();
  }
}

interface DatabaseCopy {
  readonly stored: readonly StoredEvent[];
  readonly pseudonyms: ReadonlyMap<string, string>;
}

async function readDatabase(stateDirectory: string): Promise<DatabaseCopy> {
  const postgres = await startPostgres({
    stateDirectory,
    logger: makeLogger({ app: "loss-test", level: "error" }),
  });
  const client = new pg.Client({ ...postgres.connection });
  await client.connect();
  try {
    const events = await client.query<{ gate_id: string; sequence: string; entry: Buffer }>(
      "select gate_id, sequence, entry from event",
    );
    const links = await client.query<{ pseudonym: Buffer; credential_id: string }>(
      "select pseudonym, credential_id from credential_pseudonym",
    );
    return {
      stored: events.rows.map((row) => ({
        gateId: row.gate_id,
        sequence: Number(row.sequence),
        entry: new Uint8Array(row.entry),
      })),
      pseudonyms: new Map(links.rows.map((row) => [row.credential_id, toHex(row.pseudonym)])),
    };
  } finally {
    await client.end();
    await postgres.stop();
  }
}
