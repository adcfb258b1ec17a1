import { DEFAULT_SETTINGS, DetectionError, makeDetector } from "@menshen/detection";
import { epochAt, epochStart } from "@menshen/domain";
import type {
  BodyOf,
  DetectionNumbers,
  DetectionSettings,
  DetectionState,
  detectionEndpoints,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner } from "../../change-record/change-scope.ts";
import type { Clock } from "../../clock.ts";
import type { Database, Reader } from "../../database/database.ts";
import { demandFresh, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import { selectEpochGrid } from "../trail/index.ts";
import { readDoorMap } from "./doors-document.ts";
import { type DetectionEngine, takeStored } from "./engine.ts";
import { replaceWalks, selectSettings, selectWalks, type Tuned, updateSettings } from "./settings.store.ts";

const HOUR_MS = 3_600_000;

export type TuningService = ReturnType<typeof makeTuningService>;

/** Numbers of the engine, what a change of them would have raised, and how far it has come. */
export function makeTuningService(dependencies: {
  readonly db: Database;
  readonly clock: Clock;
  readonly change: ChangeRunner;
  readonly engine: DetectionEngine;
  readonly lastPosition: () => Promise<number>;
}) {
  const { db, clock, change, engine, lastPosition } = dependencies;

  async function read(reader: Reader): Promise<DetectionSettings> {
    const { tuned, amnestyUntil, revision } = await selectSettings(reader);
    return {
      tuned,
      delivered: delivered(),
      walks: [...(await selectWalks(reader))],
      ...optional("amnestyUntil", amnestyUntil),
      revision,
    };
  }

  /** The highest step of each case that these numbers raise on what is stored. */
  async function raisedBy(tuned: Tuned): Promise<{ events: number; steps: Record<string, number> }> {
    const now = clock.now();
    const grid = await selectEpochGrid(db);
    const { doors } = await readDoorMap(db, grid, now);
    const highest = new Map<string, string>();
    const detector = makeDetector({
      doors,
      settings: tuned,
      onCase: (found) => highest.set(found.case, found.step),
    });
    const lateMs = (tuned.lateHours ?? DEFAULT_SETTINGS.lateHours) * HOUR_MS;
    const from = epochStart(grid, Math.max(1, (epochAt(grid, now) ?? 1) - 1));
    const taker = { detector, lateMs, position: await lastPosition() };
    for await (const _page of takeStored(db, taker, from));
    detector.finish();
    const steps: Record<string, number> = {};
    for (const step of highest.values()) steps[step] = (steps[step] ?? 0) + 1;
    return { events: detector.counts.judged, steps };
  }

  return {
    async read(actor: Actor): Promise<DetectionSettings> {
      authorise(actor, "cases.read");
      return read(db);
    },

    /** Throws `stale-revision`, and `invalid-request` for a number outside its limits. */
    async change(
      author: StaffAuthor,
      input: BodyOf<typeof detectionEndpoints.change>,
    ): Promise<DetectionSettings> {
      authorise(author.actor, "cases.settings");
      const changed = await change(author, async ({ trx, record }) => {
        const before = await selectSettings(trx);
        demandFresh(before, input.revision);
        demandUsable(input.tuned);
        await updateSettings(trx, { tuned: input.tuned, ...optional("amnestyUntil", input.amnestyUntil) });
        await replaceWalks(trx, input.walks.map(inOrder));
        await record({
          action: "detection.changed",
          entity: "detection",
          entityId: "settings",
          before: { ...before.tuned, ...optional("amnestyUntil", before.amnestyUntil) },
          after: {
            ...input.tuned,
            ...optional("amnestyUntil", input.amnestyUntil),
            walks: input.walks.length,
          },
        });
        return read(trx);
      });
      engine.nudge();
      return changed;
    },

    async attempt(actor: Actor, tuned: DetectionNumbers) {
      authorise(actor, "cases.settings");
      demandUsable(tuned);
      const present = await raisedBy((await selectSettings(db)).tuned);
      const tried = await raisedBy(tuned);
      return { events: tried.events, present: present.steps, tried: tried.steps };
    },

    state(actor: Actor): DetectionState {
      authorise(actor, "cases.read");
      const { judgedUntil, waitingFor, credentials, stateBytes, gates } = engine.state();
      return {
        ...optional("judgedUntil", judgedUntil),
        waitingFor: [...waitingFor],
        credentials,
        stateBytes,
        gates: gates.map(({ gate, offsetMs, errorMs, jumps, outOfOrder, duplicates }) => ({
          gateId: gate,
          ...optional("offsetMs", offsetMs),
          ...(Number.isFinite(errorMs) ? { errorMs } : {}),
          jumps,
          outOfOrder,
          duplicates,
        })),
      };
    },
  };
}

function delivered(): DetectionSettings["delivered"] {
  const { prior, lateHours, fastestTimesWalk, counterSlackMinutes } = DEFAULT_SETTINGS;
  const { conflictAfterSeconds, watchScore, secondFactorScore, caseDays } = DEFAULT_SETTINGS;
  return {
    ...{ prior, lateHours, fastestTimesWalk, counterSlackMinutes },
    ...{ conflictAfterSeconds, watchScore, secondFactorScore, caseDays },
  };
}

function inOrder({ a, b, seconds }: { a: string; b: string; seconds: number }) {
  if (a === b) throw refusal("invalid-request", "a walk leads from one access point to another");
  return a < b ? { a, b, seconds } : { a: b, b: a, seconds };
}

/** The engine knows its limits. */
function demandUsable(tuned: DetectionNumbers): void {
  const doors = { ...NO_DOORS };
  try {
    makeDetector({
      doors,
      settings: { ...tuned, maxHeldEvents: 1, maxCredentials: 1 },
      onCase: () => undefined,
    });
  } catch (error) {
    if (error instanceof DetectionError) throw refusal("invalid-request", error.message);
    throw error;
  }
}

const NO_DOORS = {
  utcOffsetMinutes: 0,
  epoch: undefined,
  gates: [],
  points: [],
  pointIndex: new Map<string, number>(),
  outerAreas: ["outside"],
  isCounted: [false],
  walkSeconds: new Float32Array(0),
};
