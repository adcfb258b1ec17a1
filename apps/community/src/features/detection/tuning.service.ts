import { DEFAULT_SETTINGS, DetectionError, makeDetector } from "@menshen/detection";
import type {
  BodyOf,
  DetectionNumbers,
  DetectionSettings,
  DetectionState,
  DetectionTrial,
  detectionEndpoints,
} from "@menshen/wire";
import { type Actor, authorise, type StaffAuthor } from "../../authority/authorise.ts";
import type { ChangeRunner, ChangeScope } from "../../change-record/change-scope.ts";
import type { Database, Reader } from "../../database/database.ts";
import { demandFresh, found, optional } from "../../database/records.ts";
import { refusal } from "../../errors.ts";
import type { DetectionEngine, EngineState } from "./engine.ts";
import {
  insertSettingsChange,
  replaceWalks,
  type SettingsChange,
  type SettingsSnapshot,
  selectSettings,
  selectSettingsChanges,
  selectWalks,
  updateSettings,
  type Walk,
} from "./settings.store.ts";
import type { Trials } from "./trial.ts";

const CHANGES_SHOWN = 20;

export type TuningService = ReturnType<typeof makeTuningService>;

/** Numbers of the engine, what a change of them would have raised, and how far it has come. */
export function makeTuningService(dependencies: {
  readonly db: Database;
  readonly change: ChangeRunner;
  readonly engine: DetectionEngine;
  readonly trials: Trials;
  readonly lastPosition: () => Promise<number>;
}) {
  const { db, change, engine, trials, lastPosition } = dependencies;

  async function read(reader: Reader): Promise<DetectionSettings> {
    const { tuned, amnestyUntil, revision } = await selectSettings(reader);
    return {
      tuned,
      delivered: delivered(),
      walks: [...(await selectWalks(reader))],
      ...optional("amnestyUntil", amnestyUntil),
      changes: (await selectSettingsChanges(reader, CHANGES_SHOWN)).map(changeView),
      revision,
    };
  }

  /** Replaces what is in force, and writes down who did it and why. */
  async function replace(
    { trx, at, record }: ChangeScope,
    author: StaffAuthor,
    wanted: SettingsSnapshot,
    why: { readonly reason: string; readonly isUndo: boolean },
  ): Promise<DetectionSettings> {
    const { tuned, amnestyUntil } = await selectSettings(trx);
    const before = { tuned, walks: await selectWalks(trx), ...optional("amnestyUntil", amnestyUntil) };
    await updateSettings(trx, wanted);
    await replaceWalks(trx, wanted.walks);
    await insertSettingsChange(trx, { at, staffId: author.actor.staffId, ...why, before, after: wanted });
    await record({
      action: why.isUndo ? "detection.undone" : "detection.changed",
      entity: "detection",
      entityId: "settings",
      before: { ...before.tuned, ...optional("amnestyUntil", before.amnestyUntil) },
      after: {
        ...wanted.tuned,
        ...optional("amnestyUntil", wanted.amnestyUntil),
        walks: wanted.walks.length,
        words: why.reason,
      },
    });
    return read(trx);
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
      const { amnestyUntil, reason, tuned } = input;
      demandUsable(tuned);
      const walks = input.walks.map(inOrder);
      const changed = await change(author, async (scope) => {
        demandFresh(await selectSettings(scope.trx), input.revision);
        const wanted = { tuned, walks, ...optional("amnestyUntil", amnestyUntil) };
        return replace(scope, author, wanted, { reason: reason.trim(), isUndo: false });
      });
      engine.nudge();
      return changed;
    },

    /** Throws `stale-revision`, and `conflict` where nothing was changed yet. */
    async undo(
      author: StaffAuthor,
      { revision }: BodyOf<typeof detectionEndpoints.undo>,
    ): Promise<DetectionSettings> {
      authorise(author.actor, "cases.settings");
      const changed = await change(author, async (scope) => {
        demandFresh(await selectSettings(scope.trx), revision);
        const [last] = await selectSettingsChanges(scope.trx, 1);
        if (last === undefined) throw refusal("conflict", "nothing was changed yet");
        return replace(scope, author, last.before, { reason: last.reason, isUndo: true });
      });
      engine.nudge();
      return changed;
    },

    attempt(actor: Actor, tuned: DetectionNumbers): DetectionTrial {
      authorise(actor, "cases.settings");
      demandUsable(tuned);
      return trials.begin(tuned);
    },

    trial(actor: Actor): DetectionTrial {
      authorise(actor, "cases.settings");
      return found(trials.latest(), "trial");
    },

    /** As far as it came it is thrown away. Throws `not-found` where none was begun. */
    stopTrial(actor: Actor): DetectionTrial {
      authorise(actor, "cases.settings");
      return found(trials.stop(), "trial");
    },

    async state(actor: Actor): Promise<DetectionState> {
      authorise(actor, "cases.read");
      return stateView(engine.state(), await lastPosition());
    },
  };
}

/** How far the engine has come, up to the last position that is stored. */
export function stateView(state: EngineState, last: number): DetectionState {
  const { judgedUntil, waitingFor, credentials, stateBytes, gates, restarts, restartedAt, takenUntil } =
    state;
  return {
    ...optional("judgedUntil", judgedUntil),
    waitingFor: [...waitingFor],
    credentials,
    stateBytes,
    ...(restarts === 0 ? {} : { restarts }),
    ...optional("restartedAt", restartedAt),
    ...(takenUntil === undefined ? {} : { waiting: Math.max(0, last - takenUntil) }),
    gates: gates.map(({ gate, offsetMs, errorMs, jumps, outOfOrder, duplicates }) => ({
      gateId: gate,
      ...optional("offsetMs", offsetMs),
      ...(Number.isFinite(errorMs) ? { errorMs } : {}),
      jumps,
      outOfOrder,
      duplicates,
    })),
  };
}

function changeView(one: SettingsChange): DetectionSettings["changes"][number] {
  const { at, by, reason, isUndo, before, after } = one;
  const text = ({ a, b, seconds }: Walk) => `${a} ${b} ${seconds}`;
  const [was, is] = [new Set(before.walks.map(text)), new Set(after.walks.map(text))];
  const walks = [...was].filter((one) => !is.has(one)).length + [...is].filter((one) => !was.has(one)).length;
  return {
    ...{ at, by, reason, isUndo, walks },
    before: before.tuned,
    after: after.tuned,
    ...(before.amnestyUntil === after.amnestyUntil ? {} : { amnesty: optional("until", after.amnestyUntil) }),
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
