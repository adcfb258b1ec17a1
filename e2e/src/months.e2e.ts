import { join } from "node:path";
import { toHex } from "@menshen/crypto/node";
import {
  type Api,
  type CommunityServer,
  eventually,
  type GateProcess,
  isCurrent,
  type SiteDoor,
  signIn,
  startCommunity,
  startGate,
} from "@menshen/testkit/system";
import { seededRandom } from "@menshen/virtual-devices";
import { decodeJournalEntry, gateEndpoints } from "@menshen/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DrivenClock, driveClock } from "./harness/driven-clock.ts";
import type { JournalCopy } from "./harness/ledger.ts";
import { freePorts } from "./harness/ports.ts";
import { agreedChain, astrayKeyUnder, type GateChain, keyIn, pseudonymUnder } from "./harness/pseudonyms.ts";
import { endInOrder, makeRun } from "./harness/run.ts";
import { shiftedTime } from "./harness/shifted-time.ts";
import {
  findDifferences,
  firstSequenceOf,
  lastSequenceOf,
  readDatabase,
  readJournal,
} from "./harness/stored.ts";
import {
  doorNameOf,
  type MonthsCard,
  type MonthsSite,
  makeMonthsSite,
  revokeCards,
} from "./months/months-site.ts";
import { type Expectation, loadMonthsTable, type MonthsTable } from "./months/table.ts";

const TAPS = Number(process.env.MONTHS_TAPS ?? "100000");
const SEED = process.env.MONTHS_SEED ?? "120-days";
const DOORS_PER_GATE = 8;
const RANDOM_MOMENTS_A_DAY = 4;
const DAY_MS = 86_400_000;
/** Two gates, one clock fast and one slow. */
const GATES = [
  { name: "fast", driftMsPerDay: 5_000 },
  { name: "slow", driftMsPerDay: -5_000 },
] as const;
/** docs: the gate holds its oscillator to be right within 100 parts per million, on top of being 58 wrong. */
const DOUBT_PPM = 100 + 58;
const DOUBT_FLOOR_MS = 2_000;
/** In the first days the doubt is too small to be hit by a clock that is set in steps. */
const FIRST_EDGE_DAY = 2;
/** Taps on their way at one reader; the next card is held when a person before has their answer. */
const IN_HAND = 6;

/** Reasons by which the register would name a holder: such entries carry no pseudonym, but those of a lost card one of their own. */
const SINGLING_OUT = [
  ...["credential-unknown", "credential-blocked", "credential-expired", "credential-not-yet-valid"],
  ...["rule-expired", "rule-not-yet-valid"],
];

interface Tap {
  readonly atMs: number;
  readonly card: MonthsCard;
  readonly expected: Expectation;
}

describe("months without a network", () => {
  const { runId, stateDir } = makeRun("months");
  const random = seededRandom(`months/${SEED}`);
  const clockSocketOf = (name: string) => join(stateDir, `${name}.clock`);
  const taps = new Map<string, Tap[]>();
  let ports: { http: number; gateTls: number; mqtt: number };
  let server: CommunityServer;
  let api: Api;
  let table: MonthsTable;
  let site: MonthsSite;
  let clocks: readonly DrivenClock[];
  const gateProcesses: GateProcess[] = [];
  const lastOfCut = new Map<string, number>();
  /** Each journal from its first entry on, also what the gate has forgotten since. */
  const wholeJournals = new Map<string, JournalCopy>();
  const noteJournals = () => {
    for (const gate of site.gates) {
      const now = readJournal(gate);
      const first = now.entries[0]?.sequence ?? 0;
      const before = wholeJournals.get(gate.gateId)?.entries ?? [];
      const entries = [...before.filter(({ sequence }) => sequence < first), ...now.entries];
      wholeJournals.set(gate.gateId, { gateId: gate.gateId, entries });
    }
  };
  let firstCertificates: readonly number[];
  let chain: GateChain | undefined;
  let cutMs: number;
  let endMs: number;

  const statusOf = (gateId: string) => api.call(gateEndpoints.status, { params: { id: gateId } });
  const moveAll = (trueMs: number) => Promise.all(clocks.map((clock) => clock.moveTo(trueMs)));
  const followAll = (trueNow: () => number) => {
    const stops = clocks.map((clock) => clock.follow(trueNow));
    return async () => void (await Promise.all(stops.map((stop) => stop())));
  };
  const certificateEnds = async () => {
    const all = await Promise.all(site.gates.map(({ gateId }) => statusOf(gateId)));
    return all.map(({ gate }) => gate.certificateUntil ?? 0);
  };
  const areCurrent = async () => {
    const all = await Promise.all(site.gates.map(({ gateId }) => statusOf(gateId)));
    return all.every(isCurrent);
  };

  beforeAll(async () => {
    const [http, gateTls, mqtt] = await freePorts(3);
    if (http === undefined || gateTls === undefined || mqtt === undefined) throw new Error("no free ports");
    ports = { http, gateTls, mqtt };
    server = await startCommunity({ runId, stateDir, ports });
    api = await signIn(server.signInLink);
    const beganMs = Date.now();
    table = loadMonthsTable(beganMs);
    site = await makeMonthsSite({
      api,
      server,
      table,
      stateDir,
      gates: GATES.map(({ name }) => ({ name, clockSocket: clockSocketOf(name) })),
      doorsPerGate: DOORS_PER_GATE,
    });
    clocks = GATES.map(({ name, driftMsPerDay }) =>
      driveClock({ socket: clockSocketOf(name), trueMs: beganMs, driftMsPerDay }),
    );
    const stopFollowing = followAll(() => Date.now());
    for (const { configFile } of site.gates) gateProcesses.push(await startGate({ runId, configFile }));
    await eventually("every door is ready", 60_000, () =>
      site.gates.every((gate) =>
        gate.doors.every(({ reader, unit }) => reader.link.secure && unit.link.secure),
      ),
    );
    await eventually("the gates have their rules and keys", 30_000, areCurrent);
    await revokeCards(api, site.cards);
    await eventually("the gates have the revocations", 10_000, areCurrent);
    await eventually("the gates agree on a pseudonym key", 30_000, () => {
      chain = agreedChain(site.gates);
      return chain !== undefined;
    });
    firstCertificates = await certificateEnds();
    await stopFollowing();
    cutMs = Date.now();
    await moveAll(cutMs);
    server.process.child.kill("SIGTERM");
    await server.process.ended;
    noteJournals();
  });

  afterAll(async () => {
    for (const clock of clocks ?? []) clock.close();
    await endInOrder(...gateProcesses, server);
    for (const gate of site?.gates ?? []) for (const door of gate.doors) await door.close();
  });

  /** Moments of a day at which people come: some anywhere, and one at a change of a schedule or date. */
  function momentsOf(day: number): readonly number[] {
    const edges = table.edgesOf(day);
    const doubtMs = DOUBT_FLOOR_MS + ((day + 1) * DAY_MS * DOUBT_PPM) / 1_000_000;
    const moments: number[] = [];
    while (moments.length < RANDOM_MOMENTS_A_DAY) {
      const atMs = Math.floor(table.at(day, random.next() * 1_440));
      if (edges.every((edge) => Math.abs(edge - atMs) > doubtMs)) moments.push(atMs);
    }
    const edge = edges[day % Math.max(1, edges.length)];
    if (edge !== undefined && day >= FIRST_EDGE_DAY) moments.push(edge);
    for (const { from, until, ruleUntil } of Object.values(table.file.cards)) {
      const moment = from ?? until ?? ruleUntil;
      if (moment?.day === day) moments.push(table.momentOf(moment));
    }
    return [...new Set(moments)].sort((a, b) => a - b);
  }

  /** Holds cards to one reader, each when there is room, until all have been answered by lamp and sound. */
  async function present(door: SiteDoor, queue: readonly Tap[]): Promise<void> {
    const seen = taps.get(door.accessPointId) ?? [];
    taps.set(door.accessPointId, seen);
    const counter = answers.get(door.accessPointId);
    if (counter === undefined) throw new Error("a door without a lamp");
    for (const [index, tap] of queue.entries()) {
      await counter.until(seen.length - IN_HAND + 1);
      seen.push(tap);
      await door.reader.hold(tap.card.card);
      if (index === queue.length - 1) await counter.until(seen.length);
    }
  }
  const answers = new Map<string, AnswerCounter>();

  it(
    "decides every tap as the table says",
    async () => {
      for (const gate of site.gates) {
        for (const door of gate.doors) answers.set(door.accessPointId, countAnswers(door));
      }
      const moments = Array.from({ length: table.days - 1 }, (_, index) => momentsOf(index + 1)).flat();
      const doors = site.gates.flatMap((gate) =>
        gate.doors.map((door, index) => ({ door, name: doorNameOf(index) })),
      );
      const perMoment = TAPS / moments.length / doors.length;
      const begin = performance.now();
      let given = 0;
      for (const [step, atMs] of moments.entries()) {
        await moveAll(atMs);
        const share = Math.ceil((step + 1) * perMoment) - Math.ceil(step * perMoment);
        given += share * doors.length;
        await Promise.all(
          doors.map(({ door, name }) =>
            present(
              door,
              Array.from({ length: share }, () => {
                const card = site.cards[Math.floor(random.next() * site.cards.length)];
                if (card === undefined) throw new Error("no cards");
                return { atMs, card, expected: table.expect(card.name, name, atMs) };
              }),
            ),
          ),
        );
      }
      const seconds = (performance.now() - begin) / 1_000;
      process.stdout.write(
        `months: ${given} taps in ${moments.length} moments, ${seconds.toFixed(0)} s, ${(given / seconds).toFixed(0)} a second\n`,
      );
      expect(given).toBeGreaterThanOrEqual(TAPS);
      endMs = table.at(table.days, 12 * 60);
      await moveAll(endMs);
    },
    120_000 + TAPS * 12,
  );

  it("comes back with a new certificate and brings every event in order", { timeout: 180_000 }, async () => {
    for (const gate of site.gates) lastOfCut.set(gate.gateId, lastSequenceOf(gate));
    noteJournals();
    const offsetMs = endMs - Date.now();
    server = await startCommunity({ runId, stateDir, ports, env: shiftedTime(offsetMs) });
    const stopFollowing = followAll(() => Date.now() + offsetMs);
    api = await signIn(server.signInLink);
    await eventually("both gates are back and their journals stored", 120_000, async () => {
      const all = await Promise.all(site.gates.map(({ gateId }) => statusOf(gateId)));
      return all.every(({ gate, journal }, index) => {
        const own = site.gates[index];
        if (own === undefined || gate.link !== "online") return false;
        return journal.gaps.length === 0 && !journal.forked && journal.lastSequence === lastSequenceOf(own);
      });
    });
    // What the server has and no custodian can open any more is forgotten at the gates, without being asked.
    await eventually("the gates forget by time", 30_000, () =>
      site.gates.every((gate) => firstSequenceOf(gate) > 1),
    );
    // 90 days from enrolment are over long before the end of the cut, and new ones begin with the return.
    for (const endsMs of firstCertificates)
      expect(Math.abs(endsMs - cutMs - 90 * DAY_MS)).toBeLessThan(DAY_MS);
    for (const endsMs of await certificateEnds()) expect(endsMs).toBeGreaterThan(endMs + 89 * DAY_MS);
    await stopFollowing();
    for (const gate of gateProcesses) {
      gate.process.child.kill("SIGTERM");
      await gate.process.ended;
    }
    gateProcesses.length = 0;
    server.process.child.kill("SIGTERM");
    await server.process.ended;
  });

  it("recorded each decision as the table says, within the time it stated", async () => {
    const { stored, credentialKeys } = await readDatabase(join(stateDir, "community"));
    const findings: string[] = [];
    let compared = 0;
    noteJournals();
    for (const gate of site.gates) {
      const journal = wholeJournals.get(gate.gateId) ?? readJournal(gate);
      findings.push(
        ...findDifferences(journal, stored, lastOfCut.get(gate.gateId) ?? Number.MAX_SAFE_INTEGER),
      );
      const recorded = new Map<string, ReturnType<typeof accessOf>[]>();
      for (const { entry } of journal.entries) {
        const access = accessOf(entry);
        if (access === undefined) continue;
        const list = recorded.get(access.body.accessPointId) ?? [];
        recorded.set(access.body.accessPointId, list);
        list.push(access);
      }
      for (const [index, { accessPointId }] of gate.doors.entries()) {
        const expected = taps.get(accessPointId) ?? [];
        const found = recorded.get(accessPointId) ?? [];
        if (found.length !== expected.length) {
          findings.push(`${expected.length} taps at a door, ${found.length} entries`);
          continue;
        }
        for (const [position, tap] of expected.entries()) {
          const access = found[position];
          compared += 1;
          if (access === undefined) continue;
          findings.push(...findWrong(tap, access, credentialKeys, doorNameOf(index)));
          // The comparison itself: had the table said anything else, it would be found.
          const { granted, reasons } = tap.expected;
          for (const other of [
            { granted: !granted, reasons },
            { granted, reasons: [...reasons, "portal-locked"] },
          ]) {
            const found = findWrong({ ...tap, expected: other }, access, credentialKeys, "").length;
            if (found === 0) findings.push("the comparison finds nothing");
          }
          if (findings.length > 20) break;
        }
      }
    }
    expect(findings).toEqual([]);
    expect(compared).toBeGreaterThanOrEqual(TAPS);
    process.stdout.write(
      `months: ${table.rowsUsed()} of ${table.file.outcomes.length} rows of the table met\n`,
    );
  });

  const keys = new Map<number, Uint8Array>();
  /** Four weeks after four weeks, from the key that the gates agreed on before the cut. */
  function pseudonymIn(epoch: number, credentialKey: Uint8Array, isAstray: boolean): string | undefined {
    if (chain === undefined || epoch < chain.epoch) return undefined;
    const key = keys.get(epoch) ?? keyIn(chain, epoch);
    keys.set(epoch, key);
    return pseudonymUnder(isAstray ? astrayKeyUnder(key) : key, credentialKey);
  }

  /** What is wrong with an entry, beside what the table says of the tap. */
  function findWrong(
    { atMs, card, expected }: Tap,
    access: NonNullable<ReturnType<typeof accessOf>>,
    credentialKeys: ReadonlyMap<string, Uint8Array>,
    door: string,
  ): string[] {
    const { body, earliest, latest } = access;
    const what = `${card.name} at ${door}, ${new Date(atMs).toISOString()}`;
    const wrong: string[] = [];
    const codes = body.reasons.map(({ code }) => code).join();
    if (body.granted !== expected.granted || codes !== expected.reasons.join()) {
      wrong.push(`${what}: expected ${expected.reasons.join()}, came ${codes}`);
    }
    if (body.lockDriven !== (expected.reasons[0] === "rule-allows")) {
      wrong.push(`${what}: the lock was ${body.lockDriven ? "" : "not "}driven`);
    }
    const known = card.credentialId === undefined ? undefined : credentialKeys.get(card.credentialId);
    const isAstray = body.reasons.some((reason) => reason.code === "credential-blocked" && reason.astray);
    if (isAstray !== (card.name === "lost" && codes.includes("credential-blocked"))) {
      wrong.push(`${what}: ${isAstray ? "" : "not "}told to be of a lost card`);
    }
    if (known === undefined || (!isAstray && SINGLING_OUT.some((code) => codes.includes(code)))) {
      if (body.pseudonym !== undefined) wrong.push(`${what}: a pseudonym for what singles somebody out`);
    } else if (pseudonymIn(body.epoch ?? 0, known, isAstray) !== toHex(body.pseudonym ?? new Uint8Array())) {
      wrong.push(`${what}: another card's pseudonym`);
    }
    const doubtMs = DOUBT_FLOOR_MS + ((atMs - cutMs) * DOUBT_PPM) / 1_000_000;
    if (
      earliest > atMs + DOUBT_FLOOR_MS ||
      latest < atMs - DOUBT_FLOOR_MS ||
      latest - earliest > 2 * doubtMs
    ) {
      wrong.push(`${what}: ${atMs - earliest} ms after the earliest, ${latest - atMs} ms before the latest`);
    }
    return wrong;
  }
});

function accessOf(bytes: Uint8Array) {
  const entry = decodeJournalEntry(bytes);
  return entry.kind === "access" ? entry : undefined;
}

/** How often a reader has told an outcome; granted and refused set the lamp for a while, nothing else here does. */
interface AnswerCounter {
  /** Resolves when that many taps were answered. */
  until(count: number): Promise<void>;
}

const PATIENCE_MS = 30_000;

function countAnswers(door: SiteDoor): AnswerCounter {
  let count = 0;
  let waiting: { readonly count: number; readonly resolve: () => void } | undefined;
  door.onReaderEvent((event) => {
    if (event.kind !== "led" || event.control.temporary.control !== 2) return;
    count += 1;
    if (waiting !== undefined && count >= waiting.count) waiting.resolve();
  });
  return {
    async until(wanted) {
      if (count >= wanted) return;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${count} of ${wanted} taps at a reader were answered`)),
          PATIENCE_MS,
        );
        waiting = {
          count: wanted,
          resolve() {
            clearTimeout(timer);
            waiting = undefined;
            resolve();
          },
        };
      });
    },
  };
}
