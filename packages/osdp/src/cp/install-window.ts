import type { BusEvent } from "./bus-event.ts";

/** The time in which a peripheral may be taken over through SCBK-D; opened by an operator, reported both ways. */
export interface InstallWindow {
  open(durationMs: number, nowMs: number): void;
  isOpen(nowMs: number): boolean;
  /** Closes it when its time is up; call often. */
  expire(nowMs: number): void;
  /** Closes it because a key was handed over, or because the operator wants it. */
  close(cause: "used" | "operator"): void;
  /** When it closes by itself; Infinity while closed. */
  readonly endsMs: number;
}

export function makeInstallWindow(address: number, emit: (event: BusEvent) => void): InstallWindow {
  let endsMs = 0;
  let durationMs = 0;

  function end(cause: "operator" | "used" | "expired"): void {
    if (durationMs === 0) return;
    emit({ kind: "install-window", address, state: "closed", cause, durationMs });
    durationMs = 0;
  }

  return {
    open(forMs, nowMs) {
      durationMs = forMs;
      endsMs = nowMs + forMs;
      emit({ kind: "install-window", address, state: "opened", cause: "operator", durationMs });
    },
    isOpen: (nowMs) => durationMs > 0 && nowMs < endsMs,
    expire(nowMs) {
      if (durationMs > 0 && nowMs >= endsMs) end("expired");
    },
    close: end,
    get endsMs() {
      return durationMs > 0 ? endsMs : Number.POSITIVE_INFINITY;
    },
  };
}
