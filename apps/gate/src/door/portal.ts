import type { DoorState, PortalId } from "@menshen/domain";
import { isPortalUnlocked, nextScheduleChange, type Snapshot } from "@menshen/policy";
import type { StatusReport } from "@menshen/wire";
import type { Cancel, ClockSource } from "../clock/clock-source.ts";
import type { GateClock } from "../clock/gate-clock.ts";
import type { PortalConfig } from "../config.ts";
import type { ModeInForce } from "../held/portal-modes.ts";
import type { Journal } from "../store/journal.ts";
import { makeContactFilter } from "./contact-filter.ts";
import {
  canResetFire,
  type DoorCondition,
  type DoorEffect,
  type DoorInput,
  type DoorSettings,
  type DriveLock,
  type GivenCommand,
  isReleased,
  type LockCommand,
  lockCommandNow,
  newDoor,
  nextDeadlineMs,
  stepDoor,
} from "./door-machine.ts";
import type { Lift } from "./lift.ts";

/** What the sounds and lamps at a door should say. */
export type PortalSignal = "close-soon" | "close-now" | "quiet" | "standing-open" | "locked";

export interface PortalOptions {
  readonly config: PortalConfig;
  readonly source: ClockSource;
  readonly clock: GateClock;
  readonly journal: Pick<Journal, "append" | "saveFireLatch">;
  readonly drive: DriveLock;
  readonly snapshot: () => Snapshot | undefined;
  readonly mode: () => ModeInForce;
  readonly fireLatched: boolean;
  readonly signal: (signal: PortalSignal) => void;
  /** What the door rules say of this door. */
  readonly behaviour?: () => Pick<DoorSettings, "preAlarmMs" | "isTurnstile">;
  /** Of a lift: its floors, or that they may be others now. */
  readonly lift?: Pick<Lift, "review" | "nextChange"> | undefined;
  /** The door was seen to open while a grant released it; at a door with a sensor of passages never. */
  readonly opened?: () => void;
  /** A sensor saw one of those who were granted go through. */
  readonly passed?: () => void;
  /** Something that the status shows is different now. */
  readonly changed: () => void;
}

/** A door of this gate: the state machine with its lock, inputs, timers and journal. */
export interface Portal {
  readonly portalId: PortalId;
  /** What `decide` must know. */
  doorState(): DoorState;
  /** Everyone may pass now: a grant drives nothing. */
  isStanding(): boolean;
  /** Whether it stands open since somebody tapped twice. */
  isHeldByTap(): boolean;
  /** Everyone may pass for so long, or until a lockdown, a locked mode or {@link Portal.endHold}. */
  holdFor(forMs: number): void;
  endHold(): void;
  /** Closed and locked, as far as contact and lock can tell. */
  isSecure(): boolean;
  /** The contact says so. */
  isOpen(): boolean;
  readonly hasContact: boolean;
  /** A sensor tells person by person who goes through. */
  readonly hasPassage: boolean;
  /** The contact flickers: nothing that it says is believed. */
  isContactChattering(): boolean;
  /** How long a grant releases the lock. */
  unlockMs(): number;
  /** The access entry is journaled: release, for one person unless told otherwise; of a lift, these outputs. */
  granted(persons?: number, floors?: readonly number[]): void;
  /**
   * A member of staff told the gate. With `forMs` the lock is released for it, whatever mode and lockdown say.
   *
   * @returns whether the lock took the command (undefined: its unit was not seen yet), and once it is known whether the
   *   door was opened meanwhile (undefined: nothing tells)
   */
  commanded(command: GivenCommand, forMs?: number): CommandEffect;
  /** Ends the sounds at the door. */
  silence(): void;
  contact(open: boolean | undefined): void;
  /** The sensor of passages: each time that it begins, one person went through. */
  passage(active: boolean): void;
  exitButton(pressed: boolean): void;
  fireInput(on: boolean): void;
  isFireInputOn(): boolean;
  /** A person resets the fire release. False while the input is on or nothing is latched. */
  resetFire(): boolean;
  /** Snapshot or modes changed: apply them. */
  refresh(): void;
  /** The lock's unit is there again: tell it what holds now. */
  lockAvailable(): void;
  /** The lock's unit is gone. */
  lockUnavailable(): void;
  status(): StatusReport["portals"][number];
  stop(): void;
}

/** What a command did. Neither promise rejects; both settle when the portal is stopped. */
export interface CommandEffect {
  readonly answered: Promise<boolean | undefined>;
  readonly opened: Promise<boolean | undefined>;
}

/** Until rules arrive. Nobody is granted anything before, so only the held limit matters. */
const DEFAULT_SETTINGS: DoorSettings = { unlockMs: 5_000, heldOpenLimitMs: 30_000 };
/** Standing state is looked at again at least this often, whatever was computed. */
const REFRESH_AT_LEAST_MS = 300_000;
/** A lock's unit gets this long after the start for its first session; then its silence is a fault. */
const FIRST_ANSWER_MS = 60_000;

export function makePortal(options: PortalOptions): Portal {
  const { config, source, clock, journal } = options;
  const { portalId } = config;
  const hasPassage = config.passage !== undefined;
  let door: DoorCondition = newDoor(DEFAULT_SETTINGS, options.fireLatched);
  let mode = options.mode();
  let cancelDeadline: Cancel = () => undefined;
  let cancelRefresh: Cancel = () => undefined;
  const cancelGrace = source.schedule(clock.monotonicMs() + FIRST_ANSWER_MS, () => {
    lock(lockCommandNow(door, clock.monotonicMs()), [], false);
  });
  /** Lock commands go out one after the other, in the order they were decided. */
  let locking: Promise<boolean | undefined> = Promise.resolve(undefined);
  /** Commands that wait to see whether the door is opened. */
  const watching = new Set<(opened: boolean | undefined) => void>();
  let stopped = false;
  /** Held by a double tap until then, on the monotonic clock. */
  let heldUntilMs: number | undefined;
  /** Of a lift: what the last release is for; undefined for all of it. */
  let releasedFloors: readonly number[] | undefined;
  /** Undefined until the sensor of passages was read once. */
  let isPassing: boolean | undefined;

  const filter = makeContactFilter({
    source,
    pass: (open) => step({ kind: "contact", open }),
    told(isChattering) {
      const event = isChattering ? "contact-chatter" : "contact-steady";
      void journal.append({ kind: "portal", body: { portalId, event } });
      // A turnstile cannot tell passages meanwhile.
      refresh();
      options.changed();
    },
  });

  const doorState = (): DoorState => ({
    mode: mode.mode,
    lockdown: mode.lockdown,
    fireRelease: door.fireLatched || door.fireInput,
  });

  function step(input: DoorInput): void {
    if (stopped) return;
    const before = door;
    const stepped = stepDoor(before, input, clock.monotonicMs());
    door = stepped.door;
    perform(stepped.effects);
    armDeadline();
    tellWatching(before);
    const hasOpened = before.contact !== "open" && door.contact === "open";
    if (hasOpened && before.releasedUntilMs !== undefined && !hasPassage) options.opened?.();
    if (door.passagesDue < before.passagesDue && input.kind === "passage") options.passed?.();
    if (before.fireLatched !== door.fireLatched) journal.saveFireLatch(portalId, door.fireLatched);
    if (isVisiblyDifferent(before, door)) options.changed();
  }

  function perform(effects: readonly DoorEffect[]): void {
    const written: Promise<unknown>[] = [];
    for (const effect of effects) {
      switch (effect.kind) {
        case "record":
          written.push(
            journal.append({
              kind: "portal",
              body: {
                portalId,
                event: effect.event,
                ...(effect.command === undefined ? {} : { command: effect.command }),
              },
            }),
          );
          if (effect.event === "unlocked") options.signal("standing-open");
          if (effect.event === "locked") options.signal("locked");
          break;
        case "signal":
          options.signal(effect.signal);
          break;
        case "lock":
          lock(effect.command, written);
          break;
      }
    }
  }

  /**
   * A release waits for the entries of the same step; each of them is bounded, so the door never waits for long.
   *
   * @param unseen what it means if the unit was not seen since the start; absent: nothing yet
   */
  function lock(command: LockCommand, written: readonly Promise<unknown>[], unseen?: false): void {
    // Fire recall is the lift's own hardware: nothing is freed or secured against it.
    if (isLiftInFire()) return;
    const floors = command.kind === "release-for" ? releasedFloors : undefined;
    const ready = command.kind === "secure" ? [] : written;
    locking = locking
      .then(() => Promise.all(ready))
      .then(() => options.drive(command, floors))
      .then((outcome) => {
        const answered = outcome ?? unseen;
        if (answered !== undefined) step({ kind: "lock-answer", answered });
        return answered;
      });
  }

  function isLiftInFire(): boolean {
    return options.lift !== undefined && (door.fireLatched || door.fireInput);
  }

  function tellWatching(before: DoorCondition): void {
    const wasOpened = before.contact !== "open" && door.contact === "open";
    const isOver = !isReleased(door, clock.monotonicMs());
    if (wasOpened || isOver) endWatching(wasOpened || !filter.isChattering() ? wasOpened : undefined);
  }

  function endWatching(opened: boolean | undefined): void {
    for (const tell of watching) tell(opened);
    watching.clear();
  }

  function commanded(command: GivenCommand, forMs?: number): CommandEffect {
    releasedFloors = undefined;
    const stood = door.standing;
    const wasOpen = door.contact === "open";
    step({ kind: "commanded", command, ...(forMs === undefined ? {} : { forMs }) });
    if (forMs === undefined || stood || stopped) {
      const answered = Promise.resolve(stood ? door.lockAnswers : undefined);
      return { answered, opened: Promise.resolve(undefined) };
    }
    const opened =
      config.contact === undefined || wasOpen
        ? Promise.resolve(wasOpen ? true : undefined)
        : new Promise<boolean | undefined>((resolve) => watching.add(resolve));
    return { answered: locking, opened };
  }

  function armDeadline(): void {
    cancelDeadline();
    const at = nextDeadlineMs(door);
    if (at !== undefined && !stopped) cancelDeadline = source.schedule(at, () => step({ kind: "time" }));
  }

  function refresh(): void {
    if (stopped) return;
    const snapshot = options.snapshot();
    const settings = snapshot?.portals.find(({ id }) => id === portalId);
    if (settings !== undefined) {
      const { unlockMs, heldOpenLimitMs } = settings;
      const behaviour = {
        ...options.behaviour?.(),
        ...(filter.isChattering() && !hasPassage ? { isTurnstile: false } : {}),
      };
      step({
        kind: "settings",
        settings: { unlockMs, heldOpenLimitMs, hasPassageSensor: hasPassage, ...behaviour },
      });
    }
    adoptMode(options.mode());
    const isOver = heldUntilMs !== undefined && clock.monotonicMs() >= heldUntilMs;
    if (isOver || mode.mode === "locked" || mode.lockdown > 0) letGo();
    const unlocked =
      heldUntilMs !== undefined || isPortalUnlocked(snapshot, portalId, doorState(), clock.now());
    if (!isLiftInFire()) step({ kind: "standing", unlocked });
    options.lift?.review(doorState());
    cancelRefresh();
    cancelRefresh = source.schedule(clock.monotonicMs() + untilRefreshMs(snapshot), refresh);
  }

  function letGo(): void {
    if (heldUntilMs === undefined) return;
    heldUntilMs = undefined;
    void journal.append({ kind: "portal", body: { portalId, event: "hold-ended" } });
  }

  function adoptMode(next: ModeInForce): void {
    const isDifferent = next.mode !== mode.mode || next.lockdown !== mode.lockdown;
    mode = next;
    if (!isDifferent) return;
    void journal.append({ kind: "portal", body: { portalId, event: "mode-changed", mode: next } });
    options.changed();
  }

  /**
   * Until the moment when schedule or mode may next change the door. A boundary matters twice: when it may have come
   * and when it has come for certain.
   */
  function untilRefreshMs(snapshot: Snapshot | undefined): number {
    const now = clock.now();
    const boundaries = [
      mode.until,
      snapshot === undefined ? undefined : nextScheduleChange(snapshot, portalId, now.earliest),
      ...(options.lift?.nextChange(now.earliest) ?? []),
    ].filter((at) => at !== undefined);
    const waits = boundaries.flatMap((at) => [at - now.latest, at - now.earliest]).filter((ms) => ms > 0);
    const holdMs = heldUntilMs === undefined ? REFRESH_AT_LEAST_MS : heldUntilMs - clock.monotonicMs();
    return Math.min(REFRESH_AT_LEAST_MS, holdMs, ...waits.map((ms) => ms + 1));
  }

  const portal: Portal = {
    portalId,
    doorState,
    isStanding: () => door.standing,
    isHeldByTap: () => heldUntilMs !== undefined,
    holdFor(forMs) {
      heldUntilMs = clock.monotonicMs() + forMs;
      void journal.append({ kind: "portal", body: { portalId, event: "hold-began" } });
      refresh();
    },
    endHold() {
      letGo();
      refresh();
    },
    isSecure: () =>
      !isReleased(door, clock.monotonicMs()) &&
      !filter.isChattering() &&
      (config.contact === undefined || door.contact === "closed"),
    isOpen: () => door.contact === "open",
    get hasContact() {
      return config.contact !== undefined && !filter.isChattering();
    },
    hasPassage,
    isContactChattering: () => filter.isChattering(),
    unlockMs: () => door.settings.unlockMs,
    granted(persons = 1, floors) {
      releasedFloors = floors;
      step({ kind: "granted", persons });
    },
    commanded,
    silence: () => options.signal("quiet"),
    contact(open) {
      if (open !== undefined) filter.reported(open);
    },
    passage(active) {
      const begins = active && isPassing === false;
      isPassing = active;
      if (begins) step({ kind: "passage" });
    },
    exitButton: (pressed) => step({ kind: "exit-button", pressed }),
    fireInput(on) {
      step({ kind: "fire", on });
      refresh();
    },
    isFireInputOn: () => door.fireInput,
    resetFire() {
      if (!canResetFire(door)) return false;
      step({ kind: "fire-reset" });
      refresh();
      return true;
    },
    refresh,
    lockAvailable: () => lock(lockCommandNow(door, clock.monotonicMs()), []),
    lockUnavailable: () => step({ kind: "lock-answer", answered: false }),
    status: () => ({
      portalId,
      mode: mode.mode,
      lockdown: mode.lockdown,
      generation: mode.generation,
      ...(mode.until === undefined ? {} : { until: mode.until }),
      lock: lockStatus(door),
      contact: config.contact === undefined ? "none" : contactStatus(door),
      fireRelease: door.fireLatched || door.fireInput,
    }),
    stop() {
      stopped = true;
      endWatching(undefined);
      cancelDeadline();
      cancelRefresh();
      cancelGrace();
      filter.stop();
    },
  };
  return portal;
}

function lockStatus(door: DoorCondition): "locked" | "unlocked" | "fault" {
  if (!door.lockAnswers) return "fault";
  return door.standing || door.releasedUntilMs !== undefined ? "unlocked" : "locked";
}

function contactStatus(door: DoorCondition): "closed" | "open" | "forced" | "held-too-long" | "none" {
  if (door.contact === "unknown") return "none";
  if (door.contact === "closed") return "closed";
  return door.opening === "forced" || door.opening === "held-too-long" ? door.opening : "open";
}

function isVisiblyDifferent(before: DoorCondition, after: DoorCondition): boolean {
  return (
    lockStatus(before) !== lockStatus(after) ||
    contactStatus(before) !== contactStatus(after) ||
    before.fireLatched !== after.fireLatched ||
    before.fireInput !== after.fireInput
  );
}
