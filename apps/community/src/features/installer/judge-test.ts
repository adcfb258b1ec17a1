import type {
  CommandState,
  PortalEvent,
  ReaderEvent,
  TestWire,
  WireObservation,
  WireState,
} from "@menshen/wire";

/** Somebody who walked away does not come back to a test that is still on. */
export const TEST_LIFE_MS = 5 * 60_000;

/** What the gate's journal says of its doors and readers since a test began, in its order. */
export interface Sighting {
  readonly subjectId: string;
  readonly event: PortalEvent | ReaderEvent;
}

/** What is known of a test. */
export interface TestSoFar {
  readonly wire: TestWire;
  readonly subjectId: string;
  readonly startedAt: number;
  readonly command: {
    readonly state: CommandState;
    readonly wireState: WireState | undefined;
    readonly opened: boolean | undefined;
  };
  /** What a person said. */
  readonly seen: boolean | undefined;
  /** Of all doors and readers of the gate. */
  readonly sightings: readonly Sighting[];
}

export interface Judged {
  readonly state: "under-way" | "ask" | "passed" | "failed";
  readonly observed: readonly WireObservation[];
  /** Other doors or readers of the gate where it was seen instead. */
  readonly elsewhere: readonly string[];
}

/** By which events of a journal the same wire of another door shows. */
const SHOWS: Readonly<Record<TestWire, readonly Sighting["event"][]>> = {
  led: [],
  sound: [],
  lock: [],
  contact: ["opened", "forced"],
  exit: ["exit-request"],
  tamper: ["tamper-on"],
};

/** What a test shows so far; a person's no, or too long a time, ends it as failed. */
export function judgeTest(test: TestSoFar, now: number): Judged {
  const judged = judge(test);
  if (judged.state === "passed" || judged.state === "failed") return judged;
  if (test.seen === false)
    return { ...judged, state: "failed", observed: [...judged.observed, "person-not"] };
  return now - test.startedAt > TEST_LIFE_MS ? { ...judged, state: "failed" } : judged;
}

function judge(test: TestSoFar): Judged {
  const { command, seen } = test;
  const none: readonly string[] = [];
  switch (command.state) {
    case "waiting":
    case "sent":
      return { state: "under-way", observed: [], elsewhere: none };
    case "no-effect":
      return { state: "failed", observed: ["stuck"], elsewhere: none };
    case "refused":
    case "late":
    case "interrupted":
    case "unanswered":
      return { state: "failed", observed: ["not-done"], elsewhere: none };
    case "done":
      break;
  }
  switch (command.wireState) {
    case undefined:
      return { state: "under-way", observed: [], elsewhere: none };
    case "told":
      return toConfirm("answered");
    case "followed":
      // A relay that switches moves no bolt if the cable behind it is cut.
      return command.opened === true
        ? { state: "passed", observed: ["followed", "opened"], elsewhere: none }
        : toConfirm("followed");
    case "stuck":
      return { state: "failed", observed: ["stuck"], elsewhere: none };
    case "seen":
      return { state: "passed", observed: ["seen"], elsewhere: none };
    case "wrong-way":
      return { state: "failed", observed: ["wrong-way"], elsewhere: none };
    case "watching":
    case "not-seen": {
      const elsewhere = seenElsewhere(test);
      const observed: readonly WireObservation[] = [
        command.wireState,
        ...(elsewhere.length > 0 ? (["elsewhere"] as const) : []),
      ];
      return { state: command.wireState === "not-seen" ? "failed" : "under-way", observed, elsewhere };
    }
  }

  function toConfirm(first: WireObservation): Judged {
    return seen === true
      ? { state: "passed", observed: [first, "person"], elsewhere: none }
      : { state: "ask", observed: [first], elsewhere: none };
  }
}

function seenElsewhere({ wire, subjectId, sightings }: TestSoFar): readonly string[] {
  const others = sightings.filter((seen) => seen.subjectId !== subjectId && SHOWS[wire].includes(seen.event));
  return [...new Set(others.map((sighting) => sighting.subjectId))];
}
