import { type Case, DEFAULT_SETTINGS, type Detector, type GateState, makeDetector } from "@menshen/detection";
import { epochAt, epochStart } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { Clock } from "../../clock.ts";
import { type Database, moment } from "../../database/database.ts";
import {
  EVENT_KIND_NUMBERS,
  type GateLink,
  type GateState as LinkedGate,
  type LiveMessage,
  readStoredEntry,
  type StoredEntries,
} from "../../gate-link/index.ts";
import { type FoundCase, markExplained, storeCases } from "./case-intake.ts";
import { detectionTap } from "./detection-event.ts";
import { type EngineInputs, makeEngineInputs } from "./engine-inputs.ts";
import { selectJudgedWith, updateJudgedWith } from "./settings.store.ts";

const HOUR_MS = 3_600_000;
const PAGE = 2_000;
/** Late records may come in one after the other: all that came in a minute are judged together. */
const ANEW_MS = 60_000;
const TICK_MS = 10_000;
/** A status report overtakes nothing, but the two clocks may round differently. */
const STATUS_MARGIN_MS = 1_000;
/** Rows that wait to be judged and need not be read from the database; those beyond are read from there. */
export const MOST_HANDED = 65_536;

/** What the engine knows of itself, for whoever wants to judge its word. */
export interface EngineState {
  /** Everything before this is judged, by the clock of the gates. */
  readonly judgedUntil: number | undefined;
  /** Gates whose silence holds `judgedUntil` back. */
  readonly waitingFor: readonly string[];
  readonly credentials: number;
  readonly stateBytes: number;
  readonly tooLate: number;
  readonly gates: readonly GateState[];
  /** How often its thread ended by itself and was started again since the server's start. */
  readonly restarts: number;
  readonly restartedAt?: number;
  /** Position up to which it took everything; undefined until it has been through all that is stored. */
  readonly takenUntil: number | undefined;
}

/** What the engine hears of while it runs. */
export type EngineNews =
  | Pick<Extract<LiveMessage, { type: "events" }>, "type" | "stored">
  | { readonly type: "gate" };

export interface DetectionEngine {
  /** Judges what is stored, then whatever comes. */
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  /** Resolves when all that is stored was taken, and every case of what could be judged stands in the database. */
  readonly settle: () => Promise<void>;
  readonly state: () => EngineState;
  /** Something changed that everything is to be judged by. */
  readonly nudge: () => void;
}

interface Run {
  readonly inputs: EngineInputs;
  readonly lateMs: number;
  readonly detector: Detector;
  readonly found: FoundCase[];
  /** Everything up to here was taken. */
  position: number;
  /** How much came too late by the end of the last whole judgement. */
  lateBefore: number;
}

export interface EngineDependencies {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "error">;
  readonly gateLink: Pick<GateLink, "readGates" | "lastPosition"> & {
    readonly onLive: (listener: (news: EngineNews) => void) => () => void;
  };
  /** Looks at the cases that stand; called after cases were stored, and from time to time. */
  readonly afterJudging?: () => Promise<void>;
  /** Told how far it is whenever it has caught up. `reviewed`: with what gates said, too. */
  readonly caughtUp?: (position: number, reviewed: boolean) => void;
}

/**
 * Feeds the detection engine with what is stored, in memory bounded by the credentials of two epochs.
 *
 * The engine's state is on no disk: it follows from the stored events, and after a start it is made again from the beginning of
 * the last epoch. INVARIANT: a case depends on what is stored and on nothing else, not on when it arrived nor on when this
 * process was killed; storing it twice is storing it once.
 */
export function makeDetectionEngine(dependencies: EngineDependencies): DetectionEngine {
  const { db, clock, logger, gateLink, afterJudging, caughtUp } = dependencies;
  const readInputs = makeEngineInputs(db, clock);
  /** What was stored since, as far as it was handed over. */
  const handed: StoredEntries[] = [];
  let handedRows = 0;
  const wanted = { work: false, review: false };
  /** What they said by the last review. Whatever they said then of what they have sent stays true. */
  let gates: readonly LinkedGate[] = [];
  let run: Run | undefined;
  let judgedUntil: number | undefined;
  let waitingFor: readonly string[] = [];
  let judgedAnewAt = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | undefined;
  let isStopped = false;
  let unsubscribe: (() => void) | undefined;
  let ticking: ReturnType<typeof setInterval> | undefined;

  /** @param isReview whether gates may have said something, or somebody have closed a case */
  async function work(isReview: boolean): Promise<void> {
    const now = clock.now();
    const inputs = await readInputs();
    // Before the last position: what is stored of a gate is all here before its word is taken that nothing else will come.
    if (isReview || run === undefined) gates = await gateLink.readGates();
    const doAnew = async (): Promise<Run> => {
      const fresh = begin(inputs);
      judgedAnewAt = now;
      await judgeAnew(fresh, now);
      return fresh;
    };
    if (run?.inputs !== inputs) run = await doAnew();
    const isSomeFound = await follow(run, isReview);
    const cameLate = run.detector.counts.tooLate > run.lateBefore;
    if (cameLate && now >= judgedAnewAt + ANEW_MS) run = await doAnew();
    if (isSomeFound || isReview) await afterJudging?.();
    caughtUp?.(run.position, isReview);
  }

  function begin(inputs: EngineInputs): Run {
    const { doors, tuned, grid } = inputs;
    const found: FoundCase[] = [];
    const keep = (one: Case) => void found.push({ found: one, epoch: epochAt(grid, one.at) ?? 1 });
    // What is certain is told before late gates were waited for; the case in order follows and is the same one here.
    const detector = makeDetector({ doors, settings: tuned, onCase: keep, onEarly: keep });
    const lateMs = (tuned.lateHours ?? DEFAULT_SETTINGS.lateHours) * HOUR_MS;
    return { inputs, lateMs, detector, found, position: 0, lateBefore: 0 };
  }

  /** All from the beginning of the last epoch on, in the order of their times. */
  async function judgeAnew(fresh: Run, now: number): Promise<void> {
    const { grid, key, reports } = fresh.inputs;
    const sinceEpoch = Math.max(1, (epochAt(grid, now) ?? 1) - 1);
    const all = new Set<string>();
    fresh.position = await gateLink.lastPosition();
    for await (const _page of takeStored(db, { ...fresh, reports }, epochStart(grid, sinceEpoch))) {
      if (isStopped) return;
      for (const { found } of fresh.found) all.add(found.credential);
      await store(fresh, now);
    }
    judgeUntilNow(fresh);
    for (const { found } of fresh.found) all.add(found.credential);
    await store(fresh, now);
    fresh.lateBefore = fresh.detector.counts.tooLate;
    // With other numbers or doors a case is not explained because they would not have raised it.
    if ((await selectJudgedWith(db)) === key) {
      await markExplained(db, { sinceEpoch, found: all, now });
    }
    await updateJudgedWith(db, key, now);
  }

  /** What was stored since. Answers whether any case came of it. */
  async function follow(current: Run, isReview: boolean): Promise<boolean> {
    let isSomeFound = await takeHanded(current);
    // What was handed over follows from what was taken, unless another process stores too or some was too much to hand over.
    if (!isReview && handed.length === 0) {
      judgeUntilNow(current);
      return (await store(current, clock.now())) || isSomeFound;
    }
    const last = await gateLink.lastPosition();
    while (current.position < last && !isStopped) {
      const until = Math.min(last, current.position + PAGE, (handed[0]?.firstPosition ?? last + 1) - 1);
      const rows = await db
        .selectFrom("event")
        .select(["position", "gate_id", "received_at", "entry"])
        .where("position", ">", current.position)
        .where("position", "<=", until)
        .where("kind", "=", EVENT_KIND_NUMBERS.access)
        .orderBy("position")
        .execute();
      for (const row of rows) take(current, row.gate_id, row.received_at, row.entry);
      current.position = until;
      if (await store(current, clock.now())) isSomeFound = true;
      if (await takeHanded(current)) isSomeFound = true;
    }
    judgeUntilNow(current);
    return (await store(current, clock.now())) || isSomeFound;
  }

  /** Takes what was handed over, as long as it follows from what was taken. Answers whether any case came of it. */
  async function takeHanded(current: Run): Promise<boolean> {
    let isSomeFound = false;
    for (;;) {
      const first = handed[0];
      if (first === undefined || first.firstPosition > current.position + 1 || isStopped) return isSomeFound;
      handed.shift();
      handedRows -= first.entries.length;
      const known = current.position + 1 - first.firstPosition;
      if (known >= first.entries.length) continue;
      for (const entry of first.entries.slice(known)) take(current, first.gateId, first.receivedAt, entry);
      current.position = first.firstPosition + first.entries.length - 1;
      if (await store(current, clock.now())) isSomeFound = true;
    }
  }

  /** Judges everything before which no gate can have anything any more. */
  function judgeUntilNow(current: Run): void {
    const mark = watermark(gates, clock.now(), current.lateMs);
    judgedUntil = mark.until;
    waitingFor = mark.waitingFor;
    current.detector.advance(mark.until + current.lateMs);
  }

  async function store(current: Run, now: number): Promise<boolean> {
    const found = current.found.splice(0);
    await storeCases(db, found, now);
    return found.length > 0;
  }

  function hear(news: EngineNews): void {
    if (news.type === "gate") {
      nudge();
      return;
    }
    for (const one of news.stored) {
      if (handedRows + one.entries.length > MOST_HANDED) {
        // From here on it is read from the database, up to where handing over begins again.
        wanted.review = true;
        break;
      }
      handed.push(one);
      handedRows += one.entries.length;
    }
    wanted.work = true;
    goOn();
  }

  function nudge(): void {
    wanted.review = true;
    goOn();
  }

  function goOn(): void {
    if (isStopped || working !== undefined) return;
    working = (async () => {
      while ((wanted.work || wanted.review) && !isStopped) {
        const isReview = wanted.review;
        wanted.work = false;
        wanted.review = false;
        await work(isReview);
      }
    })()
      .catch((error: unknown) => {
        // What was taken and not stored is judged again.
        run = undefined;
        logger.error({ error }, "events could not be judged; they are tried again");
      })
      .finally(() => {
        working = undefined;
      });
  }

  return {
    nudge,
    start() {
      unsubscribe = gateLink.onLive(hear);
      ticking = setInterval(nudge, TICK_MS);
      nudge();
    },
    async stop() {
      isStopped = true;
      unsubscribe?.();
      clearInterval(ticking);
      await working;
    },
    async settle() {
      while (working !== undefined) await working;
      const settling = work(true);
      working = settling
        .catch(() => {
          run = undefined;
        })
        .finally(() => {
          working = undefined;
          goOn();
        });
      await settling;
    },
    state: () => ({
      judgedUntil,
      waitingFor,
      credentials: run?.detector.credentials ?? 0,
      stateBytes: (run?.detector.stateBytes() ?? 0) + (run?.detector.heldBytes() ?? 0),
      tooLate: run?.detector.counts.tooLate ?? 0,
      gates: run?.detector.gateStates() ?? [],
      restarts: 0,
      takenUntil: run?.position,
    }),
  };
}

/** The engine and how it reads. */
type Taker = Pick<Run, "detector" | "lateMs">;

/**
 * Gives an engine all stored taps from a time on, up to a position, page by page, and reports among them when they were made;
 * yields the time of each page's last one.
 */
export async function* takeStored(
  db: Database,
  taker: Taker & Pick<Run, "position"> & Pick<EngineInputs, "reports">,
  from: number,
): AsyncGenerator<number> {
  let after = { at: from - 1, position: -1 };
  let reported = 0;
  const report = (until: number) => {
    for (;;) {
      const next = taker.reports[reported];
      if (next === undefined || next.at > until) return;
      reported += 1;
      if (next.at < from) continue;
      taker.detector.take(next);
    }
  };
  for (;;) {
    const rows = await db
      .selectFrom("event")
      .select(["position", "at", "gate_id", "received_at", "entry"])
      .where("at", ">=", moment(after.at))
      .where((eb) =>
        eb.or([
          eb("at", ">", moment(after.at)),
          eb.and([eb("at", "=", moment(after.at)), eb("position", ">", after.position)]),
        ]),
      )
      .where("position", "<=", taker.position)
      .where("kind", "=", EVENT_KIND_NUMBERS.access)
      .where("pseudonym", "is not", null)
      .orderBy("at")
      .orderBy("position")
      .limit(PAGE)
      .execute();
    for (const row of rows) {
      report(row.at);
      // In this order nothing earlier can follow.
      taker.detector.advance(row.at + taker.lateMs);
      take(taker, row.gate_id, row.received_at, row.entry);
    }
    const last = rows.at(-1);
    if (last !== undefined) {
      after = { at: last.at, position: last.position };
      yield last.at;
    }
    if (rows.length < PAGE) {
      report(Number.POSITIVE_INFINITY);
      return;
    }
  }
}

function take({ detector, lateMs }: Taker, gateId: string, receivedAt: number, entry: Uint8Array): void {
  const tap = detectionTap(gateId, readStoredEntry(entry), receivedAt, lateMs);
  if (tap === undefined) return;
  // The server's own clock stamped it: one event alone after a silence is believed.
  detector.advance(tap.event.receivedAt ?? tap.event.at);
  detector.take(tap.event);
}

/** What of a gate's state says how far its journal is here. */
export type WatchedGate = Pick<LinkedGate, "gateId" | "enrolment" | "lastSeenAt" | "statusAt" | "journal"> & {
  readonly status?: Pick<NonNullable<LinkedGate["status"]>, "earliest" | "journalBacklog">;
};

/**
 * Before which time no gate can have anything any more: each says in its status that nothing waits, and its clock does not
 * go back. A gate that is silent is waited for as long as the engine waits at all.
 */
export function watermark(
  gates: readonly WatchedGate[],
  now: number,
  lateMs: number,
): { readonly until: number; readonly waitingFor: readonly string[] } {
  const waitingFor: string[] = [];
  let until = now;
  for (const gate of gates) {
    if (gate.enrolment !== "enrolled" || gate.lastSeenAt === undefined) continue;
    const { status, statusAt, journal } = gate;
    const isComplete =
      status?.journalBacklog === 0 && journal.gaps.length === 0 && !journal.rereading && !journal.forked;
    const complete =
      isComplete && statusAt !== undefined ? Math.min(status.earliest, statusAt) - STATUS_MARGIN_MS : 0;
    if (complete < now - 2 * ANEW_MS) waitingFor.push(gate.gateId);
    until = Math.min(until, complete);
  }
  return { until: Math.max(until, now - lateMs), waitingFor };
}
