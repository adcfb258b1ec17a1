/** Lets a burst through and then a steady rate; counts what it holds back. */
export interface TokenBucket {
  /** True if this one may pass. */
  take(nowMs: number): boolean;
  /** Whether the next one might pass; takes nothing. */
  hasMore(nowMs: number): boolean;
  /** The last one that passed was none to count. */
  giveBack(): void;
  /** How many were held back since the last that passed. */
  heldBack(): number;
}

export function makeTokenBucket(burst: number, perSecond: number): TokenBucket {
  let tokens = burst;
  let lastMs: number | undefined;
  let held = 0;

  function fill(nowMs: number): void {
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - (lastMs ?? nowMs)) * perSecond) / 1_000);
    lastMs = nowMs;
  }

  return {
    take(nowMs) {
      fill(nowMs);
      if (tokens < 1) {
        held += 1;
        return false;
      }
      tokens -= 1;
      held = 0;
      return true;
    },
    hasMore(nowMs) {
      fill(nowMs);
      return tokens >= 1;
    },
    giveBack() {
      tokens = Math.min(burst, tokens + 1);
    },
    heldBack: () => held,
  };
}
