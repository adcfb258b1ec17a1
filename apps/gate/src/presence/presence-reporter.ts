import type { GateId, Holder } from "@menshen/domain";
import { MAX_MUSTER_LINES, type PresenceReport, presenceReport } from "@menshen/wire";
import type { Whose } from "../held/card-keys.ts";
import type { AtDoor } from "./at-door.ts";
import type { PresenceRoom } from "./presence-room.ts";

/** Tells the server where persons are while it listens; what it does not hear is not kept for it. */
export interface PresenceReporter {
  connected(send: (report: Uint8Array) => void): void;
  disconnected(): void;
  /** A count, or who is at a door, may be another: told within a second. */
  changed(): void;
  /** Doors changed: told at once if a fire input is another than it was. */
  review(): void;
}

export interface PresenceReporterOptions {
  readonly gateId: GateId;
  readonly room: Pick<PresenceRoom, "counts" | "muster">;
  readonly atDoor: Pick<AtDoor, "list">;
  /** Home and role of a person of the keyring. */
  readonly whoseIs: (holder: Holder) => Whose | undefined;
  /** A fire input of this gate is on. */
  readonly isFireOn: () => boolean;
  /** The machine's own timers, and how a test brings its own. */
  readonly after?: (ms: number, run: () => void) => () => void;
}

const SOON_MS = 1_000;
const AGAIN_MS = 20_000;

export function makePresenceReporter(options: PresenceReporterOptions): PresenceReporter {
  const after = options.after ?? byTimer;
  let send: ((report: Uint8Array) => void) | undefined;
  let cancel: () => void = () => undefined;
  let isSoon = false;
  let wasFireOn = false;

  function tell(): void {
    cancel();
    isSoon = false;
    if (send === undefined) return;
    send(presenceReport.encode(reportOf(options)));
    cancel = after(AGAIN_MS, tell);
  }

  return {
    connected(next) {
      send = next;
      wasFireOn = options.isFireOn();
      tell();
    },
    disconnected() {
      send = undefined;
      cancel();
      isSoon = false;
    },
    changed() {
      if (send === undefined || isSoon) return;
      isSoon = true;
      cancel();
      cancel = after(SOON_MS, tell);
    },
    review() {
      const isFireOn = options.isFireOn();
      if (isFireOn === wasFireOn) return;
      wasFireOn = isFireOn;
      tell();
    },
  };
}

function byTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
}

function reportOf(options: PresenceReporterOptions): PresenceReport {
  return {
    version: 1,
    gateId: options.gateId,
    areas: [...options.room.counts()],
    ...(options.isFireOn() ? { muster: musterOf(options) } : {}),
    atDoor: [...options.atDoor.list()],
  };
}

/** Persons by area, home and role: nobody's number, and no two lines of one home and role. */
function musterOf({ room, whoseIs }: PresenceReporterOptions): NonNullable<PresenceReport["muster"]> {
  const lines = new Map<string, NonNullable<PresenceReport["muster"]>[number]>();
  const add = (line: NonNullable<PresenceReport["muster"]>[number]) => {
    if (line.persons === 0) return;
    const key = [line.areaId, line.dwellingId, line.role].join();
    lines.set(key, { ...line, persons: line.persons + (lines.get(key)?.persons ?? 0) });
  };
  for (const { areaId, holders, unnamed } of room.muster()) {
    for (const holder of holders) add({ areaId, ...whoseIs(holder), persons: 1 });
    add({ areaId, persons: unnamed });
  }
  return [...lines.values()].slice(0, MAX_MUSTER_LINES);
}
