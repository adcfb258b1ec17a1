import { existsSync, readFileSync } from "node:fs";
import type { ClockSource } from "./clock-source.ts";

/** `setTimeout` takes at most a signed 32-bit number of milliseconds. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * The machine's own clocks. The monotonic clock counts from boot, so that a restarted process goes on where the
 * killed one stopped.
 *
 * @param realTimeClock whether a battery-backed clock exists; by default found from `/sys/class/rtc`.
 */
export function systemClockSource(realTimeClock = existsSync("/sys/class/rtc/rtc0")): ClockSource {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
    bootId: readBootId(),
    wallSurvivesPowerOff: realTimeClock,
    schedule(atMonotonicMs, run) {
      let timer: NodeJS.Timeout | undefined;
      const arm = (): void => {
        const waitMs = atMonotonicMs - Number(process.hrtime.bigint() / 1_000n) / 1_000;
        if (waitMs > MAX_TIMER_MS) timer = setTimeout(arm, MAX_TIMER_MS);
        else timer = setTimeout(run, Math.max(0, Math.ceil(waitMs)));
      };
      arm();
      return () => clearTimeout(timer);
    },
  };
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Without the kernel's boot id every start counts as a boot: less certainty about the time, never a wrong one.
    return `process-${process.pid}-${Date.now()}`;
  }
}
