/** How somebody's days go. */
export const HABITS = [
  "office",
  "shift",
  "pupil",
  "retired",
  "home",
  "helper",
  "cleaner",
  "guard",
  "manager",
] as const;
export type Habit = (typeof HABITS)[number];

/** A person with habits. All keys are the caller's own (identifiers, or anything unique). */
export interface Inhabitant {
  readonly key: string;
  readonly habit: Habit;
  /** People of one household go out together now and then. */
  readonly household?: string;
  /** Building they live in; staff have none. */
  readonly building?: string;
  /** The cards they carry, the usual one first. */
  readonly cards: readonly string[];
  /** They know a number for the keypads. */
  readonly knowsPin: boolean;
  /** They come and go by car. */
  readonly drives: boolean;
}

/** A door as people see it; `entrance` is the reader outside it. */
export interface WorldDoor {
  readonly key: string;
  readonly entrance: string;
  readonly kind: "perimeter" | "garage" | "building" | "staff";
  /** For a building's own door. */
  readonly building?: string;
}

export interface World {
  readonly inhabitants: readonly Inhabitant[];
  readonly doors: readonly WorldDoor[];
  /** Cards made of a bare number, which can be copied; keys as in `cards`. */
  readonly copyableCards: readonly string[];
}

/** One thing that somebody does at a door, at a minute of the simulated day (0 ≤ minute < 1440, with fractions). */
export type Happening = { readonly minute: number; readonly door: string } & (
  | {
      /** Presents a card at the entrance and walks through if it opens. */
      readonly kind: "card";
      readonly person: string;
      readonly card: string;
      /** Keeps the door open that much longer than passing takes. */
      readonly holdMs: number;
      /** Household members who walk through behind, without a card of their own. */
      readonly companions: number;
    }
  | { readonly kind: "pin"; readonly person: string; readonly holdMs: number }
  /** Opens from inside and leaves. */
  | { readonly kind: "leave"; readonly holdMs: number }
  /** A card that nobody enrolled: a bank card, another community's card, a courier's. */
  | { readonly kind: "stray-card"; readonly seed: string }
  /** Somebody else tries a card that was lost. */
  | { readonly kind: "found-card"; readonly card: string }
  /** A copy of a card whose owner is elsewhere. */
  | { readonly kind: "copied-card"; readonly card: string }
);

/** Happenings in which something is shown to a reader; the pace counts these. */
export function isPresentation(happening: Happening): boolean {
  return happening.kind !== "leave";
}
