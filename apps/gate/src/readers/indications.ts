import type { BuzzerControl, LedControl } from "@menshen/osdp";

/** What a person at a reader should see and hear. */
export type Indication =
  /** Nothing is happening; the door is locked. */
  | { readonly kind: "idle" }
  /** The door stands unlocked for everyone. */
  | { readonly kind: "standing-open" }
  /** The gate cannot decide (no rules yet). */
  | { readonly kind: "out-of-service" }
  | { readonly kind: "granted"; readonly forMs: number }
  | { readonly kind: "refused" }
  /** The first of two: the second is awaited. */
  | { readonly kind: "awaiting-second" }
  /** For an installer: this is the one, its lamp's colours, its sound. */
  | { readonly kind: "here" | "lamp-test" | "sound-test" }
  /** The other of PIN and card is awaited, of the same person. */
  | { readonly kind: "awaiting-factor" }
  | { readonly kind: "close-soon" }
  | { readonly kind: "close-now" };

const BLACK = 0;
const RED = 1;
const GREEN = 2;
const AMBER = 3;
const BLUE = 4;
const DEFAULT_TONE = 2;
const SILENT = 1;
const NO_PATTERN = { onTicks: 0, offTicks: 0, onColour: BLACK, offColour: BLACK };

function steady(colour: number): LedControl {
  return {
    reader: 0,
    led: 0,
    temporary: { control: 1, timerTicks: 0, ...NO_PATTERN },
    permanent: { control: 1, onTicks: 1, offTicks: 0, onColour: colour, offColour: colour },
  };
}

function forAWhile(
  colour: number,
  other: number,
  onTicks: number,
  offTicks: number,
  forTicks: number,
): LedControl {
  return {
    reader: 0,
    led: 0,
    temporary: {
      control: 2,
      timerTicks: Math.min(forTicks, 0xffff),
      onTicks,
      offTicks,
      onColour: colour,
      offColour: other,
    },
    permanent: { control: 0, ...NO_PATTERN },
  };
}

function beeps(repeat: number, onTicks: number, offTicks: number): BuzzerControl {
  return { reader: 0, tone: DEFAULT_TONE, onTicks, offTicks, repeat };
}

const QUIET: BuzzerControl = { reader: 0, tone: SILENT, onTicks: 0, offTicks: 0, repeat: 1 };

/**
 * Lamp and sound of an indication. Lasting ones set the lamp's permanent colour, passing ones lie above it for their
 * time; colour never stands alone: granted and refused also differ in sound and in blinking.
 */
export function indicate(indication: Indication): {
  readonly led: LedControl;
  readonly buzzer?: BuzzerControl;
} {
  switch (indication.kind) {
    case "idle":
      return { led: steady(RED), buzzer: QUIET };
    case "standing-open":
      return { led: steady(GREEN), buzzer: QUIET };
    case "out-of-service":
      return { led: steady(AMBER) };
    case "granted":
      return {
        led: forAWhile(GREEN, GREEN, 1, 0, Math.max(1, Math.round(indication.forMs / 100))),
        buzzer: beeps(1, 2, 0),
      };
    case "refused":
      return { led: forAWhile(RED, BLACK, 2, 2, 15), buzzer: beeps(3, 1, 1) };
    case "awaiting-second":
      return { led: forAWhile(AMBER, BLACK, 5, 5, 150), buzzer: beeps(2, 3, 3) };
    case "here":
      return { led: forAWhile(AMBER, BLUE, 3, 3, 100), buzzer: beeps(10, 2, 8) };
    case "lamp-test":
      return { led: forAWhile(GREEN, RED, 5, 5, 60) };
    case "sound-test":
      return { led: forAWhile(AMBER, AMBER, 1, 0, 20), buzzer: beeps(3, 4, 2) };
    case "awaiting-factor":
      return { led: forAWhile(AMBER, GREEN, 3, 3, 300), buzzer: beeps(1, 6, 0) };
    case "close-soon":
      return { led: forAWhile(AMBER, BLACK, 5, 5, 100), buzzer: beeps(10, 1, 9) };
    case "close-now":
      return { led: forAWhile(RED, AMBER, 2, 2, 0xffff), buzzer: beeps(0, 5, 5) };
  }
}
