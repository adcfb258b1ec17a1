/** One sound after another; never a voice: what is said beside a door is heard by whoever stands there. */
interface Tone {
  readonly frequencyHz: number;
  readonly durationS: number;
}

/** Rising, as a door that gives way. */
const GRANTED: readonly Tone[] = [
  { frequencyHz: 660, durationS: 0.12 },
  { frequencyHz: 990, durationS: 0.22 },
];
/** Low and twice: unlike the other also for whoever hears no pitch. */
const REFUSED: readonly Tone[] = [
  { frequencyHz: 220, durationS: 0.18 },
  { frequencyHz: 0, durationS: 0.08 },
  { frequencyHz: 220, durationS: 0.28 },
];
const GAIN = 0.25;
/** Begins and ends softly: a step in the wave is a click. */
const RAMP_S = 0.015;

/** The loudspeaker beside a door. */
export interface Tones {
  play(granted: boolean): void;
  /** Browsers let a page be heard only after a touch, unless they were started to allow it. */
  unlock(): void;
  close(): void;
}

/** @param onMuted called with whether the browser still waits for a touch */
export function makeTones(onMuted: (isMuted: boolean) => void): Tones {
  const context = new AudioContext();
  const report = () => onMuted(context.state === "suspended");
  context.addEventListener("statechange", report);
  report();
  return {
    play(granted) {
      if (context.state !== "running") return;
      let atS = context.currentTime;
      for (const { frequencyHz, durationS } of granted ? GRANTED : REFUSED) {
        if (frequencyHz > 0) sound(context, frequencyHz, atS, durationS);
        atS += durationS;
      }
    },
    unlock() {
      if (context.state === "suspended") void context.resume();
    },
    close() {
      context.removeEventListener("statechange", report);
      void context.close();
    },
  };
}

function sound(context: AudioContext, frequencyHz: number, atS: number, durationS: number): void {
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequencyHz;
  gain.gain.setValueAtTime(0, atS);
  gain.gain.linearRampToValueAtTime(GAIN, atS + RAMP_S);
  gain.gain.setValueAtTime(GAIN, atS + durationS - RAMP_S);
  gain.gain.linearRampToValueAtTime(0, atS + durationS);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(atS);
  oscillator.stop(atS + durationS);
}
