import type { FloorPlan, Installation, WireTest } from "@menshen/wire";

/** What is done at a gate, in its order. */
export const STEPS = [
  "doors",
  "plan",
  "devices",
  "wires",
  "box",
  "found",
  "tests",
  "selfTest",
  "grade",
] as const;
export type Step = (typeof STEPS)[number];

/** All wires of doors and readers. */
export function testsOf({ doors, readers }: Installation): readonly WireTest[] {
  return [...doors, ...readers].flatMap(({ tests }) => tests);
}

/** Devices that a gate looks for: what it has on lines and in its own box. */
export function lookedFor({ readers }: Installation) {
  return readers.filter(({ kind }) => kind !== "desk" && kind !== "kiosk");
}

/** Which steps are done, by what is stored and seen; nothing of it is kept by the page. */
export function doneSteps(
  installation: Installation,
  plans: readonly Pick<FloorPlan, "doors">[],
): ReadonlySet<Step> {
  const { doors, readers, wiring, gate, selfTest } = installation;
  const devices = lookedFor(installation);
  const drawn = new Set(plans.flatMap((plan) => plan.doors.map(({ portalId }) => portalId)));
  const placed = new Set([...wiring.readers, ...wiring.plugged].map(({ readerId }) => readerId));
  const wired = new Set(wiring.portals.map(({ portalId }) => portalId));
  const tests = testsOf(installation).filter(({ state }) => state !== "not-wired");
  const is: Readonly<Record<Step, boolean>> = {
    doors: doors.length > 0,
    plan: doors.length > 0 && doors.every(({ portalId }) => drawn.has(portalId)),
    devices: devices.length > 0 && devices.every(({ readerId }) => placed.has(readerId)),
    wires: doors.length > 0 && doors.every(({ portalId }) => wired.has(portalId)),
    box: gate.enrolment === "enrolled" && gate.link === "online",
    found:
      devices.length > 0 &&
      devices.every(
        ({ kind, found, channel }) => found === "yes" && (kind === "pcsc" || channel === "own-key"),
      ),
    tests: tests.length > 0 && tests.every(({ state }) => state === "passed"),
    selfTest: selfTest !== undefined && !selfTest.report.isRunning && selfTest.report.faults.length === 0,
    grade: readers.length > 0 && doors.length > 0 && doors.every(({ grade }) => grade.best !== undefined),
  };
  return new Set(STEPS.filter((step) => is[step]));
}

/** A door opens without it: it is offered in its place, and what comes next does not wait for it. */
const NOT_NEEDED: ReadonlySet<Step> = new Set(["plan"]);

/** The first that is to be done; none when all are. */
export function currentStep(done: ReadonlySet<Step>): Step | undefined {
  return STEPS.find((step) => !done.has(step) && !NOT_NEEDED.has(step));
}
