import type { ReaderId } from "@menshen/domain";
import type { StatusReport } from "@menshen/wire";

/** What is known of a reader now, as the status reports it. */
export type ReaderState = Omit<StatusReport["readers"][number], "readerId">;

/** The readers of this gate and how they are. */
export interface ReaderStates {
  of(readerId: ReaderId): ReaderState;
  /** Changes fields; true if anything is different now. */
  change(readerId: ReaderId, fields: Partial<ReaderState>): boolean;
  all(): StatusReport["readers"];
  /**
   * Those of which something is known: a reader is lost only if it was there, or did not come within a minute of the
   * gate's start.
   */
  known(): StatusReport["readers"];
}

/** Lines and secure channels take a while after a start. */
const FIRST_ANSWER_MS = 60_000;

const UNKNOWN: ReaderState = { online: false, secureChannel: "none", tamper: false, powerFault: false };

export function makeReaderStates(
  readerIds: readonly ReaderId[],
  changed: () => void,
  monotonicMs: () => number = () => performance.now(),
): ReaderStates {
  const startedMs = monotonicMs();
  const seen = new Set<ReaderId>();
  const states = new Map<ReaderId, ReaderState>(readerIds.map((readerId) => [readerId, UNKNOWN]));
  const of = (readerId: ReaderId): ReaderState => states.get(readerId) ?? UNKNOWN;
  return {
    of,
    change(readerId, fields) {
      const before = of(readerId);
      const after = { ...before, ...fields };
      states.set(readerId, after);
      if (after.online) seen.add(readerId);
      const isDifferent =
        before.online !== after.online ||
        before.secureChannel !== after.secureChannel ||
        before.tamper !== after.tamper ||
        before.powerFault !== after.powerFault;
      if (isDifferent) changed();
      return isDifferent;
    },
    all: () => [...states].map(([readerId, state]) => ({ readerId, ...state })),
    known() {
      const isSettled = monotonicMs() - startedMs >= FIRST_ANSWER_MS;
      return [...states].flatMap(([readerId, state]) =>
        isSettled || seen.has(readerId) ? [{ readerId, ...state }] : [],
      );
    },
  };
}
