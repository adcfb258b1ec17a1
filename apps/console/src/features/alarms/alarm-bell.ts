import type { DangerRank } from "@menshen/domain";

/** One tone of a signal. */
export interface Tone {
  readonly hertz: number;
  readonly startMs: number;
  readonly lengthMs: number;
}

/** How an alarm sounds: told apart by rhythm and pitch, so that nobody has to look to know how bad it is. */
export interface Signal {
  readonly tones: readonly Tone[];
  /** From the beginning of one to the beginning of the next while nobody has answered. */
  readonly everyMs: number;
}

const beep = (hertz: number, startMs: number, lengthMs = 180): Tone => ({ hertz, startMs, lengthMs });

const SIGNALS: Readonly<Record<DangerRank, Signal>> = {
  5: { tones: [beep(520, 0)], everyMs: 60_000 },
  4: { tones: [beep(520, 0), beep(520, 280)], everyMs: 30_000 },
  3: { tones: [beep(660, 0), beep(660, 280), beep(660, 560)], everyMs: 15_000 },
  2: {
    tones: [beep(660, 0, 300), beep(880, 320, 300), beep(660, 640, 300), beep(880, 960, 300)],
    everyMs: 6_000,
  },
  1: {
    tones: [0, 1, 2].flatMap((round) => [
      beep(660, round * 600, 180),
      beep(880, round * 600 + 190, 180),
      beep(1_100, round * 600 + 380, 180),
    ]),
    everyMs: 3_000,
  },
};

/** The signal of a danger; 1 is the gravest. */
export function signalOf(rank: DangerRank): Signal {
  return SIGNALS[rank];
}

/** `waiting`: wanted, but the browser makes no sound before somebody has touched the page. */
export type BellState = "off" | "waiting" | "on";

const RISE_S = 0.015;
const LOUDNESS = 0.4;
const WANTED_KEY = "menshen.alarm-sound";

/**
 * Rings through the browser's own audio, without a file to fetch: it must sound while the server is away. Off until
 * somebody turns it on; the choice is kept in this browser.
 */
export class AlarmBell {
  #context: AudioContext | undefined;
  #wanted = localStorage.getItem(WANTED_KEY) === "on";
  #danger: DangerRank | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: BellState = "off";
  readonly #listeners = new Set<() => void>();

  constructor() {
    if (this.#wanted) this.#open();
    this.#settle();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): BellState => this.#state;

  /** Call from a touch or a key: browsers allow sound then only. Sounds once, so that it was heard. */
  turnOn(): void {
    this.#wanted = true;
    localStorage.setItem(WANTED_KEY, "on");
    this.#open();
    void this.#context?.resume().then(() => {
      this.#settle();
      if (this.#danger === undefined) this.#play(signalOf(4));
      else this.#ring();
    });
  }

  turnOff(): void {
    this.#wanted = false;
    localStorage.setItem(WANTED_KEY, "off");
    clearTimeout(this.#timer);
    void this.#context?.suspend();
    this.#settle();
  }

  /** Rings for the gravest alarm that nobody has answered, or is silent. */
  setDanger(danger: DangerRank | undefined): void {
    if (danger === this.#danger) return;
    this.#danger = danger;
    clearTimeout(this.#timer);
    this.#ring();
  }

  #open(): void {
    if (this.#context !== undefined) return;
    this.#context = new AudioContext();
    this.#context.onstatechange = () => {
      this.#settle();
      clearTimeout(this.#timer);
      this.#ring();
    };
    // A browser that kept the choice still waits for the first touch of the page.
    const resume = () => {
      if (this.#wanted) void this.#context?.resume();
    };
    addEventListener("pointerdown", resume);
    addEventListener("keydown", resume);
  }

  #settle(): void {
    const isRunning = this.#context?.state === "running";
    const state = !this.#wanted ? "off" : isRunning ? "on" : "waiting";
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #ring(): void {
    if (this.#danger === undefined || this.#state !== "on") return;
    const signal = signalOf(this.#danger);
    this.#play(signal);
    this.#timer = setTimeout(() => this.#ring(), signal.everyMs);
  }

  #play({ tones }: Signal): void {
    const context = this.#context;
    if (context === undefined) return;
    for (const { hertz, lengthMs, startMs } of tones) {
      const from = context.currentTime + startMs / 1_000;
      const until = from + lengthMs / 1_000;
      const oscillator = new OscillatorNode(context, { frequency: hertz, type: "triangle" });
      const gain = new GainNode(context, { gain: 0 });
      // Rises and falls softly: a tone cut off clicks.
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(LOUDNESS, from + RISE_S);
      gain.gain.setValueAtTime(LOUDNESS, until - RISE_S);
      gain.gain.linearRampToValueAtTime(0, until);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(until);
    }
  }
}

let bell: AlarmBell | undefined;

/** The one bell of a browser window, whatever page asks. */
export function alarmBell(): AlarmBell {
  bell ??= new AlarmBell();
  return bell;
}
