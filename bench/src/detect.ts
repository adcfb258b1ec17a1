import { type DetectionInput, type DoorMap, makeDetector, parseDoors, parseEvent } from "@menshen/detection";
import { seededRandom, simulateCommunity } from "@menshen/virtual-devices";
import { median, type Result, rounded } from "./result.ts";

const ROUNDS = 5;
const RATE_TARGET = 1_000_000;
const BYTES_TARGET = 128;
const MANY_TARGET_BYTES = 1.5 * 2 ** 30;
const ONE_CARD_EVENTS = 10_000_000;
const BUILDINGS = 200;
const MORNING = Date.UTC(2026, 2, 2);

/** The engine alone: events already parsed, one thread, rates for each second of processor time. */
export function benchDetect(): Result[] {
  const { doors, events } = simulatedEvents();
  let cases = 0;
  const judgeAll = () => {
    cases = 0;
    const detector = makeDetector({ doors, onCase: () => cases++, onEarly: () => undefined });
    // By number: an iterator would allocate for each event, which is not the engine's.
    for (let index = 0; index < events.length; index++) {
      const event = events[index];
      if (event !== undefined) detector.take(event);
    }
    detector.finish();
    return events.length;
  };
  // An engine runs for months: what its first half second costs, until it is compiled, is no part of its rate.
  judgeAll();
  const rates = Array.from({ length: ROUNDS }, () => rateOf(judgeAll));
  const wanted = Number(process.env.BENCH_CREDENTIALS ?? 1_000_000);
  const many = manyCredentials(wanted);
  const one = oneCard();
  return [
    {
      id: "detect.events_per_s",
      value: rounded(median(rates)),
      unit: "1/s",
      better: "higher",
      target: RATE_TARGET,
      note:
        `${events.length} events of 2,000 cards over 60 days of a simulated city, read and checked before, in the order of arrival, all rules, the early look on; ` +
        `${cases} cases; a second of processor time, collector included; after one round to warm up, median of ${ROUNDS}, best ${rounded(Math.max(...rates))}`,
    },
    {
      id: "detect.bytes_per_credential",
      value: rounded(many.bytes / many.credentials),
      unit: "B",
      better: "lower",
      target: BYTES_TARGET,
      note: `${many.credentials} credentials, each used; rows and slots, without the events that wait`,
    },
    {
      id: "detect.state_10m_bytes",
      value: rounded(many.bytes * (10_000_000 / many.credentials)),
      unit: "B",
      better: "lower",
      target: MANY_TARGET_BYTES,
      note:
        many.credentials === 10_000_000
          ? `measured; resident memory grew by ${rounded(many.residentBytes)} B`
          : `from ${many.credentials} credentials, whose resident memory grew by ${rounded(many.residentBytes)} B; BENCH_CREDENTIALS=10000000 measures them`,
    },
    {
      id: "detect.one_card_per_s",
      value: rounded(one.rate),
      unit: "1/s",
      better: "higher",
      note: `${ONE_CARD_EVENTS} uses of one card within ten days: ${one.credentials} record, ${rounded(one.heldBytes)} B of events that waited`,
    },
  ];
}

/**
 * Events as whoever feeds the engine makes them: read and checked, all fields of each. What they were made from is let go:
 * the collector would go through it while the engine is measured.
 */
function simulatedEvents(): { readonly doors: DoorMap; readonly events: readonly DetectionInput[] } {
  const city = simulateCommunity({ seed: "bench", cards: 2_000, days: 60 });
  const parsed = parseDoors(city.doors);
  if (!parsed.ok) throw new Error("the doors of the simulated city are faulty");
  const events = city.events.map((event): DetectionInput => {
    const read = parseEvent(event);
    if (!read.ok) throw new Error(`an event of the simulated city: ${read.fault.code} ${read.fault.field}`);
    return read.input;
  });
  return { doors: parsed.doors, events };
}

/** Calls `act`, which answers how many events it judged. */
function rateOf(act: () => number): number {
  const begin = process.cpuUsage();
  const events = act();
  const { user, system } = process.cpuUsage(begin);
  return events / ((user + system) / 1_000_000);
}

function manyCredentials(count: number) {
  const doors = manyBuildings();
  const before = process.memoryUsage().rss;
  const detector = makeDetector({
    doors,
    settings: { maxCredentials: count, lateHours: 0, maxHeldEvents: 100_000 },
    onCase: () => undefined,
  });
  const random = seededRandom("bench");
  for (let index = 0; index < count; index++) {
    const house = random.integer(BUILDINGS);
    detector.take({
      at: MORNING + index * 10,
      gate: `house-${house}`,
      accessPoint: `house-${house}-in`,
      // As long as a pseudonym, and different in its first digits too.
      credential: (Math.imul(index, 0x9e3779b1) >>> 0).toString(16).padStart(32, "0"),
      kind: "uid",
      result: "granted",
      ...(index % 2 === 0 ? { counter: index } : {}),
    });
  }
  detector.finish();
  return {
    credentials: detector.credentials,
    bytes: detector.stateBytes(),
    residentBytes: process.memoryUsage().rss - before,
  };
}

function manyBuildings(): DoorMap {
  const ids = Array.from({ length: BUILDINGS }, (_, index) => `house-${index}`);
  const parsed = parseDoors({
    version: 1,
    gates: ids.map((id) => ({ id })),
    accessPoints: ids.map((id) => ({ id: `${id}-in`, gate: id, from: "site", to: id })),
  });
  if (!parsed.ok) throw new Error("the doors of the measurement are faulty");
  return parsed.doors;
}

/** What a broken reader does: one card, again and again. */
function oneCard() {
  const doors = manyBuildings();
  const detector = makeDetector({ doors, onCase: () => undefined, onEarly: () => undefined });
  let heldBytes = 0;
  const rate = rateOf(() => {
    for (let index = 0; index < ONE_CARD_EVENTS; index++) {
      const at = MORNING + index * 86;
      detector.take({
        ...{ at, receivedAt: at + 500, gate: "house-0", accessPoint: "house-0-in", credential: "card" },
        ...{ kind: "uid", sequence: index, result: "granted" },
      });
      if (index % 100_000 === 0) heldBytes = Math.max(heldBytes, detector.heldBytes());
    }
    detector.finish();
    return ONE_CARD_EVENTS;
  });
  return { rate, heldBytes, credentials: detector.credentials };
}
