import { randomBytes, toHex } from "@menshen/crypto/node";
import { systemTimers } from "@menshen/osdp";
import { cardFromProfile, makeUidCard, type VirtualCard } from "@menshen/virtual-devices";
import type { HardwareDoor } from "./hardware.ts";

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
  force(): void;
}

const MAX_WAITING = 6;
/** How long somebody waits for the lock to click before they turn away. */
const PATIENCE_MS = 1_500;
/** From the click to the push. */
const REACTION_MS = 350;
const FORCED_OPEN_MS = 20_000;

export function makeDoorPeople({ reader, door }: HardwareDoor): DoorPeople {
  let waiting = 0;
  let queue = Promise.resolve();
  let released: (() => void)[] = [];
  door.onRelease((on) => {
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
    leave: (holdMs) => door.leave(holdMs),
    hold: (ms) => door.leave(ms),
    force: () => door.force(FORCED_OPEN_MS),
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
