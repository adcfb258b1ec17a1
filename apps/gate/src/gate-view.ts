import type { GateId } from "@menshen/domain";
import type { StatusReport } from "@menshen/wire";
import type { ClockStart } from "./clock/gate-clock.ts";
import type { Finding } from "./findings.ts";

/** The whole present state of a gate, for its status page and its administration socket. Nothing in it is personal. */
export interface GateView {
  readonly gateId: GateId | undefined;
  readonly softwareVersion: string;
  readonly timeZone: string | undefined;
  readonly clock: {
    readonly earliestMs: number;
    readonly latestMs: number;
    readonly systemMs: number;
    readonly start: ClockStart;
    /** Since the community server last told the time. */
    readonly sinceServerMs: number | undefined;
    readonly injected: boolean;
  };
  readonly snapshot:
    | { readonly version: number; readonly untilMs: number; readonly credentials: number }
    | undefined;
  readonly keyring: { readonly version: number; readonly cards: number } | undefined;
  readonly modesGeneration: number;
  readonly journal: {
    readonly lastSequence: number;
    readonly acknowledged: number;
    /** Entries that are not on the disk yet. */
    readonly waiting: number;
    readonly degraded: boolean;
  };
  readonly link: {
    readonly connected: boolean;
    readonly server: string | undefined;
    readonly certificateUntilMs: number | undefined;
  };
  readonly readers: readonly (StatusReport["readers"][number] & {
    readonly accessPointId: string | undefined;
    readonly how: string;
  })[];
  readonly portals: StatusReport["portals"];
  readonly findings: readonly Finding[];
}
