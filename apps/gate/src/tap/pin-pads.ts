import { PIN_DIGITS } from "@menshen/credentials/node";
import type { ReaderId } from "@menshen/domain";
import type { Cancel, ClockSource } from "../clock/clock-source.ts";
import type { Findings } from "../findings.ts";
import { makeTokenBucket, type TokenBucket } from "./token-bucket.ts";

/** The keypads of this gate: keys become PINs, and a keypad at which somebody guesses is not listened to for a while. */
export interface PinPads {
  /** Bytes of osdp_KEYPAD in the order of the keys; a reader may send one at a time or all at once. */
  pressed(readerId: ReaderId, keys: Uint8Array): void;
  stop(): void;
}

export interface PinPadsOptions {
  readonly source: Pick<ClockSource, "schedule" | "monotonicMs">;
  readonly findings: Pick<Findings, "set">;
  /** Decides about a PIN of the right length; resolves to whether it was nobody's. Never rejects. */
  readonly entered: (readerId: ReaderId, digits: string) => Promise<boolean>;
  /** Shows at the reader that an entry came to nothing. */
  readonly refused: (readerId: ReaderId) => void;
}

/** SIA OSDP v2.2, osdp_KEYPAD: what a reader sends for `#` (or enter) and for `*` (or delete). */
const ENTER = 0x0d;
const CLEAR = 0x7f;
/** Old people take their time, and the next person must not go on with somebody's digits. */
const BETWEEN_KEYS_MS = 10_000;
/**
 * Wrong PINs at one reader: so many at once, then one each five minutes. Among 10^8 PINs of which 5,000 are somebody's
 * that is one hit in two months of pressing keys day and night at a door that raises the alarm all the while.
 */
const GUESS_BURST = 6;
const MS_A_GUESS = 300_000;

interface Pad {
  digits: string;
  cancelTimeout: Cancel;
  cancelUnlock: Cancel;
  readonly guesses: TokenBucket;
}

const nothing: Cancel = () => undefined;

export function makePinPads(options: PinPadsOptions): PinPads {
  const { source, findings } = options;
  const pads = new Map<ReaderId, Pad>();

  function padOf(readerId: ReaderId): Pad {
    const known = pads.get(readerId);
    if (known !== undefined) return known;
    const guesses = makeTokenBucket(GUESS_BURST, 1_000 / MS_A_GUESS);
    const made: Pad = { digits: "", cancelTimeout: nothing, cancelUnlock: nothing, guesses };
    pads.set(readerId, made);
    return made;
  }

  function clear(pad: Pad): void {
    pad.cancelTimeout();
    pad.cancelTimeout = nothing;
    pad.digits = "";
  }

  function press(readerId: ReaderId, pad: Pad, key: number): void {
    if (key === CLEAR) clear(pad);
    else if (key === ENTER) enter(readerId, pad);
    else if (key >= 0x30 && key <= 0x39) addDigit(readerId, pad, key);
  }

  function addDigit(readerId: ReaderId, pad: Pad, key: number): void {
    // One digit too many is remembered as too long, a hundred take no more room.
    if (pad.digits.length <= PIN_DIGITS) pad.digits += String.fromCharCode(key);
    pad.cancelTimeout();
    pad.cancelTimeout = source.schedule(source.monotonicMs() + BETWEEN_KEYS_MS, () => {
      clear(pad);
      options.refused(readerId);
    });
  }

  function enter(readerId: ReaderId, pad: Pad): void {
    const { digits } = pad;
    clear(pad);
    if (digits === "") return;
    // What is too short or too long is nobody's PIN and no guess.
    if (digits.length !== PIN_DIGITS || !pad.guesses.take(source.monotonicMs())) {
      options.refused(readerId);
      return;
    }
    // Counted before it is looked up: many entries at once are no way around the limit.
    void options.entered(readerId, digits).then((isNobodys) => {
      if (!isNobodys) pad.guesses.giveBack();
      else if (!pad.guesses.hasMore(source.monotonicMs())) lock(readerId, pad);
    });
  }

  function lock(readerId: ReaderId, pad: Pad): void {
    findings.set("reader-pin-locked", true, readerId);
    pad.cancelUnlock();
    pad.cancelUnlock = source.schedule(source.monotonicMs() + MS_A_GUESS, () => {
      findings.set("reader-pin-locked", false, readerId);
    });
  }

  return {
    pressed(readerId, keys) {
      const pad = padOf(readerId);
      for (const key of keys) press(readerId, pad, key);
    },
    stop() {
      for (const pad of pads.values()) {
        clear(pad);
        pad.cancelUnlock();
      }
    },
  };
}
