import type { ReaderId } from "@menshen/domain";
import { KIOSK_CALL_S, type KioskCall } from "@menshen/wire";
import type { Journal } from "../store/journal.ts";
import { makeTokenBucket, type TokenBucket } from "../tap/token-bucket.ts";

/** So many calls at once at one screen, then one in so long: each new one rings for a guard. */
const BURST = 3;
const CALL_EVERY_S = 60;
const WAITS_MS = KIOSK_CALL_S * 1_000;
/** How long the screen goes on saying that a guard knows, or that nobody answered. */
const HEARD_FOR_MS = 60_000;
const UNANSWERED_FOR_MS = 180_000;

/** The call buttons of this gate's screens. What a screen says of a call is what this gate knows, no more. */
export interface CallButtons {
  /** Resolves when the call is in the journal, or waits for it; `undefined` for too many calls. */
  press(readerId: ReaderId): Promise<KioskCall | undefined>;
  /** How far the call at a screen came; undefined where nobody called lately. */
  callOf(readerId: ReaderId): KioskCall | undefined;
  /** A guard took it; false if nobody called there lately. */
  heard(readerId: string): boolean;
}

interface Call {
  readonly sinceMs: number;
  /** Of its entry; undefined while a slow disk has not taken it. */
  sequence: number | undefined;
  heardMs: number | undefined;
}

/** Calls are forgotten at a restart: the alarm stands, the screen asks anew. */
export function makeCallButtons(options: {
  readonly journal: Pick<Journal, "append" | "acknowledged">;
  readonly monotonicMs: () => number;
}): CallButtons {
  const { journal, monotonicMs } = options;
  const calls = new Map<string, Call>();
  const buckets = new Map<ReaderId, TokenBucket>();

  function lately(readerId: string): Call | undefined {
    const call = calls.get(readerId);
    if (call === undefined) return undefined;
    const nowMs = monotonicMs();
    const isOver =
      call.heardMs === undefined
        ? nowMs >= call.sinceMs + WAITS_MS + UNANSWERED_FOR_MS
        : nowMs >= call.heardMs + HEARD_FOR_MS;
    return isOver ? undefined : call;
  }

  function stepOf({ sinceMs, sequence, heardMs }: Call): KioskCall {
    if (heardMs !== undefined) return { step: "heard" };
    if (monotonicMs() >= sinceMs + WAITS_MS) return { step: "unanswered" };
    // The server has stored it, so it rings where guards look.
    const hasArrived = sequence !== undefined && journal.acknowledged() >= sequence;
    return { step: hasArrived ? "arrived" : "sending" };
  }

  return {
    async press(readerId) {
      const nowMs = monotonicMs();
      const before = lately(readerId);
      if (before !== undefined && before.heardMs === undefined && nowMs < before.sinceMs + WAITS_MS) {
        return stepOf(before);
      }
      const bucket = buckets.get(readerId) ?? makeTokenBucket(BURST, 1 / CALL_EVERY_S);
      buckets.set(readerId, bucket);
      if (!bucket.take(nowMs)) return undefined;
      const call: Call = { sinceMs: nowMs, sequence: undefined, heardMs: undefined };
      calls.set(readerId, call);
      const outcome = await journal.append({ kind: "reader", body: { readerId, event: "call" } });
      if (outcome.stored) call.sequence = outcome.sequence;
      return stepOf(call);
    },
    callOf(readerId) {
      const call = lately(readerId);
      return call && stepOf(call);
    },
    heard(readerId) {
      const call = lately(readerId);
      if (call === undefined) return false;
      call.heardMs = monotonicMs();
      return true;
    },
  };
}
