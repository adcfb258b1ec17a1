/** Stops a scheduled call; harmless after it ran. */
export type Cancel = () => void;

/**
 * The raw clocks of the machine, as the gate perceives them. Everything about doors, decisions and certificates takes
 * its time from here; only protocol timeouts (bus, TLS, disk) run on the machine's own timers.
 */
export interface ClockSource {
  /** The system's wall clock, Unix milliseconds; may step at any time. */
  wallMs(): number;
  /** Milliseconds on a clock that never steps and never runs backwards during one `bootId`. */
  monotonicMs(): number;
  /** Names the run of the monotonic clock: readings of different boots cannot be compared. */
  readonly bootId: string;
  /** True if the wall clock goes on while the machine is off. */
  readonly wallSurvivesPowerOff: boolean;
  /** Calls `run` once when the monotonic clock has reached `atMonotonicMs`. */
  schedule(atMonotonicMs: number, run: () => void): Cancel;
}
