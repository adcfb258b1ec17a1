import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Api,
  type CommunityServer,
  eventually,
  killRun,
  makeResident,
  makeSiteGate,
  makeSmallSite,
  processesOfRun,
  type SiteCard,
  type SiteDoor,
  type SiteGate,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import { seededRandom } from "@menshen/virtual-devices";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findLosses, type TapRecord } from "./harness/ledger.ts";
import { freePorts } from "./harness/ports.ts";
import { agreedChain, pseudonymUnder } from "./harness/pseudonyms.ts";
import { makeRun } from "./harness/run.ts";
import { lastSequenceOf, readDatabase, readJournal } from "./harness/stored.ts";

const KILLS = Number(process.env.LOSS_KILLS ?? "200");
const SEED = process.env.LOSS_SEED ?? String(randomInt(1_000_000));
const TAPS_PER_SECOND = 500;
const ACKNOWLEDGED_AT_LEAST = 250 * KILLS;
const GATES = 3;
const DOORS_PER_GATE = 14;
const CARDS = 60;
/** The gate acts on no card that the reader may have kept from before; so long after its return it has asked. */
const FIRST_POLLS_MS = 500;
/** osdp_LED: temporary control 2 shows a colour for a time, colours 1 and 2 are red and green. */
const SHOW_FOR_A_WHILE = 2;
const RED = 1;
const GREEN = 2;

/**
 * A door waits so long for the disk and then follows its decision: an entry that was late waits in memory, and the gate
 * says "journal degraded". What was answered sooner stands on the disk.
 */
const JOURNAL_BOUND_MS = 250;
/** A late entry is on the disk before this time has passed, or the gate is at fault. */
const LATE_ENTRY_MS = 2_000;

/** On average; so that 200 kills take some two minutes, and enough taps are acknowledged between them. */
const KILL_EVERY_MS = 600;
const VICTIMS = ["gate", "server", "postgres"] as const;

type Victim = (typeof VICTIMS)[number];

describe(`loss under kill -9 (seed ${SEED})`, () => {
  const { runId, stateDir } = makeRun("loss");
  const random = seededRandom(`loss/${SEED}`);
  const taps: TapRecord[] = [];
  /** Taps that a gate answered without waiting longer for its disk, latest last. */
  const lateTaps: { readonly gate: SiteGate; readonly tap: TapRecord; readonly answeredMs: number }[] = [];
  const killedMs = new Map<SiteGate, number>();
  let takenBack = 0;
  const kills: Record<Victim, number> = { gate: 0, server: 0, postgres: 0 };
  let ports: { http: number; gateTls: number; mqtt: number };
  let server: CommunityServer;
  let api: Api;
  let gates: SiteGate[];
  let cards: SiteCard[];
  /** People tap; services are started again when they end. */
  let tapsGoOn = true;
  let servicesRun = true;

  /** Starts a program again whenever it ends, as an operator's service manager does. */
  async function keepRunning(start: () => Promise<{ process: { ended: Promise<unknown> } }>): Promise<void> {
    while (servicesRun) {
      try {
        const { process } = await start();
        await process.ended;
      } catch {
        // It was killed while it started.
        await delay(50);
      }
    }
  }

  /** Taps at one door, one after the other, each until the reader shows that the door opens or the gate is gone. */
  async function tapAt(gate: SiteGate, index: number): Promise<void> {
    const door = gate.doors[index];
    if (door === undefined) throw new Error("no such door");
    let settle: ((acknowledged: boolean) => void) | undefined;
    door.onReaderEvent((event) => {
      if (event.kind === "link" && !event.link.secure) settle?.(false);
      if (event.kind !== "led") return;
      const { control, onColour } = event.control.temporary;
      if (control === SHOW_FOR_A_WHILE) settle?.(onColour === GREEN);
    });
    const periodMs = (1_000 * GATES * DOORS_PER_GATE) / TAPS_PER_SECOND;
    for (let turn = index; tapsGoOn; ) {
      const begin = performance.now();
      const card = cards[turn % cards.length];
      if (card === undefined) throw new Error("no cards");
      const tap: TapRecord = {
        accessPointId: door.accessPointId,
        credentialId: card.credential.id,
        acknowledged: false,
      };
      taps.push(tap);
      const answer = new Promise<boolean>((resolve) => {
        settle = resolve;
      });
      await door.reader.hold(card.card);
      tap.acknowledged = await answer;
      settle = undefined;
      const answeredMs = performance.now();
      if (tap.acknowledged && answeredMs - begin >= JOURNAL_BOUND_MS) {
        lateTaps.push({ gate, tap, answeredMs });
        // The answer may have been on its way when the gate was killed.
        if ((killedMs.get(gate) ?? 0) >= begin) takeBackLate(gate);
      }
      if (tap.acknowledged) turn++;
      else await untilGateIsBack(door);
      const restMs = periodMs - (performance.now() - begin);
      if (restMs > 0) await delay(restMs);
    }
  }

  async function untilGateIsBack({ reader }: SiteDoor): Promise<void> {
    while (tapsGoOn && !reader.link.secure) await delay(20);
    await delay(FIRST_POLLS_MS);
  }

  /** Each victim a third of the times, in an order that the seed gives. */
  function victims(): Victim[] {
    const all = Array.from({ length: KILLS }, (_, index) => VICTIMS[index % VICTIMS.length] ?? "gate");
    for (let left = all.length - 1; left > 0; left--) {
      const other = Math.floor(random.next() * (left + 1));
      const [a, b] = [all[left], all[other]];
      if (a !== undefined && b !== undefined) [all[left], all[other]] = [b, a];
    }
    return all;
  }

  function killed(victim: Victim): boolean {
    const pid = processOf(victim);
    try {
      if (pid === undefined) return false;
      const command = processesOfRun(runId).find((one) => one.pid === pid)?.command ?? "";
      process.kill(pid, "SIGKILL");
      kills[victim]++;
      const gate = gates.find(({ configFile }) => command.includes(configFile));
      if (victim === "gate" && gate !== undefined) {
        killedMs.set(gate, performance.now());
        takeBackLate(gate);
      }
      return true;
    } catch {
      // It ended by itself in this moment: not a kill.
      return false;
    }
  }

  /** What a killed gate had answered late may have been in its memory only. */
  function takeBackLate(gate: SiteGate): void {
    const sinceMs = (killedMs.get(gate) ?? 0) - LATE_ENTRY_MS;
    for (const late of lateTaps) {
      if (late.gate !== gate || late.answeredMs < sinceMs || !late.tap.acknowledged) continue;
      late.tap.acknowledged = false;
      takenBack++;
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
    tapsGoOn = false;
    servicesRun = false;
    killRun(runId);
    for (const gate of gates ?? []) for (const door of gate.doors) await door.close();
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
      // A lamp that is red says: locked, and there are rules to decide by.
      await eventually("every door is ready", 60_000, () =>
        gates.every((gate) => gate.doors.every(({ reader }) => reader.lamp.colour === RED)),
      );
      // From then on the key stays: entries are told apart by it.
      await eventually("the gates agree on a pseudonym key", 60_000, () => agreedChain(gates) !== undefined);
      const begin = performance.now();
      await delay(FIRST_POLLS_MS);
      const tapping = gates.flatMap((gate) => gate.doors.map((_, index) => tapAt(gate, index)));

      const waiting = victims();
      while (waiting.length > 0) {
        await delay(KILL_EVERY_MS * (0.3 + 1.4 * random.next()));
        // Nobody waits for a restart: who is not there yet has his turn later.
        const index = waiting.findIndex((victim) => processOf(victim) !== undefined);
        const [victim] = index < 0 ? [] : waiting.splice(index, 1);
        if (victim !== undefined && !killed(victim)) waiting.push(victim);
      }
      const acknowledged = () => taps.filter((tap) => tap.acknowledged).length;
      await eventually(
        "enough taps are acknowledged",
        600_000,
        () => acknowledged() >= ACKNOWLEDGED_AT_LEAST,
      );
      const seconds = (performance.now() - begin) / 1_000;
      tapsGoOn = false;
      await Promise.all(tapping);

      let arrival = "nothing asked yet";
      const arrived = eventually("every event has arrived", 60_000, async () => {
        try {
          for (const gate of gates) {
            const response = await fetch(
              `http://localhost:${ports.http}/api/v1/gates/${gate.gateId}/status`,
              {
                headers: { cookie: api.cookie() },
              },
            );
            if (!response.ok) {
              arrival = `the server answers ${response.status}`;
              return false;
            }
            const { journal } = (await response.json()) as { journal: { lastSequence: number } };
            arrival = `${journal.lastSequence} of ${lastSequenceOf(gate)} of ${gate.gateId}`;
            if (journal.lastSequence < lastSequenceOf(gate)) return false;
          }
          return true;
        } catch (fault) {
          arrival = String(fault);
          return false;
        }
      });
      await arrived.catch((fault: unknown) => {
        throw new Error(arrival, { cause: fault });
      });
      servicesRun = false;
      killRun(runId);
      await Promise.all(services);

      const journals = gates.map(readJournal);
      const { stored, credentialKeys } = await readDatabase(join(stateDir, "community"));
      const chain = agreedChain(gates);
      if (chain === undefined) throw new Error("the gates do not agree on a pseudonym key any more");
      const pseudonyms = new Map(
        [...credentialKeys].map(([id, key]) => [id, pseudonymUnder(chain.key, key)]),
      );
      process.stdout.write(
        `loss: seed ${SEED}, ${seconds.toFixed(0)} s, kills ${JSON.stringify(kills)}, ${taps.length} taps, ` +
          `${acknowledged()} acknowledged, ${takenBack} answered late before a kill, ${stored.length} stored\n`,
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
