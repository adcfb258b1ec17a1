import { constantTimeEqual, wipe } from "@menshen/crypto/node";
import { parseLabScbk, type Scbk } from "../secure/scbk.ts";

/** The keys a peripheral may hold: the one in force, and one that was offered by KEYSET and not proved yet. */
export interface KeyRing {
  readonly inForce: Scbk;
  /** What to try in the next handshakes, the offered key first. */
  candidates(): readonly [Scbk, ...Scbk[]];
  /** KEYSET with this key is going out: from now on the peripheral may hold either. */
  offer(key: Scbk): void;
  /** The peripheral said no to the offered key. */
  withdraw(): void;
  /** The peripheral proved this key: it alone is in force. @returns whether it was the offered one */
  proved(key: Scbk): boolean;
  wipe(): void;
}

/** @param offered a key whose KEYSET may have been under way when the process last ended */
export function makeKeyRing(key: Scbk, offered?: Scbk): KeyRing {
  // Copies, because wiping them must not wipe the owner's.
  let inForce = parseLabScbk(key);
  let open = offered === undefined ? undefined : parseLabScbk(offered);
  return {
    get inForce() {
      return inForce;
    },
    candidates: () => (open === undefined ? [inForce] : [open, inForce]),
    offer(next) {
      open = parseLabScbk(next);
    },
    withdraw() {
      forget(open);
      open = undefined;
    },
    proved(proved) {
      const changed = open !== undefined && constantTimeEqual(open, proved);
      forget(changed ? inForce : open);
      if (changed && open !== undefined) inForce = open;
      open = undefined;
      return changed;
    },
    wipe() {
      forget(inForce);
      forget(open);
    },
  };
}

function forget(key: Scbk | undefined): void {
  if (key !== undefined) wipe(key);
}
