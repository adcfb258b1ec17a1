import { createHash } from "node:crypto";
import {
  type Case,
  DEFAULT_SETTINGS,
  type Detector,
  type EndReport,
  type GateState,
  makeDetector,
} from "@menshen/detection";
import { type EpochGrid, epochAt, epochStart } from "@menshen/domain";
import type { Logger } from "@menshen/service-kit";
import type { Clock } from "../../clock.ts";
import { type Database, moment } from "../../database/database.ts";
import {
  EVENT_KIND_NUMBERS,
  type GateLink,
  type GateState as LinkedGate,
  readStoredEntry,
} from "../../gate-link/index.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { type FoundCase, markExplained, storeCases } from "./case-intake.ts";
import { detectionTap } from "./detection-event.ts";
import { readDoorMap } from "./doors-document.ts";
import { selectEnds } from "./ends.store.ts";
import { selectJudgedWith, selectSettings, type Tuned, updateJudgedWith } from "./settings.store.ts";

const HOUR_MS = 3_600_000;
const PAGE = 2_000;
/** Late records may come in one after the other: all that came in a minute are judged together. */
const ANEW_MS = 60_000;
const TICK_MS = 10_000;
/** A status report overtakes nothing, but the two clocks may round differently. */
const STATUS_MARGIN_MS = 1_000;

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
}

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
  readonly key: string;
  readonly lateMs: number;
  readonly detector: Detector;
  readonly epochOf: (at: number) => number;
  readonly found: FoundCase[];
  /** Ends of cards, by their times. */
  readonly reports: readonly EndReport[];
  /** Everything up to here was taken. */
  position: number;
  /** How much came too late by the end of the last whole judgement. */
  lateBefore: number;
}

/**
 * Feeds the detection engine with what is stored, in memory bounded by the credentials of two epochs.
 *
 * The engine's state is on no disk: it follows from the stored events, and after a start it is made again from the beginning of
 * the last epoch. INVARIANT: a case depends on what is stored and on nothing else, not on when it arrived nor on when this
 * process was killed; storing it twice is storing it once.
 */
export function makeDetectionEngine(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateLink: Pick<GateLink, "onLive" | "readGates" | "lastPosition">;
  /** Looks at the cases that stand; called each time after events were judged. */
  readonly afterJudging?: () => Promise<void>;
}): DetectionEngine {
  const { db, clock, logger, gateLink, afterJudging } = dependencies;
  let run: Run | undefined;
  let judgedUntil: number | undefined;
  let waitingFor: readonly string[] = [];
  let judgedAnewAt = Number.NEGATIVE_INFINITY;
  let working: Promise<void> | undefined;
  let isAskedAgain = false;
  let isStopped = false;
  let unsubscribe: (() => void) | undefined;
  let ticking: ReturnType<typeof setInterval> | undefined;

  async function work(): Promise<void> {
    const now = clock.now();
    const grid = await selectEpochGrid(db);
    const { tuned } = await selectSettings(db);
    const known = await readDoorMap(db, grid, now);
    const reports = await selectEnds(db);
    const key = createHash("sha256")
      .update(`${known.text}\n${JSON.stringify(tuned)}\n${epochAt(grid, now) ?? 0}`)
      .update(JSON.stringify(reports))
      .digest("hex");
    const doAnew = async (): Promise<Run> => {
      const fresh = { ...begin(key, tuned, known.doors, grid), reports };
      judgedAnewAt = now;
      await judgeAnew(fresh, grid, now);
      return fresh;
    };
    if (run?.key !== key) run = await doAnew();
    await follow(run);
    const cameLate = run.detector.counts.tooLate > run.lateBefore;
    if (cameLate && now >= judgedAnewAt + ANEW_MS) run = await doAnew();
    await afterJudging?.();
  }

  function begin(
    key: string,
    tuned: Tuned,
    doors: Parameters<typeof makeDetector>[0]["doors"],
    grid: EpochGrid,
  ) {
    const found: FoundCase[] = [];
    const epochOf = (at: number) => epochAt(grid, at) ?? 1;
    const keep = (one: Case) => void found.push({ found: one, epoch: epochOf(one.at) });
    // What is certain is told before late gates were waited for; the case in order follows and is the same one here.
    const detector = makeDetector({ doors, settings: tuned, onCase: keep, onEarly: keep });
    const lateMs = (tuned.lateHours ?? DEFAULT_SETTINGS.lateHours) * HOUR_MS;
    return { key, lateMs, detector, epochOf, found, position: 0, lateBefore: 0 };
  }

  /** All from the beginning of the last epoch on, in the order of their times. */
  async function judgeAnew(fresh: Run, grid: EpochGrid, now: number): Promise<void> {
    const sinceEpoch = Math.max(1, (epochAt(grid, now) ?? 1) - 1);
    const all = new Set<string>();
    fresh.position = await gateLink.lastPosition();
    for await (const _page of takeStored(db, fresh, epochStart(grid, sinceEpoch))) {
      if (isStopped) return;
      for (const { found } of fresh.found) all.add(found.credential);
      await store(fresh, now);
    }
    await judgeUntilNow(fresh);
    for (const { found } of fresh.found) all.add(found.credential);
    await store(fresh, now);
    fresh.lateBefore = fresh.detector.counts.tooLate;
    // With other numbers or doors a case is not explained because they would not have raised it.
    if ((await selectJudgedWith(db)) === fresh.key) {
      await markExplained(db, { sinceEpoch, found: all, now });
    }
    await updateJudgedWith(db, fresh.key, now);
  }

  /** What was stored since. */
  async function follow(current: Run): Promise<void> {
    const last = await gateLink.lastPosition();
    while (current.position < last && !isStopped) {
      const rows = await db
        .selectFrom("event")
        .select(["position", "gate_id", "received_at", "entry"])
        .where("position", ">", current.position)
        .where("position", "<=", Math.min(last, current.position + PAGE))
        .where("kind", "=", EVENT_KIND_NUMBERS.access)
        .orderBy("position")
        .execute();
      for (const row of rows) take(current, row);
      current.position = Math.min(last, current.position + PAGE);
      await store(current, clock.now());
    }
    await judgeUntilNow(current);
    await store(current, clock.now());
  }

  /** Judges everything before which no gate can have anything any more. */
  async function judgeUntilNow(current: Run): Promise<void> {
    const now = clock.now();
    const mark = watermark(await gateLink.readGates(), now, current.lateMs);
    judgedUntil = mark.until;
    waitingFor = mark.waitingFor;
    current.detector.advance(mark.until + current.lateMs);
  }

  async function store(current: Run, now: number): Promise<void> {
    await storeCases(db, current.found.splice(0), now);
  }

  function nudge(): void {
    if (isStopped) return;
    if (working !== undefined) {
      isAskedAgain = true;
      return;
    }
    working = (async () => {
      do {
        isAskedAgain = false;
        await work();
      } while (isAskedAgain && !isStopped);
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
      unsubscribe = gateLink.onLive(() => nudge());
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
      await work();
    },
    state: () => ({
      judgedUntil,
      waitingFor,
      credentials: run?.detector.credentials ?? 0,
      stateBytes: (run?.detector.stateBytes() ?? 0) + (run?.detector.heldBytes() ?? 0),
      tooLate: run?.detector.counts.tooLate ?? 0,
      gates: run?.detector.gateStates() ?? [],
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
  taker: Taker & Pick<Run, "position" | "reports">,
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
      take(taker, row);
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

function take(
  { detector, lateMs }: Taker,
  row: { readonly gate_id: string; readonly received_at: number; readonly entry: Uint8Array },
): void {
  const tap = detectionTap(row.gate_id, readStoredEntry(row.entry), row.received_at, lateMs);
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
