import type { CommandKind, PortalEvent } from "@menshen/wire";

/** What the machine must know of its door. */
export interface DoorSettings {
  /** How long a grant releases the lock. */
  readonly unlockMs: number;
  /** How long the door may stand open after a grant. */
  readonly heldOpenLimitMs: number;
  /** How long before that the door warns; half of it at most. Default 10 s. */
  readonly preAlarmMs?: number;
  /** The contact tells whether somebody went through after a grant. */
  readonly isTurnstile?: boolean;
  /** A sensor does, person by person; the contact then says only whether the door is open. */
  readonly hasPassageSensor?: boolean;
}

/** What happens at a door. `fire-reset` is given by a person, and only counts while the fire input is off. */
export type DoorInput =
  /** To one person, unless told otherwise. */
  | { readonly kind: "granted"; readonly persons?: number }
  /** The sensor saw one person go through. */
  | { readonly kind: "passage" }
  /** A member of staff told the gate; with `forMs` the lock is released for it. */
  | { readonly kind: "commanded"; readonly command: GivenCommand; readonly forMs?: number }
  | { readonly kind: "contact"; readonly open: boolean }
  | { readonly kind: "exit-button"; readonly pressed: boolean }
  | { readonly kind: "fire"; readonly on: boolean }
  | { readonly kind: "fire-reset" }
  /** Schedule, held-open mode or fire release: the door stands unlocked for everyone, or no longer. */
  | { readonly kind: "standing"; readonly unlocked: boolean }
  /** Whether the lock output took the last command. */
  | { readonly kind: "lock-answer"; readonly answered: boolean }
  | { readonly kind: "settings"; readonly settings: DoorSettings }
  /** Only time has passed. */
  | { readonly kind: "time" };

/** The command that an entry names. */
export interface GivenCommand {
  readonly commandId: Uint8Array;
  readonly kind: CommandKind;
}

/** What the lock output must do now. */
export type LockCommand =
  | { readonly kind: "release-for"; readonly forMs: number }
  | { readonly kind: "release" }
  | { readonly kind: "secure" };

/**
 * Drives a lock; resolves to whether it took the command, or undefined while its unit has not been seen yet since the
 * start (it is told what holds when it comes). Never rejects.
 *
 * @param floors of a lift: the outputs that a release is for; all unless told
 */
export type DriveLock = (command: LockCommand, floors?: readonly number[]) => Promise<boolean | undefined>;

export type DoorEffect =
  | { readonly kind: "record"; readonly event: PortalEvent; readonly command?: GivenCommand }
  | { readonly kind: "lock"; readonly command: LockCommand }
  /** Sound at the door: the door should be closed soon, must be closed now, or all is well. */
  | { readonly kind: "signal"; readonly signal: "close-soon" | "close-now" | "quiet" };

type Opening = "not-open" | "authorised" | "forced" | "held-too-long";

/** One door at one moment; times are monotonic milliseconds. */
export interface DoorCondition {
  readonly settings: DoorSettings;
  readonly contact: "unknown" | "closed" | "open";
  readonly opening: Opening;
  readonly standing: boolean;
  /** A grant releases the lock until then. */
  readonly releasedUntilMs: number | undefined;
  /** The door was opened since the grant: closing ends the release. */
  readonly openedSinceRelease: boolean;
  /** Granted and not gone through yet, as far as a sensor tells. */
  readonly passagesDue: number;
  /** An opening until then follows the exit button. */
  readonly exitUntilMs: number | undefined;
  readonly exitPressed: boolean;
  readonly exitRecordedMs: number | undefined;
  readonly closeSoonAtMs: number | undefined;
  readonly heldAtMs: number | undefined;
  readonly fireInput: boolean;
  readonly fireLatched: boolean;
  readonly lockAnswers: boolean;
}

/** The exit button's own hardware holds the lock open about this long at most; an opening in it is no break-in. */
const EXIT_WINDOW_MS = 10_000;
/** Presses of the exit button closer together than this are one. */
const EXIT_AGAIN_MS = 2_000;
const DEFAULT_PRE_ALARM_MS = 10_000;
/** More than can go through while a release lasts. */
const MOST_PASSAGES_DUE = 8;

export function newDoor(settings: DoorSettings, fireLatched: boolean): DoorCondition {
  return {
    settings,
    contact: "unknown",
    opening: "not-open",
    standing: false,
    releasedUntilMs: undefined,
    openedSinceRelease: false,
    passagesDue: 0,
    exitUntilMs: undefined,
    exitPressed: false,
    exitRecordedMs: undefined,
    closeSoonAtMs: undefined,
    heldAtMs: undefined,
    fireInput: false,
    fireLatched,
    lockAnswers: true,
  };
}

/** True while a grant or a standing release keeps the lock open. */
export function isReleased(door: DoorCondition, nowMs: number): boolean {
  return door.standing || (door.releasedUntilMs !== undefined && nowMs < door.releasedUntilMs);
}

/** What the lock output should do now, to be told again when it comes back. */
export function lockCommandNow(door: DoorCondition, nowMs: number): LockCommand {
  if (door.standing) return { kind: "release" };
  if (door.releasedUntilMs !== undefined && nowMs < door.releasedUntilMs) {
    return { kind: "release-for", forMs: door.releasedUntilMs - nowMs };
  }
  return { kind: "secure" };
}

/** When the door must next be told that time has passed, if at all. */
export function nextDeadlineMs(door: DoorCondition): number | undefined {
  const deadlines = [door.releasedUntilMs, door.closeSoonAtMs, door.heldAtMs].filter(
    (at) => at !== undefined,
  );
  return deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

/** The fire input is off and its release still holds: a person may end it. */
export function canResetFire(door: DoorCondition): boolean {
  return door.fireLatched && !door.fireInput;
}

/** One step. Pure: the new condition and what must be done, in this order. */
export function stepDoor(
  before: DoorCondition,
  input: DoorInput,
  nowMs: number,
): { readonly door: DoorCondition; readonly effects: readonly DoorEffect[] } {
  const effects: DoorEffect[] = [];
  const door = apply(letTimePass(before, nowMs, effects), input, nowMs, effects);
  return { door, effects };
}

function record(effects: DoorEffect[], event: PortalEvent): void {
  effects.push({ kind: "record", event });
}

function letTimePass(before: DoorCondition, nowMs: number, effects: DoorEffect[]): DoorCondition {
  let door = before;
  if (door.releasedUntilMs !== undefined && nowMs >= door.releasedUntilMs) {
    const missing = missingPassages(door);
    for (let i = 0; i < missing; i++) record(effects, "passage-missing");
    door = { ...door, releasedUntilMs: undefined, openedSinceRelease: false, passagesDue: 0 };
    if (!door.standing) effects.push({ kind: "lock", command: { kind: "secure" } });
  }
  if (door.closeSoonAtMs !== undefined && nowMs >= door.closeSoonAtMs) {
    door = { ...door, closeSoonAtMs: undefined };
    effects.push({ kind: "signal", signal: "close-soon" });
  }
  if (door.heldAtMs !== undefined && nowMs >= door.heldAtMs) {
    door = { ...door, heldAtMs: undefined, opening: "held-too-long" };
    record(effects, "held-too-long");
    effects.push({ kind: "signal", signal: "close-now" });
  }
  return door;
}

function apply(door: DoorCondition, input: DoorInput, nowMs: number, effects: DoorEffect[]): DoorCondition {
  switch (input.kind) {
    case "time":
      return door;
    case "settings":
      return { ...door, settings: input.settings };
    case "granted":
      return released(dueFor(door, input.persons ?? 1), door.settings.unlockMs, nowMs, effects);
    case "passage":
      return passed(door, nowMs, effects);
    case "commanded":
      effects.push({ kind: "record", event: "commanded", command: input.command });
      return input.forMs === undefined ? door : released(dueFor(door, 1), input.forMs, nowMs, effects);
    case "contact":
      return input.open ? opened(door, nowMs, effects) : closed(door, effects);
    case "exit-button":
      return exitButton(door, input.pressed, nowMs, effects);
    case "fire":
      if (input.on && !door.fireLatched) record(effects, "fire-on");
      return { ...door, fireInput: input.on, fireLatched: door.fireLatched || input.on };
    case "fire-reset":
      if (!canResetFire(door)) return door;
      record(effects, "fire-reset");
      return { ...door, fireLatched: false };
    case "standing":
      return standing(door, input.unlocked, nowMs, effects);
    case "lock-answer":
      if (!input.answered && door.lockAnswers) record(effects, "lock-not-answering");
      return { ...door, lockAnswers: input.answered };
  }
}

function released(
  door: DoorCondition,
  unlockMs: number,
  nowMs: number,
  effects: DoorEffect[],
): DoorCondition {
  if (door.standing) return door;
  effects.push({ kind: "lock", command: { kind: "release-for", forMs: unlockMs } });
  return { ...door, releasedUntilMs: nowMs + unlockMs, openedSinceRelease: door.contact === "open" };
}

/** How many were granted and did not go through, now that their time is over. */
function missingPassages({ settings, passagesDue, openedSinceRelease }: DoorCondition): number {
  if (settings.hasPassageSensor === true) return passagesDue;
  return settings.isTurnstile === true && !openedSinceRelease ? 1 : 0;
}

function dueFor(door: DoorCondition, persons: number): DoorCondition {
  if (door.settings.hasPassageSensor !== true || door.standing) return door;
  return { ...door, passagesDue: Math.min(door.passagesDue + persons, MOST_PASSAGES_DUE) };
}

/** One person more than were granted is somebody behind another's back, or without any grant. */
function passed(door: DoorCondition, nowMs: number, effects: DoorEffect[]): DoorCondition {
  if (door.settings.hasPassageSensor !== true || door.standing || door.fireLatched) return door;
  if (door.passagesDue === 0) {
    if (!isExit(door, nowMs)) record(effects, "tailgated");
    return door;
  }
  record(effects, "passage-confirmed");
  const passagesDue = door.passagesDue - 1;
  if (passagesDue > 0) return { ...door, passagesDue };
  effects.push({ kind: "lock", command: { kind: "secure" } });
  return { ...door, passagesDue, releasedUntilMs: undefined, openedSinceRelease: false };
}

function isExit(door: DoorCondition, nowMs: number): boolean {
  return door.exitPressed || (door.exitUntilMs !== undefined && nowMs < door.exitUntilMs);
}

function opened(door: DoorCondition, nowMs: number, effects: DoorEffect[]): DoorCondition {
  if (door.contact === "open") return door;
  // The first report after a start only tells how the door stands.
  const allowed = door.contact === "unknown" || isReleased(door, nowMs) || isExit(door, nowMs);
  record(effects, allowed ? "opened" : "forced");
  const { isTurnstile, hasPassageSensor } = door.settings;
  if (isTurnstile === true && hasPassageSensor !== true && door.releasedUntilMs !== undefined) {
    record(effects, "passage-confirmed");
  }
  const open: DoorCondition = { ...door, contact: "open", opening: allowed ? "authorised" : "forced" };
  if (!allowed) {
    effects.push({ kind: "signal", signal: "close-now" });
    return open;
  }
  return withHeldTimer({ ...open, openedSinceRelease: open.releasedUntilMs !== undefined }, nowMs);
}

function closed(door: DoorCondition, effects: DoorEffect[]): DoorCondition {
  if (door.contact === "closed") return door;
  const shut: DoorCondition = {
    ...door,
    contact: "closed",
    opening: "not-open",
    closeSoonAtMs: undefined,
    heldAtMs: undefined,
  };
  if (door.contact === "unknown") return shut;
  if (door.opening === "held-too-long") record(effects, "held-ended");
  record(effects, "closed");
  if (door.opening !== "authorised" || (door.heldAtMs !== undefined && door.closeSoonAtMs === undefined)) {
    effects.push({ kind: "signal", signal: "quiet" });
  }
  if (!shut.openedSinceRelease || shut.releasedUntilMs === undefined) return shut;
  // The sensor counts better than the arm, which comes back between two who go through.
  if (shut.passagesDue > 0) return shut;
  // One grant, one passage: the next person needs their own.
  if (!shut.standing) effects.push({ kind: "lock", command: { kind: "secure" } });
  return { ...shut, releasedUntilMs: undefined, openedSinceRelease: false };
}

function exitButton(
  door: DoorCondition,
  pressed: boolean,
  nowMs: number,
  effects: DoorEffect[],
): DoorCondition {
  if (!pressed)
    return {
      ...door,
      exitPressed: false,
      exitUntilMs: door.exitPressed ? nowMs + EXIT_WINDOW_MS : door.exitUntilMs,
    };
  if (door.exitPressed) return door;
  const again = door.exitRecordedMs !== undefined && nowMs - door.exitRecordedMs < EXIT_AGAIN_MS;
  if (!again) record(effects, "exit-request");
  return {
    ...door,
    exitPressed: true,
    exitUntilMs: nowMs + EXIT_WINDOW_MS,
    exitRecordedMs: again ? door.exitRecordedMs : nowMs,
  };
}

function standing(
  door: DoorCondition,
  unlocked: boolean,
  nowMs: number,
  effects: DoorEffect[],
): DoorCondition {
  if (unlocked === door.standing) return door;
  record(effects, unlocked ? "unlocked" : "locked");
  if (!unlocked) {
    const locked = { ...door, standing: false };
    effects.push({ kind: "lock", command: lockCommandNow(locked, nowMs) });
    return locked.opening === "authorised" ? withHeldTimer(locked, nowMs) : locked;
  }
  effects.push({ kind: "lock", command: { kind: "release" } });
  if (door.opening === "held-too-long") record(effects, "held-ended");
  if (door.opening !== "not-open") effects.push({ kind: "signal", signal: "quiet" });
  return {
    ...door,
    passagesDue: 0,
    standing: true,
    opening: door.opening === "not-open" ? "not-open" : "authorised",
    closeSoonAtMs: undefined,
    heldAtMs: undefined,
  };
}

function withHeldTimer(door: DoorCondition, nowMs: number): DoorCondition {
  if (door.standing) return door;
  const heldAtMs = nowMs + door.settings.heldOpenLimitMs;
  const warningMs = Math.min(
    door.settings.preAlarmMs ?? DEFAULT_PRE_ALARM_MS,
    door.settings.heldOpenLimitMs / 2,
  );
  return { ...door, heldAtMs, closeSoonAtMs: heldAtMs - warningMs };
}
