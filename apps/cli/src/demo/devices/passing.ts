import { randomBytes, toHex } from "@menshen/crypto/node";
import { systemTimers } from "@menshen/osdp";
import { cardFromProfile, makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import type { HardwareDoor } from "./hardware.ts";

/** What people at a door can touch. */
interface DoorWithReader {
  readonly reader: Pick<HardwareDoor["reader"], "hold" | "type">;
  readonly door: HardwareDoor["door"];
}

/** People at one door, one after the other. */
export interface DoorPeople {
  /**
   * Holds a card to the reader and walks through if the door lets them; false if too many wait there already.
   *
   * @param holdMs keeps the door open that much longer
   */
  present(card: VirtualCard, holdMs: number): boolean;
  /** Keys typed one after the other. */
  type(keys: string): boolean;
  /** Opens from inside. */
  leave(holdMs: number): void;
  /** Keeps the door open for a while, opening it from inside if it is shut. */
  hold(ms: number): void;
  /**
   * Somebody waits until the door is shut and locked and nobody has just left, then breaks it open: at an open or
   * released door force would be no break-in. Others stand back meanwhile; at a door that stays in use the wait ends.
   */
  force(): void;
}

const MAX_WAITING = 6;
/** How long somebody waits for the lock to click before they turn away. */
const PATIENCE_MS = 1_500;
/** From the click to the push. */
const REACTION_MS = 350;
const FORCED_OPEN_MS = 20_000;
/** A gate takes an opening within 10 s of the exit contact for somebody who leaves, and hears of it a moment late. */
const EXIT_FORGOTTEN_MS = 12_000;
/** The line reports the end of a release a moment after the strike has dropped. */
const SETTLED_MS = 1_000;
const LONGEST_LURK_MS = 40_000;
const LOOK_AGAIN_MS = 250;
const ALOOF_MS = 3_000;

export function makeDoorPeople({ reader, door }: DoorWithReader): DoorPeople {
  let waiting = 0;
  let queue = Promise.resolve();
  let released: (() => void)[] = [];
  let lurking = false;
  let usedAtMs = Number.NEGATIVE_INFINITY;
  let leftAtMs = Number.NEGATIVE_INFINITY;
  door.onContact(() => {
    usedAtMs = systemTimers.now();
  });
  door.onExitContact(() => {
    leftAtMs = systemTimers.now();
  });
  door.onRelease((on) => {
    usedAtMs = systemTimers.now();
    if (!on) return;
    for (const tell of released) tell();
  });

  const inTurn = (act: () => Promise<void>): boolean => {
    if (waiting >= MAX_WAITING) return false;
    waiting += 1;
    queue = queue.then(act).finally(() => {
      waiting -= 1;
    });
    return true;
  };
  const click = () =>
    new Promise<boolean>((resolve) => {
      const answer = (clicked: boolean) => {
        cancel();
        released = released.filter((one) => one !== told);
        resolve(clicked);
      };
      const told = () => answer(true);
      const cancel = systemTimers.set(PATIENCE_MS, () => answer(door.released));
      released.push(told);
    });

  const isQuiet = () => {
    const nowMs = systemTimers.now();
    return (
      !door.open && !door.released && nowMs - usedAtMs >= SETTLED_MS && nowMs - leftAtMs >= EXIT_FORGOTTEN_MS
    );
  };
  const breakIn = async () => {
    const untilMs = systemTimers.now() + LONGEST_LURK_MS;
    while (!isQuiet() && systemTimers.now() < untilMs) {
      await new Promise<void>((resolve) => systemTimers.set(LOOK_AGAIN_MS, resolve));
    }
    door.force(FORCED_OPEN_MS);
    // Nobody holds a card to the reader before the leaf has given way.
    await new Promise<void>((resolve) => systemTimers.set(ALOOF_MS, resolve));
    lurking = false;
  };
  const leave = (holdMs: number) => {
    if (lurking) inTurn(async () => door.leave(holdMs));
    else door.leave(holdMs);
  };

  return {
    present: (card, holdMs) =>
      inTurn(async () => {
        const clicked = click();
        await reader.hold(card);
        if (await clicked) systemTimers.set(REACTION_MS, () => door.push(holdMs));
      }),
    type: (keys) =>
      inTurn(async () => {
        const clicked = click();
        reader.type(keys);
        if (await clicked) systemTimers.set(REACTION_MS, () => door.push());
      }),
    leave,
    hold: leave,
    force() {
      if (lurking) return;
      lurking = true;
      queue = queue.then(breakIn);
    },
  };
}

/** A copy as far as it goes: of a card with keys only the number comes over. */
export function copyOf(card: VirtualCard): VirtualCard {
  return makeUidCard(card.uid);
}

/** A card that nobody here enrolled; every other one is a bank card or the like with a chip. */
export function unknownCard(): VirtualCard {
  const [first = 0] = randomBytes(1);
  return first % 2 === 0
    ? makeUidCard(Uint8Array.of(0x5b, ...randomBytes(3)))
    : cardFromProfile({ kind: "desfire", uid: toHex(Uint8Array.of(0x04, ...randomBytes(6))) }).card;
}
