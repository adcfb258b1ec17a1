import type { ReaderId } from "@menshen/domain";
import type { ReaderConfig } from "../config.ts";
import type { ReaderKeys } from "../keys/reader-keys.ts";
import type { ReaderBus } from "./osdp-bus.ts";
import type { ReaderStates } from "./reader-state.ts";

/** Gives readers new keys as their old ones age, one at a time, while nobody is at a door. */
export interface Rekeying {
  /** Somebody is at a reader, or a lock is driven. */
  acted(): void;
  /** Called every minute: starts what is due. */
  look(): void;
}

const DAY_MS = 86_400_000;
/** A key that somebody learned from a line or a reader's memory is of use for no longer. */
const REKEY_AFTER_MS = 30 * DAY_MS;
/** A reader that keeps its old key is asked again after this. */
const RETRY_MS = DAY_MS;
/** A channel that changes its key takes no card for some hundred milliseconds. */
const QUIET_MS = 60_000;

export function makeRekeying(options: {
  readonly buses: () => readonly Pick<ReaderBus, "readers" | "rekey">[];
  readonly keys: Pick<ReaderKeys, "ageMs">;
  readonly states: Pick<ReaderStates, "of">;
  /** The gate's time, Unix milliseconds. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  /** The machine's own clock: quiet is what is quiet here. */
  readonly stopwatchMs: () => number;
}): Rekeying {
  const { keys, states, monotonicMs, stopwatchMs } = options;
  const retryMs = new Map<ReaderId, number>();
  let lastActMs = stopwatchMs();
  let isUnderWay = false;

  function isDue({ readerId }: ReaderConfig): boolean {
    const { online, secureChannel } = states.of(readerId);
    const ageMs = keys.ageMs(readerId, options.nowMs());
    if (!online || secureChannel !== "own-key" || ageMs === undefined || ageMs < REKEY_AFTER_MS) return false;
    return monotonicMs() >= (retryMs.get(readerId) ?? 0);
  }

  return {
    acted() {
      lastActMs = stopwatchMs();
    },
    look() {
      if (isUnderWay || stopwatchMs() - lastActMs < QUIET_MS) return;
      for (const bus of options.buses()) {
        const reader = bus.readers.find(isDue);
        if (reader === undefined) continue;
        retryMs.set(reader.readerId, monotonicMs() + RETRY_MS);
        isUnderWay = true;
        void bus.rekey(reader).finally(() => {
          isUnderWay = false;
        });
        return;
      }
    },
  };
}
