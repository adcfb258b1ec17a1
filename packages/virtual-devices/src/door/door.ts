import type { Timers } from "@menshen/osdp";

/** How a door is built. */
export interface DoorTiming {
  /** From the push until the contact opens. */
  readonly openingMs: number;
  /** How long a person takes to pass, until the closer gets the leaf back. */
  readonly passingMs: number;
  /** From letting go until the contact closes. */
  readonly closingMs: number;
}

export const ORDINARY_DOOR: DoorTiming = { openingMs: 300, passingMs: 1_800, closingMs: 1_500 };

/**
 * A leaf with a fail-secure strike, a self-closer and a magnetic contact. The strike holds without power; a current
 * releases it. From inside, the lever opens the leaf whatever the strike does: leaving is mechanics.
 */
export interface Door {
  /** Current through the strike. */
  setStrike(energised: boolean): void;
  /** The fire panel's relay, in series with nothing: it releases the strike by itself. */
  setFireRelease(on: boolean): void;
  /**
   * Somebody outside pushes. False if the strike holds. With `holdMs` the person keeps it open that much longer than
   * passing takes.
   */
  push(holdMs?: number): boolean;
  /** Somebody inside turns the lever and leaves; it also works the exit contact for a moment. */
  leave(holdMs?: number): void;
  /** Somebody breaks it open. */
  force(holdMs?: number): void;
  readonly open: boolean;
  /** Strike released by current or by the fire panel. */
  readonly released: boolean;
  /** Contact opened or closed. */
  onContact(listener: (open: boolean) => void): void;
  /** Exit contact made or released. */
  onExitContact(listener: (made: boolean) => void): void;
  onRelease(listener: (released: boolean) => void): void;
}

/** How long a hand stays on the exit lever. */
const LEVER_MS = 400;

export function makeDoor(timers: Timers, timing: DoorTiming = ORDINARY_DOOR): Door {
  let energised = false;
  let fireRelease = false;
  let open = false;
  let freeFromMs = 0;
  const contactListeners: ((open: boolean) => void)[] = [];
  const exitListeners: ((made: boolean) => void)[] = [];
  const releaseListeners: ((released: boolean) => void)[] = [];
  const released = () => energised || fireRelease;

  const setOpen = (next: boolean) => {
    if (next === open) return;
    open = next;
    for (const listener of contactListeners) listener(open);
  };
  const settle = () => {
    const restMs = freeFromMs - timers.now();
    // Somebody else came through meanwhile: the closer starts again when they let go.
    if (restMs > 0) timers.set(restMs, settle);
    else setOpen(false);
  };
  const swing = (holdMs: number) => {
    const letGoMs = timers.now() + timing.openingMs + timing.passingMs + holdMs;
    const wasMoving = freeFromMs > timers.now() || open;
    freeFromMs = Math.max(freeFromMs, letGoMs + timing.closingMs);
    timers.set(timing.openingMs, () => setOpen(true));
    if (!wasMoving) timers.set(freeFromMs - timers.now(), settle);
  };
  const changeRelease = (change: () => void) => {
    const before = released();
    change();
    if (released() !== before) for (const listener of releaseListeners) listener(released());
  };

  return {
    setStrike: (on) =>
      changeRelease(() => {
        energised = on;
      }),
    setFireRelease: (on) =>
      changeRelease(() => {
        fireRelease = on;
      }),
    push(holdMs = 0) {
      if (!released() && !open) return false;
      swing(holdMs);
      return true;
    },
    leave(holdMs = 0) {
      for (const listener of exitListeners) listener(true);
      timers.set(LEVER_MS, () => {
        for (const listener of exitListeners) listener(false);
      });
      swing(holdMs);
    },
    force: (holdMs = 0) => swing(holdMs),
    get open() {
      return open;
    },
    get released() {
      return released();
    },
    onContact: (listener) => void contactListeners.push(listener),
    onExitContact: (listener) => void exitListeners.push(listener),
    onRelease: (listener) => void releaseListeners.push(listener),
  };
}
