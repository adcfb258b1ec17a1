import type { AccessPointId, DoorState, Instant, ReaderId, ScheduleId, TimeInterval } from "@menshen/domain";
import { isFloorFree, nextFloorChange, type Snapshot } from "@menshen/policy";
import type { LiftUnit } from "../config.ts";
import type { DriveLock, LockCommand } from "./door-machine.ts";

/** A floor of a lift: what access rules name it by, and the relay that frees its button. */
export interface LiftFloor {
  readonly accessPointId: AccessPointId;
  /** Counted through the lift's units. */
  readonly output: number;
  /** Anybody may go there while it holds. */
  readonly scheduleId?: ScheduleId;
}

export interface FloorCommand {
  readonly command: LockCommand;
  /** Of the unit. */
  readonly output: number;
}

export interface LiftOptions {
  readonly units: readonly LiftUnit[];
  readonly floors: () => readonly LiftFloor[];
  readonly snapshot: () => Snapshot | undefined;
  readonly now: () => TimeInterval;
  /** Whether a unit took all of it; undefined while it was not seen since the start. Never rejects. */
  readonly drive: (readerId: ReaderId, commands: readonly FloorCommand[]) => Promise<boolean | undefined>;
  /** A relay failed, or is on no unit; or no longer. */
  readonly found: (
    code: "lift-floor-failed" | "lift-floor-unknown",
    isPresent: boolean,
    floor: AccessPointId,
  ) => void;
}

/** The relays of a lift. What is free at hours stays free, whatever else is freed or secured. */
export interface Lift {
  /** Frees these outputs, or all, or secures what is not free at hours. One relay that fails keeps no other from its floor. */
  readonly drive: DriveLock;
  /** Schedules, rules or modes may say otherwise now: frees what is free at hours, and secures what no longer is. */
  review(doorState: DoorState): void;
  /** When a schedule of a floor may change next. */
  nextChange(after: Instant): readonly Instant[];
}

export function makeLift(options: LiftOptions): Lift {
  /** Free at hours, as the relays were told last. */
  let free: ReadonlySet<number> = new Set();
  let isStanding = false;
  let known: readonly LiftFloor[] = [];

  function placeOf(output: number): { readonly readerId: ReaderId; readonly output: number } | undefined {
    let first = 0;
    for (const { readerId, outputs } of options.units) {
      if (output < first + outputs) return { readerId, output: output - first };
      first += outputs;
    }
    return undefined;
  }

  /** What was known under a rule that is gone has no fault any more. */
  function noteFloors(floors: readonly LiftFloor[]): void {
    for (const { accessPointId } of known) {
      if (floors.some((floor) => floor.accessPointId === accessPointId)) continue;
      options.found("lift-floor-failed", false, accessPointId);
      options.found("lift-floor-unknown", false, accessPointId);
    }
    known = floors;
  }

  async function send(
    wanted: readonly { readonly floor: LiftFloor; readonly command: LockCommand }[],
  ): Promise<boolean | undefined> {
    const placed = wanted.flatMap(({ floor, command }) => {
      const place = placeOf(floor.output);
      options.found("lift-floor-unknown", place === undefined, floor.accessPointId);
      return place === undefined ? [] : [{ floor, command, ...place }];
    });
    const answers = await Promise.all(
      [...Map.groupBy(placed, ({ readerId }) => readerId)].map(async ([readerId, commands]) => {
        const taken = await options.drive(readerId, commands);
        if (taken === undefined) return undefined;
        if (taken) {
          for (const { floor } of commands) options.found("lift-floor-failed", false, floor.accessPointId);
          return true;
        }
        return oneByOne(readerId, commands);
      }),
    );
    if (answers.some((taken) => taken === true)) return true;
    return answers.some((taken) => taken === false) ? false : undefined;
  }

  /** A unit refuses all of a command for one output that it lacks: whose it is shows only one at a time. */
  async function oneByOne(
    readerId: ReaderId,
    commands: readonly (FloorCommand & { readonly floor: LiftFloor })[],
  ): Promise<boolean> {
    let isAnyTaken = false;
    for (const one of commands) {
      const taken = (await options.drive(readerId, [one])) === true;
      options.found("lift-floor-failed", !taken, one.floor.accessPointId);
      isAnyTaken ||= taken;
    }
    return isAnyTaken;
  }

  const resting = (floor: LiftFloor): LockCommand =>
    isStanding || free.has(floor.output) ? { kind: "release" } : { kind: "secure" };

  return {
    drive(command, only) {
      const floors = options.floors();
      noteFloors(floors);
      if (command.kind === "release") isStanding = true;
      if (command.kind === "secure") isStanding = false;
      if (command.kind !== "release-for") {
        return send(floors.map((floor) => ({ floor, command: resting(floor) })));
      }
      // What stands free must not end with somebody's time.
      const freed = floors.filter(
        ({ output }) => (only === undefined || only.includes(output)) && !isStanding && !free.has(output),
      );
      return freed.length === 0 ? Promise.resolve(true) : send(freed.map((floor) => ({ floor, command })));
    },
    review(doorState) {
      const floors = options.floors();
      noteFloors(floors);
      // Nothing is freed or secured against the lift's own fire recall.
      if (doorState.fireRelease) return;
      const now = options.now();
      const next = new Set(
        floors
          .filter(({ scheduleId }) => isFloorFree(options.snapshot(), scheduleId, doorState, now))
          .map(({ output }) => output),
      );
      const changed = floors.filter(({ output }) => next.has(output) !== free.has(output));
      free = next;
      if (changed.length > 0 && !isStanding) {
        void send(changed.map((floor) => ({ floor, command: resting(floor) })));
      }
    },
    nextChange(after) {
      const snapshot = options.snapshot();
      if (snapshot === undefined) return [];
      return options.floors().flatMap(({ scheduleId }) => {
        const at = scheduleId === undefined ? undefined : nextFloorChange(snapshot, scheduleId, after);
        return at === undefined ? [] : [at];
      });
    },
  };
}
