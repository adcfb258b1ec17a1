import {
  type Case,
  type DayOver,
  makeDetector,
  type OnceRuleId,
  parseDoors,
  type Settings,
} from "@menshen/detection";
import type { CityCommunity, CityEvent } from "@menshen/virtual-devices";

/** A case with the card that it is about, as only the judge of the engine knows it. */
export interface FoundCase {
  readonly card: number;
  readonly at: number;
  /** When the event came in that let the engine say so. */
  readonly toldAt: number;
  readonly step: Case["step"];
  readonly probability: number;
  readonly case: string;
  /** Told at once, before what may come late was waited for. */
  readonly isEarly: boolean;
}

export interface RunOptions {
  readonly settings?: Partial<Settings>;
  readonly onDay?: (card: number, day: DayOver) => void;
  readonly onOnce?: (rule: OnceRuleId, card: number, at: number) => void;
}

/**
 * Shows the engine what gates would: events in the order of arrival under the epoch's pseudonyms, and, of cards under
 * watch when an epoch ends, that gates carried the watch over (docs/decisions/0017).
 */
export function runCommunity(community: CityCommunity, options: RunOptions = {}): FoundCase[] {
  const { truth, events } = community;
  const parsed = parseDoors(community.doors);
  if (!parsed.ok) throw new Error(`the doors of ${community.seed}: ${JSON.stringify(parsed.faults)}`);
  const cardOf = new Map(
    truth.pseudonyms.flatMap((names) => names.map((name, card) => [name, card] as const)),
  );
  const epochOf = new Map(
    truth.pseudonyms.flatMap((names, epoch) => names.map((name) => [name, epoch] as const)),
  );
  const watchedIn = new Map<number, Set<number>>();
  const found: FoundCase[] = [];
  let now = 0;
  const detector = makeDetector({
    doors: parsed.doors,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    onCase: (one) => note(one, false),
    onEarly: (one) => note(one, true),
    onDay: (day) => options.onDay?.(cardOf.get(day.credential) ?? -1, day),
    onOnce: (rule, credential, at) => options.onOnce?.(rule, cardOf.get(credential) ?? -1, at),
  });
  const reports = community.reports.toSorted((a, b) => a.at - b.at);
  for (const event of events) {
    now = event.receivedAt;
    while (reports[0] !== undefined && reports[0].at <= now) {
      detector.take(reports[0]);
      reports.shift();
    }
    detector.take(withWatch(event));
  }
  detector.finish();
  return found;

  function note(one: Case, isEarly: boolean): void {
    const card = cardOf.get(one.credential) ?? -1;
    const { at, step, probability } = one;
    found.push({ card, at, toldAt: now, step, probability, case: one.case, isEarly });
    const epoch = epochOf.get(one.credential) ?? 0;
    const watched = watchedIn.get(epoch) ?? new Set();
    watchedIn.set(epoch, watched.add(card));
  }

  function withWatch(event: CityEvent): CityEvent & { readonly watched?: true } {
    const epoch = epochOf.get(event.credential) ?? 0;
    const before = watchedIn.get(epoch - 1);
    return before?.has(cardOf.get(event.credential) ?? -1) === true ? { ...event, watched: true } : event;
  }
}
