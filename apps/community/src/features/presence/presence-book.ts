import type { GateId } from "@menshen/domain";
import { AT_DOOR_MS, type PresenceNews, type PresenceReport } from "@menshen/wire";
import type { Clock } from "../../clock.ts";
import type { PresenceSink } from "../../gate-link/index.ts";

export interface HeardReport {
  readonly report: PresenceReport;
  readonly at: number;
}

/** What gates say of where persons are, in this process's memory and nowhere else. */
export interface PresenceBook extends PresenceSink {
  /** The last word of each gate that was heard within ten minutes. */
  readonly reports: () => readonly HeardReport[];
  /** Calls `listener` for each part that a report changed. */
  readonly listen: (listener: (news: PresenceNews) => void) => void;
}

export function makePresenceBook(clock: Clock): PresenceBook {
  const heard = new Map<GateId, HeardReport>();
  const listeners: ((news: PresenceNews) => void)[] = [];

  function forget(): void {
    const now = clock.now();
    for (const [gateId, { at }] of heard) if (now - at >= AT_DOOR_MS) heard.delete(gateId);
  }

  return {
    reported(report) {
      forget();
      const before = heard.get(report.gateId)?.report;
      heard.set(report.gateId, { report, at: clock.now() });
      const tell = (what: PresenceNews["what"], was: unknown, is: unknown) => {
        if (JSON.stringify(was) === JSON.stringify(is)) return;
        for (const listener of listeners) listener({ what });
      };
      tell("counts", before?.areas ?? [], report.areas);
      tell("muster", before?.muster, report.muster);
      tell("at-door", before?.atDoor ?? [], report.atDoor);
    },
    reports() {
      forget();
      return [...heard.values()];
    },
    listen: (listener) => void listeners.push(listener),
  };
}
