import type { AlarmKind } from "@menshen/domain";
import type { AlarmState } from "@menshen/wire";
import type { Signal } from "./signal.ts";

/** Whatever comes back after less quiet than this is the same ringing: contacts chatter. */
export const QUIET_MS = 2 * 60_000;

/** What of an alarm follows from journals and states. */
export interface AlarmFacts {
  readonly id: string;
  readonly kind: AlarmKind;
  readonly place: string;
  readonly gateId: string;
  readonly portalId: string | undefined;
  readonly readerId: string | undefined;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly receivedAt: number;
  readonly count: number;
  readonly late: boolean;
  /** Known from the gate's state only, so far. */
  readonly fromState: boolean;
  readonly endedAt: number | undefined;
  readonly state: AlarmState;
  readonly reopenedAt: number | undefined;
}

/** What became of the alarms of one place. */
export interface Folded {
  /** Those that changed, each once, and new ones. */
  readonly changed: readonly AlarmFacts[];
  /** Those among them that ring anew after they were acknowledged, or only now. */
  readonly rangAgain: ReadonlySet<string>;
}

/**
 * Folds signals, in the order in which they were stored, into alarms. Pure: the same alarms and signals give the same
 * again, and signals that were folded before are not to be given a second time (`holds` may be).
 *
 * @param alarms those that are not closed, that last, or that were closed lately
 * @param newId ids for new ones
 */
export function foldSignals(
  alarms: readonly AlarmFacts[],
  signals: readonly Signal[],
  newId: () => string,
): Folded {
  const all = new Map(alarms.map((alarm) => [alarm.id, alarm]));
  const changed = new Set<string>();
  const rangAgain = new Set<string>();

  const put = (alarm: AlarmFacts) => {
    all.set(alarm.id, alarm);
    changed.add(alarm.id);
  };
  const same = (signal: Signal) =>
    [...all.values()].filter((alarm) => alarm.kind === signal.kind && alarm.place === signal.place);
  const raise = (signal: Signal, fromState: boolean) =>
    put({
      id: newId(),
      kind: signal.kind,
      place: signal.place,
      gateId: signal.gateId,
      portalId: signal.portalId,
      readerId: signal.readerId,
      firstAt: signal.at,
      lastAt: signal.at,
      receivedAt: signal.receivedAt,
      count: 1,
      late: signal.late,
      fromState,
      endedAt: signal.says === "happens" ? signal.at : undefined,
      state: "open",
      reopenedAt: undefined,
    });
  const again = (alarm: AlarmFacts, signal: Signal, fromState: boolean) => {
    const quietMs = signal.at - Math.max(alarm.lastAt, alarm.endedAt ?? 0);
    // Who presses the button again has not been helped; gates let nobody press it without end.
    const isNews = signal.kind === "call" || quietMs > QUIET_MS;
    const rings = alarm.state === "acknowledged" && !alarm.late && isNews;
    if (rings) rangAgain.add(alarm.id);
    put({
      ...alarm,
      firstAt: Math.min(alarm.firstAt, signal.at),
      lastAt: Math.max(alarm.lastAt, signal.at),
      count: alarm.count + 1,
      fromState,
      // An entry from before the last one says nothing about now.
      endedAt:
        signal.says === "happens"
          ? Math.max(alarm.lastAt, signal.at)
          : signal.at >= alarm.lastAt
            ? undefined
            : alarm.endedAt,
      ...(rings ? { state: "open", reopenedAt: signal.receivedAt } : {}),
    });
  };

  /** From a journal: each is something that happened. */
  function occur(signal: Signal): void {
    const standing = same(signal).filter(({ state }) => state !== "closed");
    const live = standing.find(({ late }) => !late);
    // The entry of what the state told already.
    if (live?.fromState === true && live.endedAt === undefined && signal.says === "begins") {
      if (signal.late || signal.at <= live.lastAt) {
        put({ ...live, fromState: false, firstAt: Math.min(live.firstAt, signal.at) });
        return;
      }
    }
    const into = signal.late ? standing.find(({ late }) => late) : live;
    if (into === undefined) raise(signal, false);
    else again(into, signal, false);
  }

  /** From a state: it may be known, from the journal or from an earlier report, and closed by somebody who saw it. */
  function hold(signal: Signal): void {
    const here = same(signal);
    // What is known of a later moment, the report cannot know better.
    if (here.some(({ lastAt, endedAt }) => Math.max(lastAt, endedAt ?? 0) >= signal.at)) return;
    const live = here.find(({ late, state }) => !late && state !== "closed");
    if (live !== undefined) {
      if (live.endedAt !== undefined) again(live, signal, true);
      return;
    }
    if (here.some(({ late, state, endedAt }) => !late && state === "closed" && endedAt === undefined)) return;
    const late = here.find(({ state, endedAt }) => state !== "closed" && endedAt === undefined);
    if (late === undefined) {
      raise(signal, true);
      return;
    }
    // What was no news lasts to this day: it rings after all.
    rangAgain.add(late.id);
    put({ ...late, late: false, state: "open", reopenedAt: signal.receivedAt });
  }

  function end(signal: Signal): void {
    for (const alarm of same(signal)) {
      if (alarm.endedAt !== undefined || signal.at < alarm.lastAt || (signal.late && !alarm.late)) continue;
      put({ ...alarm, endedAt: signal.at });
    }
  }

  for (const signal of signals) {
    if (signal.says === "ends") end(signal);
    else if (signal.says === "holds") hold(signal);
    else occur(signal);
  }
  return { changed: [...changed].flatMap((id) => all.get(id) ?? []), rangAgain };
}
